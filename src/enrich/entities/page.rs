//! The article as words that know what the tables say of them.

use std::borrow::Cow;

use crate::enrich::View;
use crate::lexicon::Lexicon;
use crate::lexicon::entries::{Entry, Suffix};
use crate::lexicon::words::{Tag, Word};
use crate::record::mention::DateMention;
use crate::record::span::Span;

/// An article on the table of the entity annotators.
#[derive(Debug)]
pub struct Page<'a> {
    pub view: &'a View<'a>,
    pub lexicon: &'a Lexicon,
    /// The text in simplified characters, byte for byte in the same places.
    pub simple: Cow<'a, str>,
    pub words: Vec<Word>,
    /// Words that a date covers.
    dated: Vec<bool>,
}

impl<'a> Page<'a> {
    /// Cuts the article.
    pub fn new(view: &'a View<'a>, dates: &[DateMention]) -> Page<'a> {
        let simple = view.lexicon.script.simplify(view.text);
        let mut words = Vec::with_capacity(view.text.len() / 5);
        view.lexicon.words.cut(&simple, &mut words);
        let mut dated = vec![false; words.len()];
        for date in dates {
            let first = words.partition_point(|w| w.span.end <= date.span.start);
            for (word, flag) in words.iter().zip(dated.iter_mut()).skip(first) {
                if word.span.start >= date.span.end {
                    break;
                }
                *flag = true;
            }
        }
        Page { view, lexicon: view.lexicon, simple, words, dated }
    }

    /// How many words there are.
    pub fn count(&self) -> usize {
        self.words.len()
    }

    /// A word in simplified characters; "" beyond the ends.
    #[inline]
    pub fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |w| self.text(w.span))
    }

    /// A span in simplified characters.
    #[inline]
    pub fn text(&self, span: Span) -> &str {
        self.simple.get(span.range()).unwrap_or_default()
    }

    /// From the start of a word to the end of the one before `end`.
    pub fn span(&self, first: usize, end: usize) -> Span {
        let start = self.words.get(first).map_or(0, |w| w.span.start);
        let stop = end.checked_sub(1).and_then(|last| self.words.get(last)).map_or(start, |w| w.span.end);
        Span::new(start, stop.max(start))
    }

    #[inline]
    pub fn tag(&self, at: usize) -> Tag {
        self.words.get(at).map_or(Tag::Punctuation, |w| w.tag)
    }

    #[inline]
    pub fn entry(&self, at: usize) -> &Entry {
        self.lexicon.entries.get(self.words.get(at).map_or(0, |w| w.entry))
    }

    /// How rare the dictionary holds a word to be (100 = one natural logarithm).
    pub fn cost(&self, at: usize) -> i32 {
        self.words.get(at).map_or(0, |w| (w.cost / 10) as i32)
    }

    /// Whether a date covers the word.
    pub fn dated(&self, at: usize) -> bool {
        self.dated.get(at).copied().unwrap_or(false)
    }

    /// Whether the word follows the one before without a blank or line break.
    #[inline]
    pub fn joins(&self, at: usize) -> bool {
        at > 0 && self.words.get(at).zip(self.words.get(at - 1)).is_some_and(|(w, b)| w.span.start == b.span.end)
    }

    /// Whether the word is of Chinese characters.
    #[inline]
    pub fn han(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|w| w.cost > 0)
    }

    /// Characters of a word.
    pub fn chars(&self, at: usize) -> usize {
        self.words.get(at).map_or(0, |w| if w.cost > 0 { w.span.len() as usize / 3 } else { 1 })
    }

    /// The word that starts at a byte.
    pub fn at(&self, byte: u32) -> Option<usize> {
        let at = self.words.partition_point(|w| w.span.start < byte);
        self.words.get(at).filter(|w| w.span.start == byte).map(|_| at)
    }

    /// What the end of a word makes of a name: the word is a known suffix, or ends with one.
    pub fn suffix(&self, at: usize) -> Suffix {
        let entry = self.entry(at);
        if entry.suffix != Suffix::default() || !self.han(at) || self.chars(at) < 2 {
            return entry.suffix;
        }
        match self.lexicon.entries.suffix_of(self.word(at)) {
            // 主办, 关系, 团队: one last character says nothing in a word of two.
            Some((tail, _)) if tail.len() == 3 && self.chars(at) == 2 && self.tag(at) != Tag::Body => Suffix::default(),
            Some(_) if ["社会", "机会", "晚会", "体系", "关系"].iter().any(|e| self.word(at).ends_with(e)) => {
                Suffix::default()
            }
            Some((_, suffix)) => suffix,
            None => Suffix::default(),
        }
    }
}
