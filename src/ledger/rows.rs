//! The rows of the ledger, and the batch that one commit changes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::record::drop::{Carry, DropId, FileIdentity};
use crate::record::stream::Stream;

/// Bytes that are committed, and where they belong. The row stays until segment and folder are synced.
#[derive(Clone, Debug, PartialEq)]
pub struct RedoRow {
    pub id: u64,
    pub stream: Stream,
    /// First line of the segment.
    pub segment: u64,
    pub offset: u64,
    pub bytes: Arc<Vec<u8>>,
}

/// How far a drop has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Some chunks are committed, more are to come.
    Running,
    Done,
    Refused,
    /// Changed or vanished before its end was read; what was committed stands, and the rest may still come.
    Incomplete,
}

impl State {
    /// The word in the ledger and in receipts.
    pub fn word(self) -> &'static str {
        match self {
            State::Running => "running",
            State::Done => "done",
            State::Refused => "refused",
            State::Incomplete => "incomplete",
        }
    }

    /// The state that a word names.
    pub fn of_word(word: &str) -> Option<State> {
        [State::Running, State::Done, State::Refused, State::Incomplete].into_iter().find(|s| s.word() == word)
    }
}

/// One drop, whatever its names.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DropRow {
    #[serde(serialize_with = "as_text")]
    pub id: DropId,
    /// The name under which it was committed.
    pub name: String,
    pub bytes: u64,
    pub admitted_ms: i64,
    pub finished_ms: i64,
    /// On what evidence it was whole.
    pub evidence: String,
    pub state: State,
    pub reason: String,
    /// The next chunk to commit, and the raw byte where it starts.
    pub next_chunk: u32,
    pub next_offset: u64,
    pub carry: Carry,
    /// Records written.
    pub articles: u64,
    /// SHA-256 of the earlier drop under this name, or "".
    pub supersedes: String,
    /// Known from the output alone, after the ledger was lost in mid-flight: the drop runs again from its start, and
    /// lines that are already written are skipped, as are the receipts of this many chunks.
    pub rebuilt: bool,
    pub receipts: u32,
}

fn as_text<S: serde::Serializer>(id: &DropId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

/// One committed chunk of a drop.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChunkRow {
    #[serde(serialize_with = "as_text")]
    pub drop: DropId,
    pub chunk: u32,
    pub start: u64,
    pub bytes: u64,
    /// The raw bytes where its records start: with the drop's hash, their ids.
    pub starts: Vec<u64>,
    pub first_seq: u64,
    pub receipt_seq: u64,
    pub finished_ms: i64,
}

impl ChunkRow {
    /// The ids of its records.
    pub fn ids(&self) -> Vec<String> {
        let short = self.drop.short();
        self.starts.iter().map(|start| format!("{short}-{start}")).collect()
    }
}

/// What a name in the watched folder stood for when it was last seen.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PathRow {
    pub name: String,
    pub identity: FileIdentity,
    /// 64 hex digits, or "" for a file that could not be read.
    pub sha256: String,
    /// `done | duplicate | refused | incomplete`, as told in the receipt for this name.
    pub outcome: String,
    pub reason: String,
    pub seen_ms: i64,
    /// How often the same bytes came again under this name.
    pub again: u64,
}

/// Where a stream ends.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TailRow {
    pub stream: Stream,
    pub next_seq: u64,
    /// First line of the growing segment; 0 when none grows.
    pub segment: u64,
    pub bytes: u64,
    pub lines: u64,
    pub opened_ms: i64,
}

/// A segment that is closed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SealRow {
    pub stream: Stream,
    pub segment: u64,
    pub bytes: u64,
    pub lines: u64,
    pub last_seq: u64,
    pub closed_ms: i64,
    /// Its manifest line is committed.
    pub sealed: bool,
    /// It still has a name in `live/`.
    pub live: bool,
    /// The live file holds foreign bytes; the sealed one is a copy of the valid part.
    pub damaged: bool,
}

/// An article that goes on elsewhere (下转第3版).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JumpRow {
    /// Paper and publication date.
    pub issue: String,
    pub id: String,
    pub seq: u64,
    pub page: String,
    pub to_page: String,
    pub title: String,
}

/// What the near-duplicate index keeps of an article.
#[derive(Clone, Debug, PartialEq)]
pub struct NearRow {
    pub seq: u64,
    pub keys: Vec<u64>,
    pub doc: Vec<u8>,
}

/// Everything that one commit changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// Redo rows up to this number leave: their segments are synced.
    pub trim_to: u64,
    pub redo: Vec<RedoRow>,
    pub drops: Vec<DropRow>,
    pub chunks: Vec<ChunkRow>,
    pub paths: Vec<PathRow>,
    pub tails: Vec<TailRow>,
    pub seals: Vec<SealRow>,
    pub jumps: Vec<JumpRow>,
    pub near: Vec<NearRow>,
    pub meta: Vec<(&'static str, String)>,
}
