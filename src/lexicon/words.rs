//! The words of Chinese, their frequencies and kinds; and the cut of a text into words.
//!
//! The dictionary lies in `config/lexicon/words.img`, made by `cargo run --example words_image` from the word list of
//! jieba (MIT licence); it is used where it lies in the binary. The tables of names, posts and places add words to
//! it: these stay whole in the cut, and carry the entry that they come from. The cut is the path of least cost
//! through all words of a run of Chinese characters; cost is the negative logarithm of the frequency.

use std::collections::HashMap;

use crate::lexicon::trie::Trie;
use crate::record::span::Span;

static IMAGE: &[u8] = include_bytes!("../../config/lexicon/words.img");

const MAGIC: &[u8; 4] = b"WLW1";
const CODES: usize = 0x1_0000;
/// One natural logarithm.
pub const LN: u32 = 1024;
/// A character that no dictionary knows.
const UNKNOWN: u32 = 18 * LN;

/// What kind of word, after the tags of the word list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Tag {
    #[default]
    Unknown = 0,
    Noun = 1,
    /// A personal name.
    Person = 2,
    /// A foreign personal name.
    Foreign = 3,
    Place = 4,
    Body = 5,
    Proper = 6,
    Verb = 7,
    VerbNoun = 8,
    Adjective = 9,
    Adverb = 10,
    Preposition = 11,
    Conjunction = 12,
    Particle = 13,
    Pronoun = 14,
    Number = 15,
    Measure = 16,
    Time = 17,
    Direction = 18,
    Idiom = 19,
    Short = 20,
    Kind = 21,
    Morpheme = 22,
    Other = 23,
    Latin = 24,
    Digits = 25,
    Punctuation = 26,
}

const TAGS: [Tag; 27] = [
    Tag::Unknown,
    Tag::Noun,
    Tag::Person,
    Tag::Foreign,
    Tag::Place,
    Tag::Body,
    Tag::Proper,
    Tag::Verb,
    Tag::VerbNoun,
    Tag::Adjective,
    Tag::Adverb,
    Tag::Preposition,
    Tag::Conjunction,
    Tag::Particle,
    Tag::Pronoun,
    Tag::Number,
    Tag::Measure,
    Tag::Time,
    Tag::Direction,
    Tag::Idiom,
    Tag::Short,
    Tag::Kind,
    Tag::Morpheme,
    Tag::Other,
    Tag::Latin,
    Tag::Digits,
    Tag::Punctuation,
];

impl Tag {
    fn of(value: u32) -> Tag {
        TAGS.get((value & 0xff) as usize).copied().unwrap_or_default()
    }

    /// The tag for a tag of the word list (`nr`, `vn` …).
    pub fn parse(tag: &str) -> Tag {
        match tag {
            "nr" | "nrfg" => Tag::Person,
            "nrt" => Tag::Foreign,
            "ns" => Tag::Place,
            "nt" => Tag::Body,
            "nz" => Tag::Proper,
            "vn" => Tag::VerbNoun,
            "ad" | "vd" => Tag::Adverb,
            "an" => Tag::Adjective,
            _ if tag.ends_with('g') => Tag::Morpheme,
            _ => match tag.as_bytes().first() {
                Some(b'n') => Tag::Noun,
                Some(b'v') => Tag::Verb,
                Some(b'a') => Tag::Adjective,
                Some(b'd') => Tag::Adverb,
                Some(b'p') => Tag::Preposition,
                Some(b'c') => Tag::Conjunction,
                Some(b'u') => Tag::Particle,
                Some(b'r') => Tag::Pronoun,
                Some(b'm') => Tag::Number,
                Some(b'q') => Tag::Measure,
                Some(b't') => Tag::Time,
                Some(b'f' | b's') => Tag::Direction,
                Some(b'i' | b'l') => Tag::Idiom,
                Some(b'j') => Tag::Short,
                Some(b'b') => Tag::Kind,
                _ => Tag::Other,
            },
        }
    }
}

/// A word of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Word {
    pub span: Span,
    pub tag: Tag,
    /// How rare the dictionary holds it to be, in thousandths (1/1024) of a natural logarithm; 0 for what is no
    /// Chinese word.
    pub cost: u32,
    /// 1 + the index of the entry that it is, or 0.
    pub entry: u32,
}

/// The dictionary.
#[derive(Clone, Debug)]
pub struct Words {
    codes: Vec<u16>,
    base: Trie,
    extra: Trie,
    /// Cost of each extra word.
    costs: Vec<u32>,
}

impl Default for Words {
    fn default() -> Words {
        Words::new()
    }
}

impl Words {
    /// The built-in dictionary alone.
    pub fn new() -> Words {
        let body = IMAGE.strip_prefix(MAGIC.as_slice()).expect("the image is the one the repo built");
        let (codes, nodes) = body.split_at(CODES * 2);
        let codes = codes.chunks_exact(2).map(|c| u16::from_le_bytes([c[0], c[1]])).collect();
        Words { codes, base: Trie::stored(nodes), extra: Trie::default(), costs: Vec::new() }
    }

    /// The image of a word list in jieba's form: `word frequency tag`.
    pub fn image(list: &str) -> Vec<u8> {
        let rows: Vec<(&str, f64, Tag)> = list
            .lines()
            .filter_map(|line| {
                let mut cells = line.split(' ');
                let (word, freq) = (cells.next()?, cells.next()?.parse::<f64>().ok()?);
                let han = word.chars().all(|c| u32::from(c) < 0x1_0000 && is_han(c));
                han.then(|| (word, freq.max(1.0), Tag::parse(cells.next().unwrap_or_default())))
            })
            .collect();
        let often_known: HashMap<&str, f64> = rows.iter().map(|(word, freq, _)| (*word, *freq)).collect();
        let plain: Vec<_> = rows.iter().filter(|(w, f, t)| !composed(w, *f, *t, &often_known)).copied().collect();
        let rows = plain;
        let total: f64 = list.lines().filter_map(|l| l.split(' ').nth(1)?.parse::<f64>().ok()).sum();
        let mut often: HashMap<char, f64> = HashMap::new();
        for (word, freq, _) in &rows {
            word.chars().for_each(|c| *often.entry(c).or_default() += freq);
        }
        let mut chars: Vec<(char, f64)> = often.into_iter().collect();
        chars.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut codes = vec![0_u16; CODES];
        for (code, (c, _)) in (1_u16..).zip(&chars) {
            codes[*c as usize] = code;
        }
        let mut words = rows
            .iter()
            .map(|(word, freq, tag)| {
                let cost = ((total / freq).ln() * f64::from(LN)).round().max(1.0) as u32;
                (word.chars().map(|c| codes[c as usize]).collect(), cost << 8 | *tag as u32)
            })
            .collect();
        let trie = Trie::build(&mut words);
        let mut image = MAGIC.to_vec();
        image.extend(codes.iter().flat_map(|c| c.to_le_bytes()));
        image.extend_from_slice(trie.bytes());
        image
    }

    /// Adds words; word k gets entry k + 1. A word that the dictionary has keeps its cost; another becomes so likely
    /// that it is preferred to its parts.
    pub fn extend<'a>(&mut self, words: impl Iterator<Item = &'a str>) {
        let mut next = self.codes.iter().copied().max().unwrap_or(0);
        let mut list = Vec::new();
        let mut buffer = Vec::new();
        for (index, word) in words.enumerate() {
            let cost = match self.cost(word) {
                Some(cost) => cost,
                None => {
                    buffer.clear();
                    self.cut(word, &mut buffer);
                    let parts: u32 = buffer.iter().map(|w| w.cost).sum();
                    parts.saturating_sub(LN / 2).min(13 * LN)
                }
            };
            self.costs.push(cost);
            for c in word.chars() {
                let slot = self.codes.get_mut(c as usize);
                if let Some(slot) = slot.filter(|s| **s == 0) {
                    next += 1;
                    *slot = next;
                }
            }
            let value = u32::try_from(index + 1).expect("tables are small");
            list.push((word.chars().map(|c| self.code(c)).collect::<Vec<u16>>(), value));
        }
        list.retain(|(codes, _)| codes.iter().all(|c| *c > 0));
        self.extra = Trie::build(&mut list);
    }

    #[inline]
    fn code(&self, c: char) -> u16 {
        self.codes.get(c as usize).copied().unwrap_or(0)
    }

    /// The cost of a word of the built-in dictionary.
    pub fn cost(&self, word: &str) -> Option<u32> {
        self.find(word).map(|(cost, _)| cost)
    }

    /// Cost and kind of a word of the built-in dictionary.
    pub fn find(&self, word: &str) -> Option<(u32, Tag)> {
        let mut state = (0, 0);
        for c in word.chars() {
            state = self.base.step(state.0, self.code(c))?;
        }
        (state.1 > 0).then(|| (state.1 >> 8, Tag::of(state.1)))
    }

    /// Cuts `text` into words, in order and without gaps but for white space.
    pub fn cut(&self, text: &str, words: &mut Vec<Word>) {
        let mut run = Run::default();
        let mut other: Option<(usize, Tag)> = None;
        for (at, c) in text.char_indices() {
            let kind = kind(c);
            if let Some((start, tag)) = other {
                if kind == tag && tag != Tag::Punctuation || joins(text, at, c, tag) {
                    continue;
                }
                words.push(Word { span: Span::at(start, at), tag, ..Word::default() });
                other = None;
            }
            if kind == Tag::Unknown {
                run.push(at, self.code(c));
                continue;
            }
            run.flush(self, at, words);
            if !c.is_whitespace() {
                other = Some((at, kind));
            }
        }
        run.flush(self, text.len(), words);
        if let Some((start, tag)) = other {
            words.push(Word { span: Span::at(start, text.len()), tag, ..Word::default() });
        }
    }
}

/// Whether a rare entry only joins two words that are known by themselves (主持会议, 局局长): the parts say more.
fn composed(word: &str, freq: f64, tag: Tag, known: &HashMap<&str, f64>) -> bool {
    const HEADS: &[&str] = &["局长", "主任", "书记", "部长", "主席", "院长", "校长", "厅长", "处长", "经理", "教授"];
    if matches!(word, "人大代表" | "政协委员" | "全国人大代表" | "大代表" | "省市") {
        return true;
    }
    // 高水平 is listed as a name: an everyday word behind a family name says more.
    if tag == Tag::Person && word.len() == 9 && freq < 100.0 {
        return word.get(3..).and_then(|rest| known.get(rest)).is_some_and(|f| *f >= 1500.0);
    }
    if freq > 3.0 {
        return false;
    }
    let title = HEADS.iter().any(|head| word.len() > head.len() && word.ends_with(head));
    if title {
        return true;
    }
    if !matches!(tag, Tag::Noun | Tag::Verb | Tag::VerbNoun | Tag::Idiom | Tag::Other | Tag::Person) || word.len() < 12
    {
        return false;
    }
    if tag == Tag::Person {
        return word.len() == 12;
    }
    let strong = |part: &str| part.len() >= 6 && known.get(part).is_some_and(|f| *f >= 50.0);
    word.char_indices()
        .any(|(at, _)| word.get(..at).zip(word.get(at..)).is_some_and(|(left, right)| strong(left) && strong(right)))
}

/// A digit group goes on over a point or comma between digits, a Latin word over an apostrophe or hyphen.
fn joins(text: &str, at: usize, c: char, tag: Tag) -> bool {
    let next = || text.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next()).map(kind);
    match tag {
        Tag::Digits => matches!(c, '.' | ',' | '．') && next() == Some(Tag::Digits),
        Tag::Latin => kind(c) == Tag::Digits || matches!(c, '\'' | '’' | '-' | '.') && next() == Some(Tag::Latin),
        _ => false,
    }
}

fn kind(c: char) -> Tag {
    match c {
        _ if is_han(c) => Tag::Unknown,
        '0'..='9' | '０'..='９' => Tag::Digits,
        _ if c.is_alphabetic() => Tag::Latin,
        _ => Tag::Punctuation,
    }
}

/// Whether a character is written in Chinese words.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '〇' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}')
}

/// A run of Chinese characters on its way to words.
#[derive(Default)]
struct Run {
    starts: Vec<usize>,
    codes: Vec<u16>,
    /// Least cost up to here, where the last word starts, its own cost, entry and tag.
    best: Vec<(u32, u32, u32, u32, Tag)>,
}

/// A longer run is cut here, so that costs never overflow and memory stays small.
const RUN_MAX: usize = 4096;

impl Run {
    fn push(&mut self, at: usize, code: u16) {
        self.starts.push(at);
        self.codes.push(code);
    }

    fn flush(&mut self, words: &Words, end: usize, out: &mut Vec<Word>) {
        let mut from = 0;
        while from < self.codes.len() {
            let to = (from + RUN_MAX).min(self.codes.len());
            let end = self.starts.get(to).copied().unwrap_or(end);
            self.path(words, from, to, end, out);
            from = to;
        }
        self.starts.clear();
        self.codes.clear();
    }

    fn path(&mut self, words: &Words, from: usize, to: usize, end: usize, out: &mut Vec<Word>) {
        let codes = self.codes.get(from..to).unwrap_or_default();
        let best = &mut self.best;
        best.clear();
        best.resize(codes.len() + 1, (u32::MAX, 0, 0, 0, Tag::Unknown));
        best[0].0 = 0;
        for start in 0..codes.len() {
            let so_far = best[start].0;
            let (mut base, mut extra) = (Some(0), Some(0));
            for (length, &code) in (1..).zip(&codes[start..]) {
                let stepped = base.and_then(|node| words.base.step(node, code));
                let added = extra.and_then(|node| words.extra.step(node, code));
                let value = stepped.map_or(0, |s| s.1);
                let entry = added.map_or(0, |s| s.1);
                let (cost, tag) = match (value, entry) {
                    (0, 0) if length == 1 => (UNKNOWN, Tag::Unknown),
                    (0, 0) => (0, Tag::Unknown),
                    (0, entry) => (words.costs[entry as usize - 1], Tag::Unknown),
                    (value, _) => (value >> 8, Tag::of(value)),
                };
                let goal = &mut best[start + length];
                if cost > 0 && so_far + cost < goal.0 {
                    *goal = (so_far + cost, length as u32, cost, entry, tag);
                }
                base = stepped.map(|s| s.0);
                extra = added.map(|s| s.0);
                if base.is_none() && extra.is_none() {
                    break;
                }
            }
        }
        let first = out.len();
        let mut at = codes.len();
        let mut right = end;
        while at > 0 {
            let (_, length, cost, entry, tag) = best[at];
            at -= length.max(1) as usize;
            let left = self.starts[from + at];
            out.push(Word { span: Span::at(left, right), tag, cost, entry });
            right = left;
        }
        out[first..].reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(words: &Words, text: &str) -> String {
        let mut found = Vec::new();
        words.cut(text, &mut found);
        found.iter().map(|w| w.span.of(text)).collect::<Vec<_>>().join("/")
    }

    #[test]
    fn cuts_by_the_most_likely_path() {
        let words = Words::new();
        assert_eq!(cut(&words, "市委书记主持会议"), "市委/书记/主持/会议");
        assert_eq!(cut(&words, "增长5.7%，GDP 3,186亿元"), "增长/5.7/%/，/GDP/3,186/亿元");
        assert_eq!(cut(&words, ""), "");
    }

    #[test]
    fn an_added_word_stays_whole_and_leads_to_its_entry() {
        let mut words = Words::new();
        words.extend(["新吴区", "镕基㭎"].into_iter());
        assert_eq!(cut(&words, "在新吴区与镕基㭎"), "在/新吴区/与/镕基㭎");
        let mut found = Vec::new();
        words.cut("新吴区", &mut found);
        assert_eq!(found[0].entry, 1);
    }
}
