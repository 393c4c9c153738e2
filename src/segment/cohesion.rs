//! How much two stretches of text speak of the same things.

use crate::lexicon::commonplace::{Commonplace, mix, pair};
use crate::segment::scan::is_han;

/// Slots of the table that remembers an article's pairs; a power of two.
const SLOTS: usize = 1 << 14;

/// The pairs of characters (or words, in alphabetic text) that an article has used so far.
#[derive(Debug)]
pub struct Topic {
    /// For each slot the number of the article that last used it.
    seen: Vec<u32>,
    article: u32,
    used: u32,
}

impl Default for Topic {
    fn default() -> Topic {
        Topic { seen: vec![0; SLOTS], article: 1, used: 0 }
    }
}

/// The pairs of a paragraph, each once.
#[derive(Clone, Debug, Default)]
pub struct Pairs(Vec<u32>);

/// Characters that join words rather than name things.
const COMMON: &str = "的了在是和有与與及对對为為不这這中上下年月日一二三四五六七八九十个個将將也就都以等会會说說到从從被把而其他她我们們";

/// Most characters of a paragraph that are looked at: enough to know its subject.
const LOOK: usize = 600;

impl Pairs {
    /// The pairs of `text` that name something.
    pub fn of(common: &Commonplace, text: &str) -> Pairs {
        let mut pairs = Vec::with_capacity(text.len().min(LOOK * 3) / 3);
        let mut before = None;
        let mut word = 0_u32;
        for c in text.chars().take(LOOK) {
            if is_han(c) && !COMMON.contains(c) {
                if let Some(b) = before {
                    let number = pair(b, c);
                    if !common.has(number) {
                        pairs.push(number);
                    }
                }
                before = Some(c);
            } else {
                before = None;
            }
            if c.is_alphabetic() && !is_han(c) {
                word = mix(word, c.to_ascii_lowercase() as u32);
            } else if word != 0 {
                pairs.push(word);
                word = 0;
            }
        }
        if word != 0 {
            pairs.push(word);
        }
        pairs.sort_unstable();
        pairs.dedup();
        Pairs(pairs)
    }

    /// How many of `other` are found here too.
    pub fn shared(&self, other: &Pairs) -> usize {
        let mut mine = self.0.iter().peekable();
        let mut both = 0;
        for pair in &other.0 {
            while mine.next_if(|m| *m < pair).is_some() {}
            both += usize::from(mine.peek() == Some(&pair));
        }
        both
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Topic {
    /// Forgets everything: another article begins.
    pub fn begin(&mut self) {
        self.article += 1;
        self.used = 0;
    }

    /// Adds a paragraph.
    pub fn add(&mut self, pairs: &Pairs) {
        for pair in &pairs.0 {
            let slot = &mut self.seen[*pair as usize & (SLOTS - 1)];
            if *slot != self.article {
                *slot = self.article;
                self.used += 1;
            }
        }
    }

    /// How many of `pairs` the article has used before.
    pub fn known(&self, pairs: &Pairs) -> usize {
        pairs.0.iter().filter(|p| self.seen[**p as usize & (SLOTS - 1)] == self.article).count()
    }

    /// Pairs used so far.
    pub fn used(&self) -> usize {
        self.used as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::tests::lexicon;

    #[test]
    fn the_same_subject_shares_pairs() {
        let lexicon = lexicon();
        let of = |text: &str| Pairs::of(&lexicon.commonplace, text);
        let mut topic = Topic::default();
        topic.add(&of("中兴通讯发布公告，拟聘任徐子阳为公司总裁。"));
        let same = topic.known(&of("徐子阳出生于1972年，历任中兴通讯总经理。"));
        let other = topic.known(&of("国家粮食局发布，秋粮收购进展顺利。"));
        assert!(same > other, "{same} {other}");
        topic.begin();
        assert_eq!(topic.known(&of("徐子阳")), 0);
    }
}
