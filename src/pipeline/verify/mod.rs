//! Proves that an output folder is what it promises to be; works on anybody's copy of it.
//!
//! [`streams`] reads every line and the manifest; [`accounting`] takes the drops at hand and looks for bytes that are
//! neither in a record nor set aside.

pub mod accounting;
pub mod streams;

use serde::Serialize;

/// One thing that is not as promised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The file, or the drop.
    pub place: String,
    pub what: String,
}

/// What was looked at, and what was found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    pub articles: u64,
    pub receipts: u64,
    pub segments: u64,
    pub manifest_lines: u64,
    /// Drops whose bytes were accounted for, one by one.
    pub drops_accounted: u64,
    /// Drops at hand of which no receipt tells.
    pub drops_unknown: u64,
    pub findings: Vec<Finding>,
}

impl Report {
    fn find(&mut self, place: &str, what: impl Into<String>) {
        self.findings.push(Finding { place: place.into(), what: what.into() });
    }
}
