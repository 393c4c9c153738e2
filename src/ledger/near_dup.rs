//! Near-duplicates among all articles ever written.
//!
//! Pure functions over what the journal keeps: [`keys`] says under which keys an article can be found again, [`doc`]
//! what is kept of it, and [`nearest`] asks a [`Shelf`] and judges. The committer calls them in order of `seq`, so the
//! answer does not depend on timing; keys and document go into the same transaction as the line.
//!
//! Keys are of three kinds. Bands of the MinHash, 32 of 4 values: two articles meet in one with even chance when their
//! likeness is (1/32)^(1/4) = 0.42. Anchors, the smallest hashes of 5-grams: a brief meets the report it was cut from,
//! though their likeness is small. And whole paragraphs. What meets is verified on the stored signature.

use std::collections::HashMap;

use rapidhash::v3::rapidhash_v3;

use super::JournalError;
use crate::record::line::NearDup;
use crate::record::mention::Fingerprint;

/// Values of the MinHash in one band.
const ROWS: usize = 4;
/// Anchors that are keys; the others only verify.
const ANCHOR_KEYS: usize = 24;
/// Paragraphs that are keys, the longest ones.
const PARA_KEYS: usize = 8;
/// Articles a key is answered with, the latest; a key that more articles share is a phrase of the trade.
pub const POSTINGS_MAX: usize = 64;
/// Candidates that are verified, those with most keys in common.
const VERIFY_MAX: usize = 48;

/// Articles by key: those committed, and those of the commit that is being made.
pub trait Shelf {
    /// Articles that share a key, as `(key, seq)`, in any order; of each key the latest [`POSTINGS_MAX`] will do.
    fn postings(&mut self, keys: &[u64]) -> Result<Vec<(u64, u64)>, JournalError>;
    /// What [`doc`] made of the article, or nothing for one that is no longer kept.
    fn doc(&mut self, seq: u64) -> Result<Option<Vec<u8>>, JournalError>;
}

/// The keys under which an article can be found again; none for a text too short to compare.
pub fn keys(fingerprint: &Fingerprint) -> Vec<u64> {
    if fingerprint.minhash.is_empty() {
        return Vec::new();
    }
    let key = |kind: u8, bytes: &mut dyn Iterator<Item = u8>| {
        let mut all = vec![kind];
        all.extend(bytes);
        rapidhash_v3(&all)
    };
    let bands = (0_u8..).zip(fingerprint.minhash.chunks(ROWS));
    let mut keys: Vec<u64> =
        bands.map(|(nth, band)| key(nth, &mut band.iter().flat_map(|v| v.to_le_bytes()))).collect();
    let anchors = fingerprint.anchors.iter().take(ANCHOR_KEYS);
    keys.extend(anchors.map(|anchor| key(0xfe, &mut anchor.to_le_bytes().into_iter())));
    let mut paras: Vec<u64> = fingerprint.paras.iter().copied().filter(|p| chars(*p) >= 32).collect();
    paras.sort_unstable_by_key(|p| (std::cmp::Reverse(p & 0xff), *p));
    keys.extend(paras.iter().take(PARA_KEYS).map(|para| key(0xff, &mut para.to_le_bytes().into_iter())));
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Characters of a paragraph, from its hash.
fn chars(para: u64) -> u64 {
    (para & 0xff) * 4
}

/// What is kept of an article: enough to verify a candidate and to name it.
pub fn doc(id: &str, fingerprint: &Fingerprint, admitted_ms: i64) -> Vec<u8> {
    let mut doc = Vec::with_capacity(400 + fingerprint.paras.len() * 8);
    doc.push(1);
    doc.extend(admitted_ms.to_le_bytes());
    doc.extend(fingerprint.grams.to_le_bytes());
    let mut list = |count: usize, bytes: &mut dyn Iterator<Item = u8>| {
        doc.extend(u16::try_from(count).unwrap_or(u16::MAX).to_le_bytes());
        doc.extend(bytes);
    };
    list(fingerprint.minhash.len(), &mut fingerprint.minhash.iter().flat_map(|v| v.to_le_bytes()));
    list(fingerprint.anchors.len(), &mut fingerprint.anchors.iter().flat_map(|v| v.to_le_bytes()));
    list(fingerprint.numbers.len(), &mut fingerprint.numbers.iter().flat_map(|v| v.to_le_bytes()));
    list(fingerprint.paras.len(), &mut fingerprint.paras.iter().flat_map(|v| v.to_le_bytes()));
    doc.extend(id.as_bytes());
    doc
}

/// What [`doc`] wrote, read again.
struct Kept {
    id: String,
    admitted_ms: i64,
    fingerprint: Fingerprint,
}

impl Kept {
    fn read(doc: &[u8]) -> Option<Kept> {
        let (version, rest) = doc.split_first()?;
        if *version != 1 {
            return None;
        }
        let (admitted, rest) = rest.split_first_chunk::<8>()?;
        let (grams, rest) = rest.split_first_chunk::<4>()?;
        let (minhash, rest) = list(rest, u16::from_le_bytes)?;
        let (anchors, rest) = list(rest, u32::from_le_bytes)?;
        let (numbers, rest) = list(rest, u16::from_le_bytes)?;
        let (paras, rest) = list(rest, u64::from_le_bytes)?;
        Some(Kept {
            id: String::from_utf8(rest.to_vec()).ok()?,
            admitted_ms: i64::from_le_bytes(*admitted),
            fingerprint: Fingerprint { minhash, grams: u32::from_le_bytes(*grams), anchors, numbers, paras },
        })
    }
}

fn list<T, const N: usize>(bytes: &[u8], read: fn([u8; N]) -> T) -> Option<(Vec<T>, &[u8])> {
    let (count, rest) = bytes.split_first_chunk::<2>()?;
    let (values, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*count)) * N)?;
    let values = values.chunks_exact(N).filter_map(|c| c.try_into().ok()).map(read).collect();
    Some((values, rest))
}

/// The nearest earlier article of at least `min` similarity that was admitted at or after `since_ms`.
pub fn nearest(
    fingerprint: &Fingerprint,
    shelf: &mut dyn Shelf,
    min: f64,
    since_ms: i64,
) -> Result<NearDup, JournalError> {
    let keys = keys(fingerprint);
    if keys.is_empty() {
        return Ok(NearDup::default());
    }
    let mut postings = shelf.postings(&keys)?;
    postings.sort_unstable_by_key(|(key, seq)| (*key, std::cmp::Reverse(*seq)));
    postings.dedup();
    // Cut here, and not only on the shelf, so that the answer is the same however commits are grouped.
    let mut shared: HashMap<u64, u32> = HashMap::new();
    for of_key in postings.chunk_by(|a, b| a.0 == b.0) {
        for (_, seq) in of_key.iter().take(POSTINGS_MAX) {
            *shared.entry(*seq).or_default() += 1;
        }
    }
    let mut candidates: Vec<(u32, u64)> = shared.into_iter().map(|(seq, count)| (count, seq)).collect();
    // Of equal candidates the earlier one is the original.
    candidates.sort_unstable_by_key(|(count, seq)| (std::cmp::Reverse(*count), *seq));
    let (mut best, mut covers) = (NearDup::default(), 0.0);
    for (_, seq) in candidates.into_iter().take(VERIFY_MAX) {
        let Some(kept) = shelf.doc(seq)?.as_deref().and_then(Kept::read) else { continue };
        if kept.admitted_ms < since_ms {
            continue;
        }
        if let Some((relation, similarity)) = judge(fingerprint, &kept.fingerprint)
            && similarity >= min
            && covered(fingerprint, &kept.fingerprint) > covers
        {
            covers = covered(fingerprint, &kept.fingerprint);
            best = NearDup { relation: relation.into(), of: kept.id, similarity };
        }
    }
    Ok(best)
}

/// The share of `new` that stands in `old`: by this the nearest is chosen, so that a report and not the brief it
/// swallowed is named.
fn covered(new: &Fingerprint, old: &Fingerprint) -> f64 {
    let jaccard = jaccard(new, old);
    let (a, b) = (f64::from(new.grams), f64::from(old.grams));
    (jaccard * (a + b) / (1.0 + jaccard) / a.max(1.0)).min(1.0).max(paragraphs_shared(new, old))
}

fn jaccard(a: &Fingerprint, b: &Fingerprint) -> f64 {
    let equal = a.minhash.iter().zip(&b.minhash).filter(|(x, y)| x == y).count();
    equal as f64 / a.minhash.len().max(1) as f64
}

/// How two articles are alike, if they are.
pub fn judge(a: &Fingerprint, b: &Fingerprint) -> Option<(&'static str, f64)> {
    let (small, large) = if a.grams <= b.grams { (a, b) } else { (b, a) };
    let (few, many) = (f64::from(small.grams), f64::from(large.grams));
    let jaccard = jaccard(a, b);
    // |A∩B| = J (|A|+|B|) / (1+J)
    let by_bins = (jaccard * (few + many) / (1.0 + jaccard) / few.max(1.0)).min(1.0);
    let (met, asked) = anchors_met(small, large);
    let by_anchors = f64::from(met) / f64::from(asked.max(1));
    if jaccard < SURE && other_numbers(a, b) {
        return None;
    }
    let round = |x: f64| (x * 1e4).round() / 1e4;
    if jaccard >= DUPLICATE {
        return Some(("duplicate", round(jaccard)));
    }
    if many >= few * CONTAINS_RATIO && met >= ANCHORS_MET_MIN && by_anchors >= CONTAINED && by_bins >= CONTAINED_BINS {
        return Some(("contains", round((by_bins + by_anchors) / 2.0)));
    }
    if jaccard >= REVISION {
        return Some(("revision", round(jaccard)));
    }
    let share = paragraphs_shared(small, large);
    (share >= SHARED_MIN).then(|| ("shares_paragraphs", round(share)))
}

/// From this likeness numbers do not matter.
const SURE: f64 = 0.95;
/// Two texts that each name so many numbers and share a smaller part of them tell of two occasions.
const NUMBERS_MIN: usize = 4;
const NUMBERS_SHARED: f64 = 0.45;

/// Whether the phrases are alike but the facts are not: weather, markets, results of a competition.
fn other_numbers(a: &Fingerprint, b: &Fingerprint) -> bool {
    let few = a.numbers.len().min(b.numbers.len());
    let shared = a.numbers.iter().filter(|n| b.numbers.binary_search(n).is_ok()).count();
    few >= NUMBERS_MIN && (shared as f64) < few as f64 * NUMBERS_SHARED
}

/// From this likeness two articles are one text.
const DUPLICATE: f64 = 0.66;
/// From this likeness one article is another state of the other.
const REVISION: f64 = 0.4;
/// A text inside another: so many times shorter, so much of it found again.
const CONTAINS_RATIO: f64 = 1.4;
const CONTAINED: f64 = 0.4;
const CONTAINED_BINS: f64 = 0.45;
const ANCHORS_MET_MIN: u32 = 3;
/// Share of the shorter text that stands in equal paragraphs.
const SHARED_MIN: f64 = 0.25;

/// How many of the anchors of `small` should be among those of `large` if it were contained, and how many are.
fn anchors_met(small: &Fingerprint, large: &Fingerprint) -> (u32, u32) {
    let limit = large.anchors.last().copied().unwrap_or_default();
    let all = large.anchors.len() < ANCHORS_FULL;
    let asked = small.anchors.iter().take_while(|a| all || **a <= limit);
    let (mut met, mut count) = (0, 0);
    for anchor in asked {
        count += 1;
        met += u32::from(large.anchors.binary_search(anchor).is_ok());
    }
    (met, count)
}

/// Anchors of a text that has more 5-grams than are kept.
const ANCHORS_FULL: usize = 48;

fn paragraphs_shared(small: &Fingerprint, large: &Fingerprint) -> f64 {
    let equal: u64 = small.paras.iter().filter(|p| large.paras.contains(p)).map(|p| chars(*p)).sum();
    (equal as f64 / f64::from(small.grams.max(1))).min(1.0)
}

/// A shelf in memory, for tests and models.
#[derive(Debug, Default)]
pub struct Memory {
    keys: HashMap<u64, Vec<u64>>,
    docs: HashMap<u64, Vec<u8>>,
}

impl Memory {
    /// Puts an article on the shelf.
    pub fn add(&mut self, seq: u64, id: &str, fingerprint: &Fingerprint, admitted_ms: i64) {
        let keys = keys(fingerprint);
        if !keys.is_empty() {
            self.docs.insert(seq, doc(id, fingerprint, admitted_ms));
        }
        for key in keys {
            self.keys.entry(key).or_default().push(seq);
        }
    }
}

impl Shelf for Memory {
    fn postings(&mut self, keys: &[u64]) -> Result<Vec<(u64, u64)>, JournalError> {
        let of = |key: u64| self.keys.get(&key).into_iter().flatten().rev().take(POSTINGS_MAX).map(move |s| (key, *s));
        Ok(keys.iter().flat_map(|key| of(*key)).collect())
    }

    fn doc(&mut self, seq: u64) -> Result<Option<Vec<u8>>, JournalError> {
        Ok(self.docs.get(&seq).cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text of `len` made-up letters from number `from`; equal numbers are equal letters.
    fn text(from: u64, len: u64) -> Fingerprint {
        let hash = |n: u64, salt: u64| rapidhash_v3(&(n << 8 | salt).to_le_bytes());
        let grams = || from..from + len;
        let minhash = (0..128_u64).map(|bin| {
            let least = grams().map(|n| hash(n, bin)).min().unwrap_or_default();
            u16::try_from(least & 0xffff).unwrap_or_default()
        });
        let mut anchors: Vec<u32> = grams().map(|n| u32::try_from(hash(n, 200) >> 32).unwrap_or_default()).collect();
        anchors.sort_unstable();
        anchors.truncate(ANCHORS_FULL);
        let paras = grams().step_by(50).map(|n| hash(n, 201) & !0xff | 12).collect();
        let grams = u32::try_from(len).unwrap_or_default();
        Fingerprint { minhash: minhash.collect(), grams, anchors, numbers: Vec::new(), paras }
    }

    fn check(earlier: &[Fingerprint], new: &Fingerprint, expected: (&str, &str)) {
        let mut shelf = Memory::default();
        for (seq, print) in (1..).zip(earlier) {
            shelf.add(seq, &format!("a{seq}"), print, i64::try_from(seq).unwrap_or_default());
        }
        let near = nearest(new, &mut shelf, 0.4, i64::MIN).expect("memory answers");
        assert_eq!((near.relation.as_str(), near.of.as_str()), expected, "{near:?}");
    }

    #[test]
    fn a_copy_is_a_duplicate_of_the_first() {
        check(&[text(0, 800), text(0, 800)], &text(0, 800), ("duplicate", "a1"));
        check(&[text(0, 800)], &text(100, 800), ("duplicate", "a1"));
    }

    #[test]
    fn another_state_is_a_revision() {
        check(&[text(0, 800)], &text(300, 800), ("revision", "a1"));
        check(&[text(0, 800)], &text(5_000, 800), ("", ""));
    }

    #[test]
    fn a_brief_is_contained_in_its_report_and_a_report_contains_its_brief() {
        check(&[text(9_000, 700), text(0, 1_000)], &text(200, 150), ("contains", "a2"));
        check(&[text(200, 150)], &text(0, 1_000), ("contains", "a1"));
        check(&[text(200, 150), text(0, 950)], &text(0, 1_000), ("duplicate", "a2"));
    }

    #[test]
    fn other_numbers_tell_of_another_day() {
        let day = |first: u16| Fingerprint { numbers: (first..first + 8).collect(), ..text(0, 300) };
        let tomorrow = Fingerprint { minhash: text(60, 300).minhash, ..day(100) };
        check(&[day(0)], &tomorrow, ("", ""));
        check(&[day(97)], &tomorrow, ("duplicate", "a1"));
    }

    #[test]
    fn what_lies_before_the_horizon_is_not_found() {
        let mut shelf = Memory::default();
        shelf.add(1, "old", &text(0, 500), 10);
        let near = nearest(&text(0, 500), &mut shelf, 0.4, 11).expect("memory answers");
        assert_eq!(near, NearDup::default());
    }

    #[test]
    fn a_document_is_read_as_written() {
        let print = text(3, 400);
        let kept = Kept::read(&doc("0123-45", &print, 77)).expect("the format is known");
        assert_eq!((kept.id.as_str(), kept.admitted_ms, kept.fingerprint), ("0123-45", 77, print));
        assert!(Kept::read(&[2, 0, 0]).is_none() && Kept::read(&[]).is_none());
    }
}
