//! The near-duplicate fingerprint: a file format, so nothing here changes silently.
//!
//! The body is reduced to its letters and digits: punctuation and white space out, Latin in lower case, full-width
//! folded, traditional characters simplified. Over that stand four sketches. One-permutation MinHash of all distinct
//! character 3-grams: the share of equal values estimates the likeness of two texts. The smallest hashes of 5-grams:
//! they find a short text inside a long one, whose likeness is small. The hashes of its numbers: two reports of one
//! form (yesterday's weather and today's) share their phrases but not those. And one hash a paragraph. The hash is
//! rapidhash v3, whose values are promised to stay.

use rapidhash::v3::rapidhash_v3;

use crate::enrich::View;
use crate::record::article::Role;
use crate::record::mention::Fingerprint;

/// Values of the MinHash.
const BINS: usize = 128;
/// A text with fewer distinct 3-grams says too little to be compared.
const GRAMS_MIN: usize = 16;
/// Hashes of 5-grams that are kept.
pub const ANCHORS: usize = 48;
/// Numbers that are kept.
const NUMBERS_MAX: usize = 32;
/// Paragraphs that get a hash, at most.
const PARAS_MAX: usize = 64;
/// A shorter paragraph, in characters, is no evidence.
const PARA_MIN: usize = 12;

/// Makes the fingerprint of the body.
pub fn find(view: &View<'_>) -> Fingerprint {
    let script = &view.lexicon.script;
    let mut letters: Vec<char> = Vec::with_capacity(view.article.body.len() as usize / 3);
    let mut paras = Vec::new();
    for para in &view.article.paras {
        if !matches!(para.role, Role::Lead | Role::Body | Role::Caption | Role::Subhead) {
            continue;
        }
        let start = para.span.start.max(view.article.body.start).min(para.span.end);
        let end = para.span.end.min(view.article.body.end).max(start);
        let from = letters.len();
        let text = crate::record::span::Span::new(start, end).of(view.text);
        letters.extend(text.chars().filter_map(plain).map(|c| script.simple(c)));
        if letters.len() - from >= PARA_MIN && paras.len() < PARAS_MAX {
            paras.push(para_hash(&letters[from..]));
        }
    }
    of_letters(&letters, paras)
}

/// The fingerprint of letters that are already plain.
fn of_letters(letters: &[char], paras: Vec<u64>) -> Fingerprint {
    let mut seen = Seen::new(letters.len());
    let mut least = [u64::MAX; BINS];
    for gram in letters.windows(3) {
        let packed = gram.iter().fold(0_u64, |sum, c| sum << 21 | u64::from(u32::from(*c)));
        let hash = rapidhash_v3(&packed.to_le_bytes());
        seen.add(hash);
        let bin = &mut least[(hash >> 57) as usize];
        *bin = (*bin).min(hash);
    }
    if seen.count < GRAMS_MIN {
        return Fingerprint { paras, grams: u32::try_from(seen.count).unwrap_or(u32::MAX), ..Fingerprint::default() };
    }
    Fingerprint {
        minhash: dense(&least),
        grams: u32::try_from(seen.count).unwrap_or(u32::MAX),
        anchors: anchors(letters),
        numbers: numbers(letters),
        paras,
    }
}

/// Letters and digits in one form; nothing for all else.
fn plain(c: char) -> Option<char> {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).and_then(plain),
        // Simplified only in some of its uses, so the table leaves it; here one form will do.
        '著' => Some('着'),
        'A'..='Z' => Some(c.to_ascii_lowercase()),
        c if c.is_ascii() => c.is_ascii_alphanumeric().then_some(c),
        '\u{4e00}'..='\u{9fff}' => Some(c),
        c => c.is_alphanumeric().then_some(c),
    }
}

/// A bin that no gram fell into takes the value of another one, chosen by its own number alone, so that two texts
/// choose alike.
fn dense(least: &[u64; BINS]) -> Vec<u16> {
    let low = |hash: u64| u16::try_from(hash & 0xffff).unwrap_or_default();
    (0..BINS)
        .map(|bin| {
            let mut at = bin;
            let mut attempt = 0_u64;
            while least[at] == u64::MAX {
                attempt += 1;
                let seed = (bin as u64) << 32 | attempt;
                at = (rapidhash_v3(&seed.to_le_bytes()) % BINS as u64) as usize;
            }
            low(least[at])
        })
        .collect()
}

/// The smallest distinct hashes of 5-grams, smallest first.
fn anchors(letters: &[char]) -> Vec<u32> {
    let mut kept: Vec<u32> = Vec::with_capacity(ANCHORS * 2);
    let mut limit = u32::MAX;
    for gram in letters.windows(5) {
        let packed = gram.iter().fold(0_u128, |sum, c| sum << 21 | u128::from(u32::from(*c)));
        let hash = u32::try_from(rapidhash_v3(&packed.to_le_bytes()) >> 32).unwrap_or_default();
        if hash < limit {
            kept.push(hash);
            if kept.len() == ANCHORS * 2 {
                trim(&mut kept);
                limit = kept.last().copied().filter(|_| kept.len() == ANCHORS).unwrap_or(u32::MAX);
            }
        }
    }
    trim(&mut kept);
    kept
}

fn trim(kept: &mut Vec<u32>) {
    kept.sort_unstable();
    kept.dedup();
    kept.truncate(ANCHORS);
}

/// The smallest distinct hashes of digits in a row with the character after them (`23℃`, `1200元`).
fn numbers(letters: &[char]) -> Vec<u16> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(from) = letters[at..].iter().position(char::is_ascii_digit).map(|n| at + n) {
        let end = letters[from..].iter().position(|c| !c.is_ascii_digit()).map_or(letters.len(), |n| from + n);
        let token: String = letters[from..letters.len().min(end + 1)].iter().collect();
        found.push(u16::try_from(rapidhash_v3(token.as_bytes()) & 0xffff).unwrap_or_default());
        at = end;
    }
    found.sort_unstable();
    found.dedup();
    found.truncate(NUMBERS_MAX);
    found
}

/// 56 bits of hash, and the length in steps of four characters in the lowest 8, so that equal paragraphs can be
/// weighed.
fn para_hash(letters: &[char]) -> u64 {
    let bytes: Vec<u8> = letters.iter().flat_map(|c| u32::from(*c).to_le_bytes()).collect();
    let steps = u64::try_from(letters.len() / 4).unwrap_or(u64::MAX).min(255);
    (rapidhash_v3(&bytes) & !0xff) | steps
}

/// Counts distinct hashes.
struct Seen {
    slots: Vec<u64>,
    count: usize,
}

impl Seen {
    fn new(max: usize) -> Seen {
        Seen { slots: vec![0; (max * 2).next_power_of_two().max(64)], count: 0 }
    }

    fn add(&mut self, hash: u64) {
        let hash = hash.max(1);
        let mask = self.slots.len() - 1;
        let mut at = usize::try_from(hash & mask as u64).unwrap_or_default();
        while self.slots[at] != 0 {
            if self.slots[at] == hash {
                return;
            }
            at = (at + 1) & mask;
        }
        self.slots[at] = hash;
        self.count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrich::testing;

    fn of(text: &str) -> Fingerprint {
        let mut found = Fingerprint::default();
        testing::with_names(text, |view, _| found = super::find(view));
        found
    }

    const TEXT: &str = "随着最后一台盾构机破土而出，地铁四号线全线隧道贯通，明年三月完成铺轨，国庆前具备试运营条件。";

    #[test]
    fn punctuation_width_and_script_do_not_count() {
        let traditional = "隨著最後一台盾構機破土而出 地鐵四號線全線隧道貫通「明年三月」完成鋪軌、國慶前具備試運營條件";
        assert_eq!(of(TEXT).minhash, of(traditional).minhash);
        assert_eq!(of("ＡＢＣ１２３地铁四号线全线隧道贯通明年三月"), of("abc123地铁四号线全线隧道贯通，明年三月"));
    }

    #[test]
    fn a_short_text_has_no_signature() {
        assert_eq!(of("会议还研究了其他事项。").minhash, Vec::<u16>::new());
    }

    #[test]
    fn the_values_are_a_file_format() {
        let print = of(TEXT);
        assert_eq!((print.grams, print.minhash.len(), print.anchors.len(), print.paras.len()), (40, 128, 38, 1));
        assert_eq!(print.minhash[..4], [51031, 26106, 28993, 26399]);
        assert_eq!(
            (print.anchors[0], print.anchors[1], print.paras[0]),
            (87_155_236, 250_259_669, 7_933_956_161_595_869_706)
        );
    }
}
