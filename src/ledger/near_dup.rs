//! Near-duplicates among all articles ever written.
//!
//! Pure functions over what the journal keeps: [`keys`] says under which keys an article can be found again, [`doc`]
//! what is kept of it, and [`nearest`] asks a [`Shelf`] and judges. The committer calls them in order of `seq`, so the
//! answer does not depend on timing; keys and document go into the same transaction as the line.

use super::JournalError;
use crate::record::line::NearDup;
use crate::record::mention::Fingerprint;

/// Articles a key is answered with, the latest; a key that more articles share is a phrase of the trade.
pub const POSTINGS_MAX: usize = 64;

/// Articles by key: those committed, and those of the commit that is being made.
pub trait Shelf {
    /// Articles that share a key, as `(key, seq)`, in any order.
    fn postings(&mut self, keys: &[u64]) -> Result<Vec<(u64, u64)>, JournalError>;
    /// What [`doc`] made of the article, or nothing for one that is no longer kept.
    fn doc(&mut self, seq: u64) -> Result<Option<Vec<u8>>, JournalError>;
}

/// The keys under which an article can be found again; none for a text too short to compare.
pub fn keys(_fingerprint: &Fingerprint) -> Vec<u64> {
    Vec::new()
}

/// What is kept of an article: enough to verify a candidate and to name it.
pub fn doc(_id: &str, _fingerprint: &Fingerprint, _admitted_ms: i64) -> Vec<u8> {
    Vec::new()
}

/// The nearest earlier article of at least `min` similarity that was admitted at or after `since_ms`.
pub fn nearest(
    _fingerprint: &Fingerprint,
    _shelf: &mut dyn Shelf,
    _min: f64,
    _since_ms: i64,
) -> Result<NearDup, JournalError> {
    Ok(NearDup::default())
}
