//! What happened to every drop, and the redo journal, in one transactional store.
//!
//! [`Journal`] is the store: [`sqlite::SqliteJournal`] for the daemon, [`model::ModelJournal`] beside the in-memory
//! disk for tests. Everything one commit changes is one [`rows::Batch`], applied as a whole or not at all.

pub mod model;
pub mod near_dup;
mod near_store;
pub mod rows;
pub mod sqlite;

use crate::record::drop::DropId;
use crate::record::fate::Fate;
use crate::record::stream::Stream;
use rows::{Batch, ChunkRow, DropRow, JumpRow, PathRow, RedoRow, SealRow, TailRow};

/// Why the store did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("no room for the journal in {place}")]
    Full { place: String },
    #[error("cannot {doing} the journal {place}")]
    Store { doing: &'static str, place: String, source: rusqlite::Error },
    #[error("cannot {doing} the journal {place}")]
    File { doing: &'static str, place: String, source: std::io::Error },
    #[error("the journal {place} is damaged: {what}")]
    Damaged { place: String, what: String },
    #[error("the journal {place} was made by another version (format {found}, this program reads {known})")]
    Format { place: String, found: i64, known: i64 },
}

impl JournalError {
    /// What the pipeline does about it.
    pub fn fate(&self) -> Fate {
        match self {
            JournalError::Full { .. } => Fate::Retry,
            _ => Fate::Stop,
        }
    }
}

/// The transactional store. [`Journal::apply`] is atomic against a kill, [`Syncer::sync`] makes it so against a power
/// cut; between the two nothing of a batch may be shown to readers.
pub trait Journal: Send {
    /// Applies a batch whole or not at all.
    fn apply(&mut self, batch: &Batch) -> Result<(), JournalError>;
    /// A call that makes all applied batches durable; it may run while the journal is used.
    fn syncer(&self) -> Box<dyn Syncer>;
    /// Does in a quiet moment what commits would have to do later; changes nothing.
    fn tidy(&mut self) -> Result<(), JournalError>;
    /// The redo rows in the order of their numbers, body and all.
    fn redo(&mut self, each: &mut dyn FnMut(RedoRow)) -> Result<(), JournalError>;
    fn tails(&mut self) -> Result<Vec<TailRow>, JournalError>;
    /// Seals by stream and segment; with `open_only` those that are not finished or still have a live name.
    fn seals(&mut self, open_only: bool) -> Result<Vec<SealRow>, JournalError>;
    fn seal(&mut self, stream: Stream, segment: u64) -> Result<Option<SealRow>, JournalError>;
    fn meta(&mut self, key: &str) -> Result<Option<String>, JournalError>;
    fn drop_row(&mut self, id: &DropId) -> Result<Option<DropRow>, JournalError>;
    /// Drops whose id starts with these hex digits, or whose name ends with this text; newest first, at most `max`.
    fn find_drops(&mut self, wanted: &str, max: usize) -> Result<Vec<DropRow>, JournalError>;
    fn chunks(&mut self, id: &DropId) -> Result<Vec<ChunkRow>, JournalError>;
    fn path(&mut self, name: &str) -> Result<Option<PathRow>, JournalError>;
    /// Every name under which these bytes were seen.
    fn names_of(&mut self, id: &DropId) -> Result<Vec<PathRow>, JournalError>;
    /// Articles of one issue that say where they go on.
    fn jumps(&mut self, issue: &str) -> Result<Vec<JumpRow>, JournalError>;
    /// Drops by outcome word.
    fn counts(&mut self) -> Result<Vec<(String, u64)>, JournalError>;
    /// Articles that share a key, as `(key, article number)`; see [`near_dup`].
    fn near_postings(&mut self, keys: &[u64]) -> Result<Vec<(u64, u64)>, JournalError>;
    fn near_doc(&mut self, seq: u64) -> Result<Option<Vec<u8>>, JournalError>;
    /// Looks at every row and page, and names what is damaged.
    fn examine(&mut self) -> Result<Vec<String>, JournalError>;
}

/// Makes applied batches durable.
pub trait Syncer: Send {
    fn sync(&self) -> Result<(), JournalError>;
}
