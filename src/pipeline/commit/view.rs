//! Answers questions about drops, from any thread.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::{CommitError, rfc3339};
use crate::disk::lock::FolderLock;
use crate::ledger::rows::{Batch, ChunkRow, DropRow, PathRow, State};
use crate::ledger::sqlite::SqliteJournal;
use crate::ledger::{Journal, JournalError};
use crate::record::drop::{Carry, DropId, FileIdentity, hex};

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

    /// Opens the ledger of a state folder while no daemon runs; nobody else can until the lock is dropped.
    ///
    /// # Errors
    /// A daemon holds the folder, or there is no ledger in it that can be read.
    pub fn of_folder(state: &Path) -> Result<(Ledger, FolderLock), CommitError> {
        let lock = FolderLock::take(state)
            .map_err(|source| CommitError::Folder { doing: "lock", path: state.to_owned(), source })?
            .ok_or_else(|| CommitError::Locked { folder: state.to_owned() })?;
        let journal: Box<dyn Journal> = Box::new(SqliteJournal::open(state)?);
        Ok((Ledger::new(Arc::new(Mutex::new(journal))), lock))
    }

    /// Which file this path stood for when it was last seen, and the drop that it was: a file that is still the same
    /// need not be read again. Nothing for a file that could not be read, or that is in mid-flight.
    pub fn known_path(&self, rel: &Path) -> Result<Option<(FileIdentity, DropId)>, JournalError> {
        let path = self.ask(|j| j.path(&key_of(rel)))?;
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

    /// The same as JSON, with names that could not be read at all: what `why` prints.
    pub fn why_json(&self, wanted: &str) -> Result<Value, JournalError> {
        let fates = self.why(wanted, 20)?;
        let path = self.ask(|j| j.path(wanted))?.filter(|p| p.sha256.is_empty());
        Ok(json!({
            "drops": fates.iter().map(Fate::to_json).collect::<Vec<_>>(),
            "unread": path.iter().map(path_json).collect::<Vec<_>>(),
        }))
    }

    /// Forgets that a drop was refused, so that it is taken when it comes again. Returns how many were forgiven.
    pub fn forgive(&self, sha256: &str) -> Result<u64, JournalError> {
        let Some(id) = DropId::parse(sha256) else { return Ok(0) };
        self.ask(|j| {
            let Some(row) = j.drop_row(&id)?.filter(|row| row.state == State::Refused) else { return Ok(0) };
            let incomplete = |row: PathRow| PathRow { outcome: State::Incomplete.word().into(), ..row };
            let paths = j.names_of(&id)?.into_iter().map(incomplete).collect();
            let drops = vec![DropRow { state: State::Incomplete, ..row }];
            j.apply(&Batch { drops, paths, ..Batch::default() })?;
            Ok(1)
        })
    }

    /// Looks at every row and page of the ledger, and names what is damaged.
    pub fn examine(&self) -> Result<Vec<String>, JournalError> {
        self.ask(|j| j.examine())
    }

    /// How many drops are in each state, by the state's word.
    pub fn counts(&self) -> Result<Vec<(String, u64)>, JournalError> {
        self.ask(|j| j.counts())
    }
}

impl Fate {
    /// What `why --json` prints of a drop.
    pub fn to_json(&self) -> Value {
        let drop = &self.drop;
        json!({
            "sha256": drop.id.to_string(),
            "name": drop.name,
            "outcome": drop.state.word(),
            "reason": drop.reason,
            "bytes": drop.bytes,
            "evidence": drop.evidence,
            "admitted": rfc3339(drop.admitted_ms),
            "finished": rfc3339(drop.finished_ms),
            "articles": drop.articles,
            "supersedes": drop.supersedes,
            "next_chunk": drop.next_chunk,
            "next_offset": drop.next_offset,
            "chunks": self.chunks.iter().map(chunk_json).collect::<Vec<_>>(),
            "names": self.names.iter().map(path_json).collect::<Vec<_>>(),
        })
    }
}

fn chunk_json(chunk: &ChunkRow) -> Value {
    json!({
        "chunk": chunk.chunk,
        "start": chunk.start,
        "bytes": chunk.bytes,
        "ids": chunk.ids(),
        "first_seq": chunk.first_seq,
        "receipt_seq": chunk.receipt_seq,
        "finished": rfc3339(chunk.finished_ms),
    })
}

fn path_json(path: &PathRow) -> Value {
    json!({
        "name": path.name,
        "outcome": path.outcome,
        "reason": path.reason,
        "seen": rfc3339(path.seen_ms),
        "again": path.again,
    })
}

/// What the ledger calls a path below the watched folder: the path itself, and for one that is no UTF-8 its bytes too,
/// since two GBK names may look alike once they are made readable.
pub fn key_of(rel: &Path) -> String {
    match rel.to_str() {
        Some(text) => text.to_owned(),
        None => format!("{}#{}", rel.to_string_lossy(), hex(rel.as_os_str().as_bytes())),
    }
}
