//! Opening: locks, then finishes what an earlier run left undone. Forward only.
//!
//! * The machine ran on (same boot): what is visible must equal the journal; the missing rest is written.
//! * The machine went down: after a power cut ext4 has kept lengths but left NULs, so every byte that was not synced is
//!   compared and written again in full.
//! * Bytes beyond the end that the journal knows are not ours: they are never cut off. The segment is closed where our
//!   bytes end, its valid part goes to `sealed/`, and a new segment is begun.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::{Clock, CommitError, Committer, Rules, rfc3339};
use crate::config::Config;
use crate::disk::lock::FolderLock;
use crate::disk::real::RealDisk;
use crate::disk::{Disk, failpoint};
use crate::ledger::Journal;
use crate::ledger::rows::{Batch, RedoRow, SealRow};
use crate::ledger::sqlite::SqliteJournal;
use crate::record::line::SCHEMA_VERSION;
use crate::record::stream::Stream;
use crate::sink::beside::{self, Status};
use crate::sink::place::{Closed, Tail};
use crate::sink::show::Unsynced;
use crate::sink::{FOLDERS, SinkError};

/// What recovery found and did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recovered {
    /// The machine was started again since the last run.
    pub new_boot: bool,
    /// Bytes that were committed but not, or not rightly, in the output.
    pub written_bytes: u64,
    /// Live files that hold bytes of somebody else.
    pub damaged: Vec<String>,
    /// The ledger was rebuilt from the output.
    pub rebuilt: bool,
}

pub(super) fn open(config: &Config, clock: Clock) -> Result<(Committer, Recovered), CommitError> {
    let (state, out) = (config.ledger.folder.as_path(), config.sink.folder.as_path());
    let mut locks = Vec::new();
    for folder in [state, out, config.watch.folder.as_path()] {
        locks.push(lock(folder)?);
    }
    let disk = Arc::new(RealDisk::new(out));
    let journal = Box::new(SqliteJournal::open(state)?);
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned();
    let (mut committer, recovered) = recover(journal, disk, Rules::of(config), clock, &boot)?;
    committer.locks = locks;
    Ok((committer, recovered))
}

fn lock(folder: &Path) -> Result<FolderLock, CommitError> {
    let failed = |doing| move |source| CommitError::Folder { doing, path: folder.to_owned(), source };
    fs::create_dir_all(folder).map_err(failed("make"))?;
    FolderLock::take(folder).map_err(failed("lock"))?.ok_or_else(|| CommitError::Locked { folder: folder.to_owned() })
}

/// Recovers over any journal and disk.
pub(super) fn recover(
    mut journal: Box<dyn Journal>,
    disk: Arc<dyn Disk>,
    rules: Rules,
    clock: Clock,
    boot: &str,
) -> Result<(Committer, Recovered), CommitError> {
    for folder in FOLDERS {
        disk.make_folder(folder).map_err(|source| SinkError::Disk { doing: "make", name: folder.into(), source })?;
    }
    let now = clock();
    let mut status = Status {
        schema_version: SCHEMA_VERSION.into(),
        state: "recovering".into(),
        recovering: true,
        pid: std::process::id(),
        started: rfc3339(now),
        updated: rfc3339(now),
        ..Status::default()
    };
    beside::tell(&*disk, &status).map_err(|source| SinkError::Disk {
        doing: "write",
        name: "status.json".into(),
        source,
    })?;
    let mut recovered =
        Recovered { new_boot: journal.meta("boot")?.is_some_and(|known| known != boot), ..Recovered::default() };

    let mut tails = [Tail::new(Stream::Articles), Tail::new(Stream::Drops), Tail::new(Stream::Manifest)];
    for row in journal.tails()? {
        let tail = tails.iter_mut().find(|t| t.stream == row.stream).expect("every stream has a tail");
        (tail.next_seq, tail.segment) = (row.next_seq, row.segment);
        (tail.bytes, tail.lines, tail.opened_ms) = (row.bytes, row.lines, row.opened_ms);
    }
    let mut redo = Vec::new();
    journal.redo(&mut |row| redo.push(row))?;
    let mut unsynced = Unsynced::default();
    for row in &redo {
        recovered.written_bytes += apply(&*disk, row, &mut unsynced, now)?;
        failpoint::pass("recover.written");
    }
    for tail in tails.iter().filter(|t| t.segment != 0) {
        unsynced.add(tail.stream.live(tail.segment), 0, now);
    }
    unsynced.sync(&*disk)?;
    failpoint::pass("recover.synced");

    let applied = redo.last().map_or(0, |row| row.id);
    let [articles, drops, manifest] = tails;
    let seals = journal.seals(true)?;
    let manifest_hash = journal.meta("manifest_hash")?.unwrap_or_default();
    let syncer = journal.syncer();
    status.state = "running".into();
    status.recovering = false;
    let mut committer = Committer {
        journal: Arc::new(Mutex::new(journal)),
        syncer,
        disk,
        rules,
        clock,
        articles,
        drops,
        manifest,
        manifest_hash,
        next_redo: applied + 1,
        applied,
        synced: applied,
        unsynced,
        closing: seals.iter().filter(|row| !row.sealed).map(closed).collect(),
        lingering: seals.into_iter().filter(|row| row.sealed).collect(),
        running: std::collections::HashMap::new(),
        half: None,
        status,
        told_ms: 0,
        pointed: 0,
        locks: Vec::new(),
    };
    committer.lock().apply(&Batch {
        trim_to: applied,
        meta: vec![("boot", boot.to_owned()), ("version", env!("CARGO_PKG_VERSION").to_owned())],
        ..Batch::default()
    })?;
    committer.syncer.sync()?;
    committer.seal_closed()?;
    committer.sweep();
    committer.tell(now, true);
    Ok((committer, recovered))
}

/// Writes a redo row where the output does not hold it yet. Returns how many bytes were missing or wrong.
fn apply(disk: &dyn Disk, row: &RedoRow, unsynced: &mut Unsynced, now: i64) -> Result<u64, CommitError> {
    let name = row.stream.live(row.segment);
    let failed = |doing| {
        let name = name.clone();
        move |source| SinkError::Disk { doing, name, source }
    };
    let length = disk.len(&name).map_err(failed("look at"))?;
    if length.is_none() {
        if row.offset != 0 {
            return Err(SinkError::Shortened { name, found: 0, expected: row.offset }.into());
        }
        disk.create(&name).map_err(failed("create"))?;
        unsynced.created();
    }
    let length = length.unwrap_or(0);
    if length < row.offset {
        return Err(SinkError::Shortened { name, found: length, expected: row.offset }.into());
    }
    let there = disk.read(&name, row.offset, row.bytes.len()).map_err(failed("read"))?;
    unsynced.add(name.clone(), row.bytes.len() as u64, now);
    let wrong = row.bytes.len() - there.iter().zip(row.bytes.iter()).filter(|(a, b)| a == b).count();
    if wrong > 0 {
        disk.write(&name, row.offset, &row.bytes).map_err(failed("write to"))?;
    }
    Ok(wrong as u64)
}

fn closed(row: &SealRow) -> Closed {
    Closed {
        stream: row.stream,
        segment: row.segment,
        bytes: row.bytes,
        lines: row.lines,
        last_seq: row.last_seq,
        sha256: None,
    }
}

impl Committer {
    /// Removes what an earlier run left in `.tmp`.
    fn sweep(&self) {
        for name in self.disk.list(".tmp").unwrap_or_default() {
            if let Err(error) = self.disk.remove(&format!(".tmp/{name}")) {
                tracing::warn!(%error, name, "left-over not removed");
            }
        }
    }
}
