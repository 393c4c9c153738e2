//! Where the near-duplicate index keeps its keys: in memory while they are new, then in sorted runs.
//!
//! An article has some sixty keys that are spread over all numbers. In one B-tree each of them would cost a commit a page
//! of 4 KiB. So keys of the last [`RECENT_MAX`] articles stay in memory (and beside their documents in the journal, for
//! a restart); then they are written as one sorted run, and [`MERGE`] small runs become a large one. A run has a filter
//! that says of almost every key it does not hold that it does not.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::near_dup::POSTINGS_MAX;
use super::rows::NearRow;

pub(super) const TABLES: &str = "
CREATE TABLE near_docs(seq INTEGER PRIMARY KEY, doc BLOB);
CREATE TABLE near_recent(seq INTEGER PRIMARY KEY, keys BLOB);
CREATE TABLE near_runs(run INTEGER PRIMARY KEY, level INTEGER, last_seq INTEGER, fences BLOB, filter BLOB);
CREATE TABLE near_blocks(id INTEGER PRIMARY KEY, data BLOB);
";

/// Articles whose keys stay in memory: some 10 MB.
const RECENT_MAX: usize = 2048;
/// Small runs that are merged into a large one.
const MERGE: usize = 8;
/// Entries in a block of 8 KiB.
const BLOCK: usize = 512;
/// A run has fewer blocks than this.
const BLOCKS_MAX: u64 = 1 << 24;
/// Entries for each 64-bit word of a filter: about one false alarm in fifty.
const PER_WORD: usize = 5;

type Entry = (u64, u64);

/// The part that is in memory; filled when it is first needed.
#[derive(Default)]
pub(super) struct NearStore {
    loaded: bool,
    recent: HashMap<u64, Vec<u64>>,
    recent_articles: usize,
    /// The latest first; no two share an article.
    runs: Vec<Run>,
}

struct Run {
    no: u64,
    level: u32,
    last_seq: u64,
    /// First key of each block.
    fences: Vec<u64>,
    filter: Vec<u64>,
}

/// What a transaction changes in memory once it is committed.
pub(super) enum Change {
    Nothing,
    /// The keys in memory became this run, or it and the small ones before it became one.
    Spilled {
        gone: Vec<u64>,
        run: Box<RunBox>,
    },
}

/// A run on its way into memory.
pub(super) struct RunBox(Run);

impl NearStore {
    fn load(&mut self, db: &Connection) -> rusqlite::Result<()> {
        if self.loaded {
            return Ok(());
        }
        let mut runs =
            db.prepare("SELECT run, level, last_seq, fences, filter FROM near_runs ORDER BY last_seq DESC")?;
        self.runs = runs
            .query_map([], |r| {
                let words = |column| r.get::<_, Vec<u8>>(column).map(|bytes| words(&bytes));
                Ok(Run { no: r.get(0)?, level: r.get(1)?, last_seq: r.get(2)?, fences: words(3)?, filter: words(4)? })
            })?
            .collect::<rusqlite::Result<_>>()?;
        let mut recent = db.prepare("SELECT seq, keys FROM near_recent ORDER BY seq")?;
        let rows = recent.query_map([], |r| Ok((r.get::<_, u64>(0)?, r.get::<_, Vec<u8>>(1)?)))?;
        for row in rows {
            let (seq, keys) = row?;
            self.remember(seq, &words(&keys));
        }
        self.loaded = true;
        Ok(())
    }

    fn remember(&mut self, seq: u64, keys: &[u64]) {
        self.recent_articles += 1;
        for key in keys {
            self.recent.entry(*key).or_default().push(seq);
        }
    }

    /// Writes what a batch brings, inside its transaction.
    pub(super) fn write(&mut self, db: &Connection, rows: &[NearRow]) -> rusqlite::Result<Change> {
        if rows.is_empty() {
            return Ok(Change::Nothing);
        }
        self.load(db)?;
        let change = if self.recent_articles >= RECENT_MAX { self.spill(db)? } else { Change::Nothing };
        let mut doc = db.prepare_cached("INSERT OR REPLACE INTO near_docs VALUES (?1, ?2)")?;
        let mut keys = db.prepare_cached("INSERT OR REPLACE INTO near_recent VALUES (?1, ?2)")?;
        for row in rows {
            doc.execute(params![row.seq, row.doc])?;
            keys.execute(params![row.seq, bytes(&row.keys)])?;
        }
        Ok(change)
    }

    /// Takes over what was committed.
    pub(super) fn committed(&mut self, change: Change, rows: &[NearRow]) {
        if let Change::Spilled { gone, run } = change {
            self.recent.clear();
            self.recent_articles = 0;
            self.runs.retain(|run| !gone.contains(&run.no));
            debug_assert!(self.runs.first().is_none_or(|old| old.last_seq < run.0.last_seq), "runs are in order");
            self.runs.insert(0, run.0);
        }
        for row in rows {
            self.remember(row.seq, &row.keys);
        }
    }

    /// Makes a run of the keys in memory; with enough small runs before it, one of them all.
    fn spill(&self, db: &Connection) -> rusqlite::Result<Change> {
        let mut entries: Vec<Entry> =
            self.recent.iter().flat_map(|(key, seqs)| seqs.iter().map(|seq| (*key, *seq))).collect();
        let small: Vec<&Run> = self.runs.iter().take_while(|run| run.level == 0).collect();
        let merged = small.len() + 1 >= MERGE;
        let gone: Vec<u64> = if merged { small.iter().map(|run| run.no).collect() } else { Vec::new() };
        if merged {
            for run in small {
                for nth in 0..run.fences.len() {
                    entries.extend(read_block(db, run.no, nth as u64)?);
                }
            }
        }
        entries.sort_unstable();
        trim(&mut entries);
        let no = self.runs.iter().map(|run| run.no).max().unwrap_or(0) + 1;
        let run = write_run(db, no, u32::from(merged), &entries)?;
        for old in &gone {
            db.execute("DELETE FROM near_runs WHERE run = ?1", [old])?;
            db.execute(
                "DELETE FROM near_blocks WHERE id >= ?1 AND id < ?2",
                [old * BLOCKS_MAX, (old + 1) * BLOCKS_MAX],
            )?;
        }
        db.execute("DELETE FROM near_recent", [])?;
        Ok(Change::Spilled { gone, run: Box::new(RunBox(run)) })
    }

    /// Articles that share a key: of each key the latest, at least [`POSTINGS_MAX`] of them if there are so many.
    pub(super) fn postings(&mut self, db: &Connection, keys: &[u64]) -> rusqlite::Result<Vec<Entry>> {
        self.load(db)?;
        let mut found = Vec::new();
        for key in keys {
            let before = found.len();
            found.extend(self.recent.get(key).into_iter().flatten().map(|seq| (*key, *seq)));
            for run in &self.runs {
                if found.len() - before >= POSTINGS_MAX {
                    break;
                }
                if run.may_hold(*key) {
                    run.collect(db, *key, &mut found)?;
                }
            }
        }
        Ok(found)
    }
}

impl Run {
    fn may_hold(&self, key: u64) -> bool {
        let mask = mask(key);
        self.filter.get(word_of(key, self.filter.len())).is_some_and(|word| word & mask == mask)
    }

    fn collect(&self, db: &Connection, key: u64, found: &mut Vec<Entry>) -> rusqlite::Result<()> {
        // The key may begin in the block before the first one that starts with it.
        let first = self.fences.partition_point(|fence| *fence < key).saturating_sub(1);
        for nth in first..self.fences.len() {
            if self.fences[nth] > key {
                break;
            }
            let entries = read_block(db, self.no, nth as u64)?;
            let from = entries.partition_point(|entry| entry.0 < key);
            found.extend(entries[from..].iter().take_while(|entry| entry.0 == key));
        }
        Ok(())
    }
}

/// Keeps the latest entries of each key.
fn trim(entries: &mut Vec<Entry>) {
    let mut kept = Vec::with_capacity(entries.len());
    for of_key in entries.chunk_by(|a, b| a.0 == b.0) {
        kept.extend_from_slice(&of_key[of_key.len().saturating_sub(POSTINGS_MAX)..]);
    }
    *entries = kept;
}

fn write_run(db: &Connection, no: u64, level: u32, entries: &[Entry]) -> rusqlite::Result<Run> {
    let mut filter = vec![0_u64; entries.len().div_ceil(PER_WORD).max(1)];
    let length = filter.len();
    for (key, _) in entries {
        filter[word_of(*key, length)] |= mask(*key);
    }
    let last_seq = entries.iter().map(|entry| entry.1).max().unwrap_or(0);
    let mut fences = Vec::new();
    let mut block = db.prepare_cached("INSERT INTO near_blocks VALUES (?1, ?2)")?;
    for (nth, part) in entries.chunks(BLOCK).enumerate() {
        fences.push(part[0].0);
        let flat: Vec<u64> = part.iter().flat_map(|(key, seq)| [*key, *seq]).collect();
        block.execute(params![no * BLOCKS_MAX + nth as u64, bytes(&flat)])?;
    }
    db.execute(
        "INSERT INTO near_runs VALUES (?1, ?2, ?3, ?4, ?5)",
        params![no, level, last_seq, bytes(&fences), bytes(&filter)],
    )?;
    Ok(Run { no, level, last_seq, fences, filter })
}

fn read_block(db: &Connection, run: u64, nth: u64) -> rusqlite::Result<Vec<Entry>> {
    let mut block = db.prepare_cached("SELECT data FROM near_blocks WHERE id = ?1")?;
    let data: Option<Vec<u8>> = block.query_row([run * BLOCKS_MAX + nth], |r| r.get(0)).optional()?;
    Ok(words(&data.unwrap_or_default()).chunks_exact(2).map(|pair| (pair[0], pair[1])).collect())
}

/// The word of a filter that speaks for a key.
fn word_of(key: u64, words: usize) -> usize {
    usize::try_from((u128::from(key) * words as u128) >> 64).unwrap_or(0)
}

/// Four bits of that word.
fn mask(key: u64) -> u64 {
    (0..4).fold(0, |mask, nth| mask | 1 << (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (nth * 6 + 8) & 63))
}

fn bytes(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn words(bytes: &[u8]) -> Vec<u64> {
    bytes.chunks_exact(8).map(|c| u64::from_le_bytes(c.try_into().expect("eight bytes"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Articles of eight keys, two of which others share.
    fn keys(seq: u64) -> Vec<u64> {
        let mut keys: Vec<u64> = (0..6).map(|n| rapidhash::v3::rapidhash_v3(&(seq * 10 + n).to_le_bytes())).collect();
        keys.extend([7, rapidhash::v3::rapidhash_v3(&((seq / 3) + (1 << 40)).to_le_bytes())]);
        keys
    }

    #[test]
    fn every_key_is_found_again_through_runs_merges_and_restarts() {
        let db = Connection::open_in_memory().expect("a database");
        db.execute_batch(TABLES).expect("tables");
        let mut store = NearStore::default();
        let last = RECENT_MAX as u64 * 10 + 77;
        for group in (1..=last).collect::<Vec<_>>().chunks(50) {
            let rows: Vec<NearRow> =
                group.iter().map(|seq| NearRow { seq: *seq, keys: keys(*seq), doc: Vec::new() }).collect();
            let change = store.write(&db, &rows).expect("written");
            store.committed(change, &rows);
        }
        assert!(store.runs.iter().any(|run| run.level == 1) && store.runs.len() < MERGE, "they were merged");
        assert!(store.runs.is_sorted_by(|a, b| a.last_seq > b.last_seq));
        for mut store in [store, NearStore::default()] {
            for seq in (1..=last).step_by(997) {
                let found = store.postings(&db, &keys(seq)[..6]).expect("found");
                assert_eq!(found.iter().map(|e| e.1).collect::<Vec<_>>(), [seq; 6], "article {seq}");
            }
            // Of a key that all share, the latest.
            let mut shared: Vec<u64> = store.postings(&db, &[7]).expect("found").iter().map(|e| e.1).collect();
            shared.sort_unstable_by(|a, b| b.cmp(a));
            assert_eq!(shared[..POSTINGS_MAX], (last - POSTINGS_MAX as u64 + 1..=last).rev().collect::<Vec<_>>());
            assert!(store.postings(&db, &[12_345]).expect("asked").is_empty());
        }
    }
}
