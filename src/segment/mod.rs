//! SEGMENT: clean paragraphs become articles with headline, dateline, credits, sentences and words.
//!
//! In their order: [`pieces`] takes apart what stands in one paragraph but is two, [`blocks`] looks at each paragraph
//! by itself, [`cut`] weighs where articles begin, [`article`] puts each together, with its [`sentences`] and
//! [`words`].

pub mod article;
pub mod blocks;
pub mod byline;
pub mod cohesion;
pub mod cut;
pub mod dateline;
pub mod jump;
pub mod names;
pub mod pieces;
pub mod scan;
pub mod sentences;
pub mod weights;
pub mod words;

use std::sync::Arc;

use crate::config::SegmentConfig;
use crate::lexicon::Lexicon;
use crate::lexicon::table::TableError;
use crate::record::article::Segmented;
use crate::record::span::Span;
use crate::record::text::CleanText;
use crate::segment::cut::Weights;

/// The SEGMENT stage: built once, shared by all workers. It always answers.
#[derive(Debug)]
pub struct Segmenter {
    lexicon: Arc<Lexicon>,
    weights: Weights,
    words: bool,
}

impl Segmenter {
    /// Builds the stage.
    ///
    /// # Errors
    /// The file of weights that the settings name cannot be read or has a wrong line.
    pub fn new(config: &SegmentConfig, lexicon: Arc<Lexicon>) -> Result<Segmenter, TableError> {
        Ok(Segmenter { lexicon, weights: weights::load(&config.weights)?, words: false })
    }

    /// Also cuts each article into words, which only tokens in the output need.
    pub fn with_words(self, words: bool) -> Segmenter {
        Segmenter { words, ..self }
    }

    /// Cuts a clean text into articles.
    pub fn segment(&self, clean: CleanText) -> Segmented {
        let press = &self.lexicon.press;
        let mut remarks = clean.remarks.fresh();
        let clean = pieces::come_apart(press, clean, &mut remarks);
        let blocks = blocks::all(press, &clean);
        let starts = cut::walk(&self.lexicon, &blocks, |places| {
            let best = self.weights.best(places);
            if remarks.wanted {
                say(&self.weights, &blocks, places, best, &mut remarks);
            }
            best
        });
        let mut articles = Vec::with_capacity(starts.len());
        for (nth, start) in starts.iter().enumerate() {
            let end = starts.get(nth + 1).copied().unwrap_or(blocks.len());
            articles.extend(article::assemble(press, &blocks[*start..end]));
        }
        // No sentence on the whole page: what there is is a fragment.
        if starts.is_empty() {
            articles.extend(article::assemble(press, &blocks));
        }
        if self.words {
            for article in &mut articles {
                article.words = words::cut(&self.lexicon, article.span.of(&clean.text));
            }
        }
        Segmented { clean, articles, remarks }
    }
}

/// Tells why an article begins, or where it might have begun and does not.
fn say(
    weights: &Weights,
    blocks: &[blocks::Block<'_>],
    places: &[cut::Place],
    best: Option<usize>,
    remarks: &mut crate::record::remark::Remarks,
) {
    let told = best.or_else(|| {
        (0..places.len()).max_by(|a, b| weights.sum(&places[*a].evidence).total_cmp(&weights.sum(&places[*b].evidence)))
    });
    let Some(place) = told.and_then(|t| places.get(t)) else { return };
    let span: Span = blocks[place.block].span;
    let rule = if best.is_some() { "article.start" } else { "article.goes_on" };
    remarks.say(rule, span, || weights.told(&place.evidence));
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::record::drop::{DropId, DropInfo};
    use crate::record::remark::Remarks;
    use crate::record::span::Origins;
    use crate::record::text::{CleanPara, PageFacts};

    /// The built-in tables, read once.
    pub fn lexicon() -> &'static Lexicon {
        static TABLES: std::sync::OnceLock<Lexicon> = std::sync::OnceLock::new();
        TABLES.get_or_init(Lexicon::builtin)
    }

    /// A clean text of these paragraphs, as if the drop held just them.
    pub fn clean_text(paragraphs: &[&str]) -> CleanText {
        let text = paragraphs.join("\n");
        let mut paras = Vec::new();
        let mut at = 0;
        for p in paragraphs {
            let shape = CleanPara {
                span: Span::at(at, at + p.len()),
                lines: 1,
                column: 0,
                widest: 0,
                indent: 0,
                blank_before: 1,
                page_break_before: false,
            };
            paras.push(shape);
            at += p.len() + 1;
        }
        let drop = DropInfo {
            id: DropId([0; 32]),
            name: "t.txt".into(),
            bytes: text.len() as u64,
            admitted_ms: 0,
            mtime_ms: 0,
        };
        CleanText {
            drop: Arc::new(drop),
            chunk: 0,
            chunk_start: 0,
            chunk_bytes: text.len() as u64,
            last: true,
            origins: Origins::identity(text.len() as u32),
            text,
            paras,
            page: PageFacts::default(),
            set_aside: Vec::new(),
            encoding: "utf-8".into(),
            replaced: 0,
            warnings: Vec::new(),
            remarks: Remarks::all(),
        }
    }
}
