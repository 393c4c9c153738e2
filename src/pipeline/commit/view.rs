//! Answers questions about drops, from any thread.

use std::sync::{Arc, Mutex, PoisonError};

use crate::ledger::rows::{ChunkRow, DropRow, PathRow, State};
use crate::ledger::{Journal, JournalError};
use crate::record::drop::{Carry, DropId, FileIdentity};

/// The ledger as it is now; cheap to clone. A question waits for a commit's inserts at most, never for a sync.
#[derive(Clone)]
pub struct Ledger {
    journal: Arc<Mutex<Box<dyn Journal>>>,
}

/// Where a drop stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    New,
    /// Some chunks are committed; go on with this one. After a lost ledger it may be the first chunk again: the committer
    /// skips what is already written.
    Resume {
        next_chunk: u32,
        next_offset: u64,
        carry: Carry,
        /// When it was admitted first; the records of all its chunks say so.
        admitted_ms: i64,
    },
    /// Its lines are written: send [`super::Finding::Seen`].
    Done,
    /// It was refused before: send [`super::Finding::Seen`], unless a person asked for another try.
    Refused {
        reason: String,
        next_chunk: u32,
        next_offset: u64,
        carry: Carry,
        admitted_ms: i64,
    },
}

/// Everything the ledger knows of one drop.
#[derive(Clone, Debug)]
pub struct Fate {
    pub drop: DropRow,
    pub chunks: Vec<ChunkRow>,
    pub names: Vec<PathRow>,
}

impl Ledger {
    pub(super) fn new(journal: Arc<Mutex<Box<dyn Journal>>>) -> Ledger {
        Ledger { journal }
    }

    fn ask<T>(&self, question: impl FnOnce(&mut dyn Journal) -> Result<T, JournalError>) -> Result<T, JournalError> {
        question(&mut **self.journal.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What to do with a drop of this content.
    pub fn standing(&self, id: &DropId) -> Result<Standing, JournalError> {
        Ok(match self.ask(|j| j.drop_row(id))? {
            None => Standing::New,
            Some(DropRow { state: State::Done, .. }) => Standing::Done,
            Some(DropRow { state: State::Refused, reason, next_chunk, next_offset, carry, admitted_ms, .. }) => {
                Standing::Refused { reason, next_chunk, next_offset, carry, admitted_ms }
            }
            Some(DropRow { next_chunk, next_offset, carry, admitted_ms, .. }) => {
                Standing::Resume { next_chunk, next_offset, carry, admitted_ms }
            }
        })
    }

    /// Which file this name stood for when it was last seen, and the drop that it was: a file that is still the same
    /// need not be read again. Nothing for a file that could not be read, or that is in mid-flight.
    pub fn known_path(&self, name: &str) -> Result<Option<(FileIdentity, DropId)>, JournalError> {
        let path = self.ask(|j| j.path(name))?;
        let finished = path.filter(|p| p.outcome != State::Running.word() && p.outcome != State::Incomplete.word());
        Ok(finished.and_then(|p| DropId::parse(&p.sha256).map(|id| (p.identity, id))))
    }

    /// What became of drops: by the first digits of their hash, or by name; newest first.
    pub fn why(&self, wanted: &str, max: usize) -> Result<Vec<Fate>, JournalError> {
        self.ask(|j| {
            let drops = j.find_drops(wanted, max)?;
            drops
                .into_iter()
                .map(|drop| Ok(Fate { chunks: j.chunks(&drop.id)?, names: j.names_of(&drop.id)?, drop }))
                .collect()
        })
    }

    /// How many drops are in each state, by the state's word.
    pub fn counts(&self) -> Result<Vec<(String, u64)>, JournalError> {
        self.ask(|j| j.counts())
    }
}
