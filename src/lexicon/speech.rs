//! Verbs that attribute, and what speakers without a name look like.

use std::collections::HashSet;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::lexicon::table::{Reader, TableError};
use crate::record::span::Span;

/// What a pattern of the verb finder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// A verb of saying or thinking and little else.
    Say,
    /// Also a noun, so it wants better evidence.
    Noun,
    /// English.
    English,
    /// A phrase that holds a verb but attributes nothing (`也就是说`, `小说`).
    Never,
}

/// The two tables, ready to search with.
#[derive(Debug)]
pub struct Speech {
    finder: AhoCorasick,
    kinds: Vec<Verb>,
    /// Bytes of the verb that ends a phrase which attributes nothing, if a verb does.
    inner: Vec<Option<usize>>,
    heads: HashSet<String>,
    adverbs: HashSet<String>,
    openers: Vec<String>,
}

impl Speech {
    /// Reads the tables.
    ///
    /// # Errors
    /// A row of an unknown kind, or an unreadable file.
    pub fn load(tables: &mut Reader<'_>) -> Result<Speech, TableError> {
        let mut words = Vec::new();
        let mut kinds = Vec::new();
        let verbs = tables.read("speech_verbs.tsv", include_str!("../../config/lexicon/speech_verbs.tsv"))?;
        for row in &verbs.rows {
            words.push(row.cell(0).to_owned());
            kinds.push(match row.cell(1) {
                "say" => Verb::Say,
                "noun" => Verb::Noun,
                "en" => Verb::English,
                other => return Err(row.wrong(format!("`{other}` is no kind of verb"))),
            });
        }
        let (mut heads, mut adverbs, mut openers) = (HashSet::new(), HashSet::new(), Vec::new());
        let speakers = tables.read("speakers.tsv", include_str!("../../config/lexicon/speakers.tsv"))?;
        for row in &speakers.rows {
            let word = row.cell(0).to_owned();
            match row.cell(1) {
                "head" => drop(heads.insert(word)),
                "adverb" => drop(adverbs.insert(word)),
                "opener" => openers.push(word),
                "never" => {
                    words.push(word);
                    kinds.push(Verb::Never);
                }
                other => return Err(row.wrong(format!("`{other}` is no kind of speaker"))),
            }
        }
        let is_verb = |end: &str| words.iter().zip(&kinds).any(|(w, k)| w == end && *k != Verb::Never);
        let inner = words.iter().map(|w| ends(w).find(|end| is_verb(end)).map(str::len)).collect();
        openers.sort_by_key(|w| std::cmp::Reverse(w.len()));
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&words)
            .expect("a few hundred words fit the automaton");
        Ok(Speech { finder, kinds, inner, heads, adverbs, openers })
    }

    /// Every verb in `text`, leftmost and longest first. A phrase that attributes nothing (`来说`) is handed out as
    /// [`Verb::Never`] with the span of the verb that ends it: a name may reach into it (`郝运来说`).
    pub fn verbs<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (Span, Verb)> + 'a {
        self.finder.find_iter(text).filter_map(|m| {
            let kind = self.kinds[m.pattern().as_usize()];
            let start = if kind == Verb::Never { m.end() - self.inner[m.pattern().as_usize()]? } else { m.start() };
            Some((Span::at(start, m.end()), kind))
        })
    }

    /// Whether a noun that can speak ends `text` (`宁波海关统计处有关负责人`).
    pub fn ends_in_head(&self, text: &str) -> bool {
        ends(text).any(|end| self.heads.contains(end))
    }

    /// The adverb that ends `text`, if one does; the longest.
    pub fn last_adverb<'a>(&self, text: &'a str) -> Option<&'a str> {
        ends(text).filter(|end| self.adverbs.contains(*end)).last()
    }

    /// The adverb that starts `text`, if one does; the longest.
    pub fn first_adverb<'a>(&self, text: &'a str) -> Option<&'a str> {
        let starts = text.char_indices().take(4).filter_map(|(at, c)| text.get(..at + c.len_utf8()));
        starts.filter(|start| self.adverbs.contains(*start)).last()
    }

    /// `text` without the words that may stand before a speaker.
    pub fn without_openers<'a>(&self, mut text: &'a str) -> &'a str {
        while let Some(rest) = self.openers.iter().find_map(|o| text.strip_prefix(o.as_str())) {
            text = rest;
        }
        text
    }
}

/// The last one to four characters of a text, shortest first.
fn ends(text: &str) -> impl Iterator<Item = &str> {
    text.char_indices().rev().take(4).filter_map(|(at, _)| text.get(at..))
}
