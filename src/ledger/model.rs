//! A model of the journal for tests: the same promises, kept in memory.
//!
//! After a kill every applied batch is there; after a power cut those that were synced, and a first part of the others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::rows::{Batch, ChunkRow, DropRow, JumpRow, PathRow, RedoRow, SealRow, TailRow};
use super::{Journal, JournalError, Syncer};
use crate::disk::memory::{Fuse, gone};
use crate::record::drop::DropId;
use crate::record::stream::Stream;

#[derive(Clone, Debug, Default)]
struct Tables {
    redo: BTreeMap<u64, RedoRow>,
    drops: BTreeMap<DropId, DropRow>,
    chunks: BTreeMap<(DropId, u32), ChunkRow>,
    paths: BTreeMap<String, PathRow>,
    tails: BTreeMap<&'static str, TailRow>,
    seals: BTreeMap<(&'static str, u64), SealRow>,
    jumps: BTreeMap<(String, u64), JumpRow>,
    near_docs: BTreeMap<u64, Vec<u8>>,
    near_keys: BTreeSet<(u64, u64)>,
    meta: BTreeMap<&'static str, String>,
}

#[derive(Debug, Default)]
struct Inner {
    now: Tables,
    durable: Tables,
    /// Applied but not synced.
    pending: Vec<Batch>,
}

/// A journal that can be cut at every step.
#[derive(Clone, Debug)]
pub struct ModelJournal {
    inner: Arc<Mutex<Inner>>,
    fuse: Arc<Fuse>,
}

impl ModelJournal {
    /// An empty journal.
    pub fn new(fuse: Arc<Fuse>) -> ModelJournal {
        ModelJournal { inner: Arc::default(), fuse }
    }

    /// The journal as the next run finds it after a kill.
    pub fn reopened(&self, fuse: Arc<Fuse>) -> ModelJournal {
        let inner = self.lock();
        let (now, durable, pending) = (inner.now.clone(), inner.durable.clone(), inner.pending.clone());
        ModelJournal { inner: Arc::new(Mutex::new(Inner { now, durable, pending })), fuse }
    }

    /// How many batches a power cut may take.
    pub fn unsynced(&self) -> usize {
        self.lock().pending.len()
    }

    /// The journal after a power cut that spared the first `kept` unsynced batches.
    pub fn after_power_cut(&self, kept: usize, fuse: Arc<Fuse>) -> ModelJournal {
        let inner = self.lock();
        let mut tables = inner.durable.clone();
        for batch in inner.pending.iter().take(kept) {
            tables.apply(batch);
        }
        let inner = Inner { now: tables.clone(), durable: tables, pending: Vec::new() };
        ModelJournal { inner: Arc::new(Mutex::new(inner)), fuse }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step(&self, doing: &'static str) -> Result<(), JournalError> {
        let failed = || JournalError::File { doing, place: "in memory".into(), source: gone() };
        if self.fuse.step() { Ok(()) } else { Err(failed()) }
    }
}

impl Tables {
    fn apply(&mut self, batch: &Batch) {
        self.redo.retain(|id, _| *id > batch.trim_to);
        self.redo.extend(batch.redo.iter().map(|row| (row.id, row.clone())));
        self.drops.extend(batch.drops.iter().map(|row| (row.id, row.clone())));
        self.chunks.extend(batch.chunks.iter().map(|row| ((row.drop, row.chunk), row.clone())));
        self.paths.extend(batch.paths.iter().map(|row| (row.name.clone(), row.clone())));
        self.tails.extend(batch.tails.iter().map(|row| (row.stream.word(), row.clone())));
        self.seals.extend(batch.seals.iter().map(|row| ((row.stream.word(), row.segment), row.clone())));
        self.jumps.extend(batch.jumps.iter().map(|row| ((row.issue.clone(), row.seq), row.clone())));
        for row in &batch.near {
            self.near_docs.insert(row.seq, row.doc.clone());
            self.near_keys.extend(row.keys.iter().map(|key| (*key, row.seq)));
        }
        self.meta.extend(batch.meta.iter().map(|(key, value)| (*key, value.clone())));
    }
}

impl Journal for ModelJournal {
    fn apply(&mut self, batch: &Batch) -> Result<(), JournalError> {
        self.step("write to")?;
        let mut inner = self.lock();
        for row in &batch.redo {
            assert!(!inner.now.redo.contains_key(&row.id), "a redo number is used once");
        }
        inner.now.apply(batch);
        inner.pending.push(batch.clone());
        Ok(())
    }

    fn syncer(&self) -> Box<dyn Syncer> {
        Box::new(ModelSyncer(self.clone()))
    }

    fn tidy(&mut self) -> Result<(), JournalError> {
        Ok(())
    }

    fn redo(&mut self, each: &mut dyn FnMut(RedoRow)) -> Result<(), JournalError> {
        self.lock().now.redo.values().cloned().for_each(each);
        Ok(())
    }

    fn tails(&mut self) -> Result<Vec<TailRow>, JournalError> {
        Ok(self.lock().now.tails.values().cloned().collect())
    }

    fn seals(&mut self, open_only: bool) -> Result<Vec<SealRow>, JournalError> {
        let inner = self.lock();
        Ok(inner.now.seals.values().filter(|row| !open_only || !row.sealed || row.live).cloned().collect())
    }

    fn seal(&mut self, stream: Stream, segment: u64) -> Result<Option<SealRow>, JournalError> {
        Ok(self.lock().now.seals.get(&(stream.word(), segment)).cloned())
    }

    fn meta(&mut self, key: &str) -> Result<Option<String>, JournalError> {
        Ok(self.lock().now.meta.get(key).cloned())
    }

    fn drop_row(&mut self, id: &DropId) -> Result<Option<DropRow>, JournalError> {
        Ok(self.lock().now.drops.get(id).cloned())
    }

    fn find_drops(&mut self, wanted: &str, max: usize) -> Result<Vec<DropRow>, JournalError> {
        let inner = self.lock();
        let found = |row: &&DropRow| row.id.to_string().starts_with(wanted) || row.name.ends_with(wanted);
        Ok(inner.now.drops.values().filter(found).take(max).cloned().collect())
    }

    fn chunks(&mut self, id: &DropId) -> Result<Vec<ChunkRow>, JournalError> {
        Ok(self.lock().now.chunks.range((*id, 0)..=(*id, u32::MAX)).map(|(_, row)| row.clone()).collect())
    }

    fn path(&mut self, name: &str) -> Result<Option<PathRow>, JournalError> {
        Ok(self.lock().now.paths.get(name).cloned())
    }

    fn names_of(&mut self, id: &DropId) -> Result<Vec<PathRow>, JournalError> {
        let sha256 = id.to_string();
        Ok(self.lock().now.paths.values().filter(|row| row.sha256 == sha256).cloned().collect())
    }

    fn jumps(&mut self, issue: &str) -> Result<Vec<JumpRow>, JournalError> {
        Ok(self.lock().now.jumps.values().filter(|row| row.issue == issue).cloned().collect())
    }

    fn counts(&mut self) -> Result<Vec<(String, u64)>, JournalError> {
        let mut counts = BTreeMap::new();
        for row in self.lock().now.drops.values() {
            *counts.entry(row.state.word().to_owned()).or_insert(0) += 1;
        }
        Ok(counts.into_iter().collect())
    }

    fn near_postings(&mut self, keys: &[u64]) -> Result<Vec<(u64, u64)>, JournalError> {
        let inner = self.lock();
        Ok(keys.iter().flat_map(|key| inner.now.near_keys.range((*key, 0)..=(*key, u64::MAX)).copied()).collect())
    }

    fn near_doc(&mut self, seq: u64) -> Result<Option<Vec<u8>>, JournalError> {
        Ok(self.lock().now.near_docs.get(&seq).cloned())
    }

    fn examine(&mut self) -> Result<Vec<String>, JournalError> {
        Ok(Vec::new())
    }
}

struct ModelSyncer(ModelJournal);

impl Syncer for ModelSyncer {
    fn sync(&self) -> Result<(), JournalError> {
        self.0.step("sync")?;
        let mut inner = self.0.lock();
        inner.durable = inner.now.clone();
        inner.pending.clear();
        Ok(())
    }
}
