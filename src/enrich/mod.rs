//! ENRICH: articles get their people, places, dates, quantities, quotes and the rest; one annotator a file.
//!
//! An annotator has one `find`, a pure function of the article and the lexicons. [`Enricher::annotate`] calls them in
//! an order in which each can use what the ones before it found, and fills [`Mentions`] in a single literal.

pub mod anchor;
pub mod dates;
pub mod entities;
pub mod fingerprint;
pub mod glyphs;
pub mod keywords;
pub mod language;
pub mod marks;
pub mod numerals;
pub mod quality;
pub mod quantities;
pub mod quotes;
pub mod statements;
pub mod statements_english;
pub mod subjects;
pub mod summary;
#[cfg(test)]
pub mod testing;

use std::sync::Arc;

use crate::config::EnrichConfig;
use crate::lexicon::Lexicon;
use crate::record::article::{Article, Segmented};
use crate::record::mention::{Enriched, Mentions};
use crate::record::text::CleanText;

/// The ENRICH stage: built once, shared by all workers. It always answers.
#[derive(Debug)]
pub struct Enricher {
    config: EnrichConfig,
    lexicon: Arc<Lexicon>,
}

/// One article as the annotators see it: its own text from byte 0, and what stands around it.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub text: &'a str,
    pub article: &'a Article,
    pub clean: &'a CleanText,
    pub lexicon: &'a Lexicon,
    pub config: &'a EnrichConfig,
    /// BCP 47.
    pub language: &'a str,
}

impl Enricher {
    /// Builds the stage.
    pub fn new(config: &EnrichConfig, lexicon: Arc<Lexicon>) -> Enricher {
        Enricher { config: config.clone(), lexicon }
    }

    /// Annotates every article.
    pub fn enrich(&self, segmented: Segmented) -> Enriched {
        let mentions = segmented.articles.iter().map(|article| self.annotate(&segmented, article)).collect();
        Enriched { segmented, mentions }
    }

    fn annotate(&self, segmented: &Segmented, article: &Article) -> Mentions {
        let text = segmented.text(article);
        let language = language::find(text, &self.lexicon.scripts);
        let view = View {
            text,
            article,
            clean: &segmented.clean,
            lexicon: &self.lexicon,
            config: &self.config,
            language: &language,
        };
        let mut remarks = segmented.remarks.fresh();
        let mut warnings = Vec::new();
        let anchor = anchor::find(&view, &mut warnings, &mut remarks);
        let dates = dates::find(&view, &anchor, &mut remarks);
        let quantities = quantities::find(&view, &dates, &mut remarks);
        let named = entities::find(&view, &dates, &quantities, &mut remarks);
        let pairs = marks::pairs(text, article);
        let said = statements::find(&view, &named, &pairs, &mut remarks);
        let quotes = quotes::find(&view, &named, &pairs, &said);
        let keywords = keywords::find(&view, &named);
        let (title, summary) = summary::find(&view, &dates, &keywords);
        Mentions {
            created: anchor.created,
            title,
            located: named.located,
            summary,
            keywords,
            ents: named.ents,
            people: named.people,
            organisations: named.organisations,
            places: named.places,
            events: named.events,
            dates,
            quantities,
            quotes,
            statements: said.iter().map(|s| s.statement(text)).collect(),
            subjects: subjects::find(&view),
            quality: quality::find(&view),
            fingerprint: fingerprint::find(&view),
            warnings,
            remarks,
            language,
        }
    }
}
