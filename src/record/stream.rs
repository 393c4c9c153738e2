//! The streams that readers tail, and the names of their files.

use serde::{Deserialize, Serialize};

use crate::record::line::to_json;

/// A stream of lines with its own sequence of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    Articles,
    /// One receipt per chunk of a drop.
    Drops,
    /// One line per sealed segment; a single file that is never closed.
    Manifest,
}

impl Stream {
    /// The streams that are cut into segments.
    pub const SEGMENTED: [Stream; 2] = [Stream::Articles, Stream::Drops];

    /// The word in file names, and in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            Stream::Articles => "articles",
            Stream::Drops => "drops",
            Stream::Manifest => "manifest",
        }
    }

    /// The stream that a word names.
    pub fn of_word(word: &str) -> Option<Stream> {
        [Stream::Articles, Stream::Drops, Stream::Manifest].into_iter().find(|s| s.word() == word)
    }

    /// The file name of the segment that starts with line `first`: `articles-00000000000000000001.jsonl`.
    pub fn segment(self, first: u64) -> String {
        match self {
            Stream::Manifest => "manifest.jsonl".into(),
            _ => format!("{}-{first:020}.jsonl", self.word()),
        }
    }

    /// The segment's growing name below the output folder.
    pub fn live(self, first: u64) -> String {
        match self {
            Stream::Manifest => self.segment(first),
            _ => format!("live/{}", self.segment(first)),
        }
    }

    /// The segment's final name below the output folder.
    pub fn sealed(self, first: u64) -> String {
        format!("sealed/{}", self.segment(first))
    }

    /// Reads a segment's file name: its stream and first line.
    pub fn parse(file_name: &str) -> Option<(Stream, u64)> {
        let (word, number) = file_name.strip_suffix(".jsonl")?.split_once('-')?;
        let stream = Stream::SEGMENTED.into_iter().find(|s| s.word() == word)?;
        let legal = number.len() == 20 && number.bytes().all(|b| b.is_ascii_digit());
        number.parse().ok().filter(|n| legal && *n > 0).map(|n| (stream, n))
    }
}

/// A line of `manifest.jsonl`: what a sealed segment holds, chained to the line before.
///
/// It is a function of the segment and the chain alone, so a lost ledger writes the same line again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestLine {
    pub name: String,
    pub bytes: u64,
    pub lines: u64,
    pub first_seq: u64,
    pub last_seq: u64,
    pub sha256: String,
    /// SHA-256 of the line before, without its line break; "" in the first line.
    pub previous: String,
}

impl ManifestLine {
    /// The line with its `\n`.
    pub fn to_line(&self) -> Vec<u8> {
        let mut line = to_json(self);
        line.push(b'\n');
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_as_their_numbers_and_read_back() {
        let name = Stream::Articles.segment(42);
        assert_eq!(name, "articles-00000000000000000042.jsonl");
        assert_eq!(Stream::parse(&name), Some((Stream::Articles, 42)));
        for strange in ["articles-42.jsonl", "manifest.jsonl", "articles-0000000000000000004x.jsonl", "x", ".jsonl"] {
            assert_eq!(Stream::parse(strange), None, "{strange}");
        }
    }
}
