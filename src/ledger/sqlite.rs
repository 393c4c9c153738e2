//! The journal in SQLite: one file that an operator can open when the daemon is down.
//!
//! WAL with EXCLUSIVE locking. `synchronous` is NORMAL and the write-ahead log is synced by [`Syncer::sync`] after each
//! COMMIT, which is what FULL does, except that the ledger can be asked while the disk works.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};
use serde::Serialize;

use super::near_store::{Change, NearStore, TABLES as NEAR_TABLES};
use super::rows::{Batch, ChunkRow, DropRow, JumpRow, PathRow, RedoRow, SealRow, State, TailRow};
use super::{Journal, JournalError, Syncer};
use crate::record::drop::{DropId, FileIdentity};
use crate::record::stream::Stream;

/// File name below the state folder.
pub const FILE: &str = "journal.db";
/// `WNLJ`
const APPLICATION: i64 = 0x574e_4c4a;
const FORMAT: i64 = 1;
/// A log of this size is worth bringing in while nothing comes.
const TIDY_BYTES: u64 = 1 << 20;

const TABLES: &str = "
CREATE TABLE redo(id INTEGER PRIMARY KEY, stream TEXT, segment INTEGER, offset INTEGER, bytes INTEGER, body BLOB, sum INTEGER);
CREATE TABLE drops(no INTEGER PRIMARY KEY, id BLOB UNIQUE, name TEXT, bytes INTEGER, admitted_ms INTEGER,
    finished_ms INTEGER, evidence TEXT, state TEXT, reason TEXT, next_chunk INTEGER, next_offset INTEGER, carry TEXT,
    articles INTEGER, supersedes TEXT, rebuilt INTEGER, receipts INTEGER, sum INTEGER);
CREATE TABLE chunks(drop_no INTEGER, chunk INTEGER, start INTEGER, bytes INTEGER, starts BLOB, first_seq INTEGER,
    receipt_seq INTEGER, finished_ms INTEGER, sum INTEGER, PRIMARY KEY(drop_no, chunk)) WITHOUT ROWID;
CREATE TABLE paths(name TEXT PRIMARY KEY, dev INTEGER, ino INTEGER, size INTEGER, mtime_ns INTEGER, sha256 TEXT,
    outcome TEXT, reason TEXT, seen_ms INTEGER, again INTEGER, sum INTEGER) WITHOUT ROWID;
CREATE TABLE also(drop_no INTEGER, name TEXT, PRIMARY KEY(drop_no, name)) WITHOUT ROWID;
CREATE TABLE tails(stream TEXT PRIMARY KEY, next_seq INTEGER, segment INTEGER, bytes INTEGER, lines INTEGER,
    opened_ms INTEGER, sum INTEGER) WITHOUT ROWID;
CREATE TABLE seals(stream TEXT, segment INTEGER, bytes INTEGER, lines INTEGER, last_seq INTEGER, closed_ms INTEGER,
    sealed INTEGER, live INTEGER, damaged INTEGER, sum INTEGER, PRIMARY KEY(stream, segment)) WITHOUT ROWID;
CREATE INDEX open_seals ON seals(stream, segment) WHERE sealed = 0 OR live = 1;
CREATE TABLE jumps(issue TEXT, seq INTEGER, id TEXT, page TEXT, to_page TEXT, title TEXT, sum INTEGER,
    PRIMARY KEY(issue, seq)) WITHOUT ROWID;
CREATE TABLE counts(state TEXT PRIMARY KEY, n INTEGER) WITHOUT ROWID;
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
";

/// The store of a daemon.
pub struct SqliteJournal {
    connection: Connection,
    place: PathBuf,
    wal: Arc<File>,
    near: NearStore,
    /// Batches since the log was last brought in.
    written: u64,
}

impl SqliteJournal {
    /// Whether the state folder holds a journal.
    pub fn exists(folder: &Path) -> bool {
        folder.join(FILE).exists()
    }

    /// Opens the journal in a folder, or makes it.
    ///
    /// # Errors
    /// A file that is no journal, is damaged, or was made by a later version.
    pub fn open(folder: &Path) -> Result<SqliteJournal, JournalError> {
        let place = folder.join(FILE);
        let failed = |e| store_error("open", &place, e);
        let connection = Connection::open(&place).map_err(failed)?;
        connection.set_prepared_statement_cache_capacity(64);
        connection
            .execute_batch(
                "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
                 PRAGMA wal_autocheckpoint = 8000; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY;",
            )
            .map_err(failed)?;
        let application: i64 = connection.pragma_query_value(None, "application_id", |r| r.get(0)).map_err(failed)?;
        let format: i64 = connection.pragma_query_value(None, "user_version", |r| r.get(0)).map_err(failed)?;
        let tables: i64 =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0)).map_err(failed)?;
        match (tables, application, format) {
            // A kill before the first commit leaves a file without tables; all tables come in one transaction.
            (0, _, _) => connection
                .execute_batch(&format!(
                    "BEGIN IMMEDIATE; {TABLES} {NEAR_TABLES} PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {FORMAT}; COMMIT;"
                ))
                .map_err(failed)?,
            (_, APPLICATION, FORMAT) => {}
            (_, APPLICATION, found) => {
                return Err(JournalError::Format { place: place.display().to_string(), found, known: FORMAT });
            }
            _ => {
                let what = "it belongs to another program".to_owned();
                return Err(JournalError::Damaged { place: place.display().to_string(), what });
            }
        }
        // In EXCLUSIVE mode the log exists from the first write on and stays the same file until the last close.
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('opened', datetime())", []).map_err(failed)?;
        let file_error = |source| JournalError::File { doing: "open", place: place.display().to_string(), source };
        let wal = File::open(folder.join(format!("{FILE}-wal"))).map_err(file_error)?;
        wal.sync_data().and_then(|()| File::open(folder)?.sync_all()).map_err(file_error)?;
        Ok(SqliteJournal { connection, place, wal: Arc::new(wal), near: NearStore::default(), written: 0 })
    }

    fn statement(&self, sql: &str) -> Result<CachedStatement<'_>, JournalError> {
        self.connection.prepare_cached(sql).map_err(|e| store_error("ask", &self.place, e))
    }

    fn run(&self, sql: &str, values: impl rusqlite::Params) -> Result<(), JournalError> {
        self.statement(sql)?.execute(values).map(drop).map_err(|e| store_error("write to", &self.place, e))
    }

    fn rows<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, JournalError> {
        let mut statement = self.statement(sql)?;
        let rows = statement.query_map(values, read).and_then(Iterator::collect);
        rows.map_err(|e| store_error("read", &self.place, e))
    }

    fn damaged(&self, what: String) -> JournalError {
        JournalError::Damaged { place: self.place.display().to_string(), what }
    }

    /// Checks the sums that were read beside the rows.
    fn sound<T: Serialize>(&self, table: &str, rows: Vec<(T, i64)>) -> Result<Vec<T>, JournalError> {
        rows.into_iter()
            .map(|(row, sum)| {
                if sum_of(&row) == sum { Ok(row) } else { Err(self.damaged(format!("a row of `{table}` was altered"))) }
            })
            .collect()
    }

    fn write(&self, batch: &Batch) -> Result<(), JournalError> {
        if batch.trim_to > 0 {
            self.run("DELETE FROM redo WHERE id <= ?1", [batch.trim_to])?;
        }
        for row in &batch.redo {
            let body = zstd::bulk::compress(&row.bytes, 1).map_err(|source| JournalError::File {
                doing: "compress for",
                place: self.place.display().to_string(),
                source,
            })?;
            let sum = redo_sum(row.id, row.stream, row.segment, row.offset, &body);
            let bytes = row.bytes.len() as u64;
            self.run(
                "INSERT INTO redo VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![row.id, row.stream.word(), row.segment, row.offset, bytes, body, sum],
            )?;
        }
        for row in &batch.drops {
            self.write_drop(row)?;
        }
        for row in &batch.chunks {
            self.run(
                "INSERT OR REPLACE INTO chunks SELECT no, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM drops WHERE id = ?1",
                params![
                    row.drop.0,
                    row.chunk,
                    row.start,
                    row.bytes,
                    pack(&row.starts),
                    row.first_seq,
                    row.receipt_seq,
                    row.finished_ms,
                    sum_of(row)
                ],
            )?;
        }
        for row in &batch.paths {
            let i = row.identity;
            self.run(
                "INSERT OR REPLACE INTO paths VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                params![
                    row.name,
                    bits(i.dev),
                    bits(i.ino),
                    bits(i.size),
                    i.mtime_ns,
                    row.sha256,
                    row.outcome,
                    row.reason,
                    row.seen_ms,
                    row.again,
                    sum_of(row)
                ],
            )?;
        }
        for row in batch.paths.iter().filter(|row| row.outcome == "duplicate") {
            let Some(id) = DropId::parse(&row.sha256) else { continue };
            self.run("INSERT OR IGNORE INTO also SELECT no, ?2 FROM drops WHERE id = ?1", params![id.0, row.name])?;
        }
        for row in &batch.tails {
            self.run(
                "INSERT OR REPLACE INTO tails VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![row.stream.word(), row.next_seq, row.segment, row.bytes, row.lines, row.opened_ms, sum_of(row)],
            )?;
        }
        for row in &batch.seals {
            self.run(
                "INSERT OR REPLACE INTO seals VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                params![
                    row.stream.word(),
                    row.segment,
                    row.bytes,
                    row.lines,
                    row.last_seq,
                    row.closed_ms,
                    row.sealed,
                    row.live,
                    row.damaged,
                    sum_of(row)
                ],
            )?;
        }
        for row in &batch.jumps {
            self.run(
                "INSERT OR REPLACE INTO jumps VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![row.issue, row.seq, row.id, row.page, row.to_page, row.title, sum_of(row)],
            )?;
        }
        for (key, value) in &batch.meta {
            self.run("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", params![key, value])?;
        }
        Ok(())
    }

    /// The near-duplicate index, and the end of the transaction.
    fn write_near(&mut self, batch: &Batch) -> Result<Change, JournalError> {
        let failed = |e| store_error("write to", &self.place, e);
        let change = self.near.write(&self.connection, &batch.near).map_err(failed)?;
        self.connection.execute_batch("COMMIT").map_err(failed)?;
        Ok(change)
    }

    fn write_drop(&self, row: &DropRow) -> Result<(), JournalError> {
        let before: Option<String> = self
            .statement("SELECT state FROM drops WHERE id = ?1")?
            .query_row([&row.id.0], |r| r.get(0))
            .optional()
            .map_err(|e| store_error("read", &self.place, e))?;
        if before.as_deref() != Some(row.state.word()) {
            if let Some(before) = before {
                self.run("UPDATE counts SET n = n - 1 WHERE state = ?1", [before])?;
            }
            self.run(
                "INSERT INTO counts VALUES (?1, 1) ON CONFLICT(state) DO UPDATE SET n = n + 1",
                [row.state.word()],
            )?;
        }
        let carry = serde_json::to_string(&row.carry).expect("a carry is plain data");
        self.run(
            "INSERT INTO drops(id, name, bytes, admitted_ms, finished_ms, evidence, state, reason, next_chunk, next_offset,
                carry, articles, supersedes, rebuilt, receipts, sum)
             VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16)
             ON CONFLICT(id) DO UPDATE SET name=?2, bytes=?3, admitted_ms=?4, finished_ms=?5, evidence=?6, state=?7,
                reason=?8, next_chunk=?9, next_offset=?10, carry=?11, articles=?12, supersedes=?13, rebuilt=?14,
                receipts=?15, sum=?16",
            params![
                row.id.0, row.name, row.bytes, row.admitted_ms, row.finished_ms, row.evidence, row.state.word(),
                row.reason, row.next_chunk, row.next_offset, carry, row.articles, row.supersedes, row.rebuilt, row.receipts,
                sum_of(row)
            ],
        )
    }
}

impl Journal for SqliteJournal {
    fn apply(&mut self, batch: &Batch) -> Result<(), JournalError> {
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(|e| store_error("write to", &self.place, e))?;
        match self.write(batch).and_then(|()| self.write_near(batch)) {
            Ok(change) => {
                self.near.committed(change, &batch.near);
                self.written += 1;
                Ok(())
            }
            Err(error) => {
                // SQLite may have rolled back by itself already (a full disk); otherwise nothing of the batch may stay.
                if !self.connection.is_autocommit() {
                    self.connection.execute_batch("ROLLBACK").map_err(|e| store_error("roll back", &self.place, e))?;
                }
                Err(error)
            }
        }
    }

    fn syncer(&self) -> Box<dyn Syncer> {
        Box::new(WalSyncer { wal: self.wal.clone(), place: self.place.clone() })
    }

    fn tidy(&mut self) -> Result<(), JournalError> {
        // The pages of the log are those that were written since it was last brought in.
        let log = self.wal.metadata().map_or(0, |m| m.len());
        if log < TIDY_BYTES || std::mem::take(&mut self.written) == 0 {
            return Ok(());
        }
        let done = self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        match done.map_err(|e| store_error("check", &self.place, e)) {
            // It can wait.
            Err(JournalError::Full { .. }) => Ok(()),
            other => other,
        }
    }

    fn redo(&mut self, each: &mut dyn FnMut(RedoRow)) -> Result<(), JournalError> {
        let failed = |e| store_error("read", &self.place, e);
        let mut statement = self
            .connection
            .prepare("SELECT id, stream, segment, offset, bytes, body, sum FROM redo ORDER BY id")
            .map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let read = |row: &Row<'_>| -> rusqlite::Result<_> {
                Ok((
                    row.get(0)?,
                    row.get::<_, String>(1)?,
                    row.get(2)?,
                    row.get(3)?,
                    row.get::<_, u64>(4)?,
                    row.get::<_, Vec<u8>>(5)?,
                    row.get::<_, i64>(6)?,
                ))
            };
            let (id, word, segment, offset, bytes, body, sum) = read(row).map_err(failed)?;
            let stream = Stream::of_word(&word).filter(|s| redo_sum(id, *s, segment, offset, &body) == sum);
            let plain = zstd::bulk::decompress(&body, usize::try_from(bytes).unwrap_or(0)).ok();
            match (stream, plain) {
                (Some(stream), Some(plain)) if plain.len() as u64 == bytes => {
                    each(RedoRow { id, stream, segment, offset, bytes: Arc::new(plain) });
                }
                _ => return Err(self.damaged(format!("redo row {id} was altered"))),
            }
        }
        Ok(())
    }

    fn tails(&mut self) -> Result<Vec<TailRow>, JournalError> {
        let rows = self.rows("SELECT stream, next_seq, segment, bytes, lines, opened_ms, sum FROM tails", [], |r| {
            Ok((
                TailRow {
                    stream: stream_of(r, 0)?,
                    next_seq: r.get(1)?,
                    segment: r.get(2)?,
                    bytes: r.get(3)?,
                    lines: r.get(4)?,
                    opened_ms: r.get(5)?,
                },
                r.get(6)?,
            ))
        })?;
        self.sound("tails", rows)
    }

    fn seals(&mut self, open_only: bool) -> Result<Vec<SealRow>, JournalError> {
        let open = if open_only { "WHERE sealed = 0 OR live = 1" } else { "" };
        let rows = self.rows(&format!("{SEAL} {open} ORDER BY stream, segment"), [], seal_of)?;
        self.sound("seals", rows)
    }

    fn seal(&mut self, stream: Stream, segment: u64) -> Result<Option<SealRow>, JournalError> {
        let sql = format!("{SEAL} WHERE stream = ?1 AND segment = ?2");
        let rows = self.rows(&sql, params![stream.word(), segment], seal_of)?;
        Ok(self.sound("seals", rows)?.pop())
    }

    fn meta(&mut self, key: &str) -> Result<Option<String>, JournalError> {
        Ok(self.rows("SELECT value FROM meta WHERE key = ?1", [key], |r| r.get(0))?.pop())
    }

    fn drop_row(&mut self, id: &DropId) -> Result<Option<DropRow>, JournalError> {
        let rows = self.rows(&format!("{DROP} WHERE id = ?1"), [&id.0], drop_of)?;
        Ok(self.sound("drops", rows)?.pop())
    }

    fn find_drops(&mut self, wanted: &str, max: usize) -> Result<Vec<DropRow>, JournalError> {
        let hexed = wanted.len() >= 4 && wanted.bytes().all(|b| b.is_ascii_hexdigit());
        let mut found = Vec::new();
        if hexed {
            let wanted = wanted.to_ascii_lowercase();
            let (low, high) = (format!("{wanted:0<64}"), format!("{wanted:f<64}"));
            if let (Some(low), Some(high)) = (DropId::parse(&low), DropId::parse(&high)) {
                let rows = self.rows(
                    &format!("{DROP} WHERE id BETWEEN ?1 AND ?2 ORDER BY no DESC LIMIT ?3"),
                    params![low.0, high.0, max as u64],
                    drop_of,
                )?;
                found = self.sound("drops", rows)?;
            }
        }
        if found.is_empty() {
            // By every name under which bytes were seen, whole or from a `/` on.
            let ids: Vec<String> = self.rows(
                "SELECT sha256 FROM paths WHERE sha256 <> '' AND (name = ?1 OR name LIKE '%/' || ?2 ESCAPE '\\')
                 ORDER BY seen_ms DESC LIMIT ?3",
                params![wanted, like(wanted), max as u64],
                |r| r.get(0),
            )?;
            let committed = self.rows(
                &format!("{DROP} WHERE name = ?1 ORDER BY no DESC LIMIT ?2"),
                params![wanted, max as u64],
                drop_of,
            )?;
            for id in ids.iter().filter_map(|id| DropId::parse(id)) {
                found.extend(self.drop_row(&id)?);
            }
            for row in self.sound("drops", committed)? {
                if found.iter().all(|f| f.id != row.id) {
                    found.push(row);
                }
            }
        }
        Ok(found)
    }

    fn chunks(&mut self, id: &DropId) -> Result<Vec<ChunkRow>, JournalError> {
        let rows = self.rows(
            "SELECT chunk, start, bytes, starts, first_seq, receipt_seq, finished_ms, sum FROM chunks
             WHERE drop_no = (SELECT no FROM drops WHERE id = ?1) ORDER BY chunk",
            [&id.0],
            |r| {
                Ok((
                    ChunkRow {
                        drop: *id,
                        chunk: r.get(0)?,
                        start: r.get(1)?,
                        bytes: r.get(2)?,
                        starts: unpack(&r.get::<_, Vec<u8>>(3)?),
                        first_seq: r.get(4)?,
                        receipt_seq: r.get(5)?,
                        finished_ms: r.get(6)?,
                    },
                    r.get(7)?,
                ))
            },
        )?;
        self.sound("chunks", rows)
    }

    fn path(&mut self, name: &str) -> Result<Option<PathRow>, JournalError> {
        let rows = self.rows(&format!("{PATH} WHERE name = ?1"), [name], path_of)?;
        Ok(self.sound("paths", rows)?.pop())
    }

    fn names_of(&mut self, id: &DropId) -> Result<Vec<PathRow>, JournalError> {
        // By the first name and those of duplicates: an index over all hashes would cost every commit a page.
        let names: Vec<String> = self.rows(
            "SELECT name FROM drops WHERE id = ?1
             UNION SELECT name FROM also WHERE drop_no = (SELECT no FROM drops WHERE id = ?1)",
            [&id.0],
            |r| r.get(0),
        )?;
        let sha256 = id.to_string();
        let mut found = Vec::new();
        for name in names {
            found.extend(self.path(&name)?.filter(|row| row.sha256 == sha256));
        }
        Ok(found)
    }

    fn jumps(&mut self, issue: &str) -> Result<Vec<JumpRow>, JournalError> {
        let rows =
            self.rows("SELECT seq, id, page, to_page, title, sum FROM jumps WHERE issue = ?1", [issue], |r| {
                Ok((
                    JumpRow {
                        issue: issue.into(),
                        seq: r.get(0)?,
                        id: r.get(1)?,
                        page: r.get(2)?,
                        to_page: r.get(3)?,
                        title: r.get(4)?,
                    },
                    r.get(5)?,
                ))
            })?;
        self.sound("jumps", rows)
    }

    fn counts(&mut self) -> Result<Vec<(String, u64)>, JournalError> {
        self.rows("SELECT state, n FROM counts", [], |r| Ok((r.get(0)?, r.get(1)?)))
    }

    fn near_postings(&mut self, keys: &[u64]) -> Result<Vec<(u64, u64)>, JournalError> {
        self.near.postings(&self.connection, keys).map_err(|e| store_error("read", &self.place, e))
    }

    fn near_doc(&mut self, seq: u64) -> Result<Option<Vec<u8>>, JournalError> {
        Ok(self.rows("SELECT doc FROM near_docs WHERE seq = ?1", [seq], |r| r.get(0))?.pop())
    }

    fn examine(&mut self) -> Result<Vec<String>, JournalError> {
        let mut findings: Vec<String> = self.rows("PRAGMA integrity_check", [], |r| r.get(0))?;
        findings.retain(|line| line != "ok");
        let mut altered = |table: &str, what: String| findings.push(format!("a row of `{table}` was altered: {what}"));
        for (row, sum) in self.rows(DROP, [], drop_of)? {
            if sum_of(&row) != sum {
                altered("drops", row.name);
            }
        }
        for (row, sum) in self.rows(PATH, [], path_of)? {
            if sum_of(&row) != sum {
                altered("paths", row.name);
            }
        }
        for result in [self.tails().map(drop), self.seals(false).map(drop), self.redo(&mut |_| ())] {
            match result {
                Err(JournalError::Damaged { what, .. }) => findings.push(what),
                other => other?,
            }
        }
        Ok(findings)
    }
}

struct WalSyncer {
    wal: Arc<File>,
    place: PathBuf,
}

impl Syncer for WalSyncer {
    fn sync(&self) -> Result<(), JournalError> {
        self.wal.sync_data().map_err(|source| JournalError::File {
            doing: "sync",
            place: self.place.display().to_string(),
            source,
        })
    }
}

const DROP: &str =
    "SELECT id, name, bytes, admitted_ms, finished_ms, evidence, state, reason, next_chunk, next_offset, carry,
    articles, supersedes, rebuilt, receipts, sum FROM drops";
const PATH: &str = "SELECT name, dev, ino, size, mtime_ns, sha256, outcome, reason, seen_ms, again, sum FROM paths";

const SEAL: &str = "SELECT stream, segment, bytes, lines, last_seq, closed_ms, sealed, live, damaged, sum FROM seals";

fn seal_of(r: &Row<'_>) -> rusqlite::Result<(SealRow, i64)> {
    let row = SealRow {
        stream: stream_of(r, 0)?,
        segment: r.get(1)?,
        bytes: r.get(2)?,
        lines: r.get(3)?,
        last_seq: r.get(4)?,
        closed_ms: r.get(5)?,
        sealed: r.get(6)?,
        live: r.get(7)?,
        damaged: r.get(8)?,
    };
    Ok((row, r.get(9)?))
}

fn drop_of(r: &Row<'_>) -> rusqlite::Result<(DropRow, i64)> {
    // What does not parse becomes its default, and then the sum tells.
    let row = DropRow {
        id: DropId(r.get(0)?),
        name: r.get(1)?,
        bytes: r.get(2)?,
        admitted_ms: r.get(3)?,
        finished_ms: r.get(4)?,
        evidence: r.get(5)?,
        state: State::of_word(&r.get::<_, String>(6)?).unwrap_or(State::Running),
        reason: r.get(7)?,
        next_chunk: r.get(8)?,
        next_offset: r.get(9)?,
        carry: serde_json::from_str(&r.get::<_, String>(10)?).unwrap_or_default(),
        articles: r.get(11)?,
        supersedes: r.get(12)?,
        rebuilt: r.get(13)?,
        receipts: r.get(14)?,
    };
    Ok((row, r.get(15)?))
}

fn path_of(r: &Row<'_>) -> rusqlite::Result<(PathRow, i64)> {
    let identity =
        FileIdentity { dev: unbits(r.get(1)?), ino: unbits(r.get(2)?), size: unbits(r.get(3)?), mtime_ns: r.get(4)? };
    let row = PathRow {
        name: r.get(0)?,
        identity,
        sha256: r.get(5)?,
        outcome: r.get(6)?,
        reason: r.get(7)?,
        seen_ms: r.get(8)?,
        again: r.get(9)?,
    };
    Ok((row, r.get(10)?))
}

fn stream_of(r: &Row<'_>, column: usize) -> rusqlite::Result<Stream> {
    let word: String = r.get(column)?;
    Stream::of_word(&word).ok_or_else(|| rusqlite::Error::InvalidColumnName(word))
}

/// A sum over a row as JSON: SQLite has none of its own, and a flipped bit must be named.
fn sum_of<T: Serialize>(row: &T) -> i64 {
    let json = serde_json::to_vec(row).expect("a row is plain data");
    unsigned_bits(rapidhash::v3::rapidhash_v3(&json))
}

fn redo_sum(id: u64, stream: Stream, segment: u64, offset: u64, body: &[u8]) -> i64 {
    let head = format!("{id} {} {segment} {offset} ", stream.word());
    unsigned_bits(rapidhash::v3::rapidhash_v3(head.as_bytes()) ^ rapidhash::v3::rapidhash_v3(body))
}

/// SQLite integers are signed; these keep all 64 bits.
fn bits(value: u64) -> i64 {
    unsigned_bits(value)
}

fn unsigned_bits(value: u64) -> i64 {
    i64::from_ne_bytes(value.to_ne_bytes())
}

fn unbits(value: i64) -> u64 {
    u64::from_ne_bytes(value.to_ne_bytes())
}

fn like(text: &str) -> String {
    text.chars().flat_map(|c| if matches!(c, '%' | '_' | '\\') { vec!['\\', c] } else { vec![c] }).collect()
}

fn pack(numbers: &[u64]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
}

fn unpack(bytes: &[u8]) -> Vec<u64> {
    bytes.chunks_exact(8).map(|c| u64::from_le_bytes(c.try_into().expect("eight bytes"))).collect()
}

fn store_error(doing: &'static str, place: &Path, source: rusqlite::Error) -> JournalError {
    use rusqlite::ErrorCode::{DatabaseCorrupt, DiskFull, NotADatabase};
    let place = place.display().to_string();
    match source.sqlite_error_code() {
        Some(DiskFull) => JournalError::Full { place },
        Some(DatabaseCorrupt | NotADatabase) => JournalError::Damaged { place, what: source.to_string() },
        _ => JournalError::Store { doing, place, source },
    }
}
