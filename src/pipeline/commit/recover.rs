//! Opening: locks, then finishes what an earlier run left undone. Forward only.
//!
//! * The machine ran on (same boot): what is visible must equal the journal; the missing rest is written.
//! * The machine went down: after a power cut ext4 has kept lengths but left NULs, so every byte that was not synced is
//!   compared and written again in full.
//! * Bytes beyond the end that the journal knows are not ours: they are never cut off. The segment is closed where our
//!   bytes end, its valid part goes to `sealed/`, and a new segment is begun.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::{Clock, CommitError, Committer, Rules, rebuild, rfc3339, seal_row, tail_row};
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
use crate::sink::place::{Closed, Piece, Tail};
use crate::sink::show::Unsynced;
use crate::sink::{FOLDERS, SinkError, seal};

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
    failpoint::pass("recover.opened");
    let boot = boot_id();
    let (mut committer, recovered) = recover(journal, disk, Rules::of(config), clock, &boot)?;
    committer.locks = locks;
    Ok((committer, recovered))
}

/// Which start of the machine this is; "" where the kernel does not tell.
pub fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
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
        boot: boot.to_owned(),
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

    if journal.meta("boot")?.is_none() && rebuild::is_wanted(&*disk)? {
        tracing::warn!("the ledger is gone; it is rebuilt from the output");
        rebuild::rebuild(&mut *journal, &*disk, now)?;
        recovered.rebuilt = true;
    }
    let mut tails = [Tail::new(Stream::Articles), Tail::new(Stream::Drops), Tail::new(Stream::Manifest)];
    for row in journal.tails()? {
        let tail = tails.iter_mut().find(|t| t.stream == row.stream).expect("every stream has a tail");
        (tail.next_seq, tail.segment) = (row.next_seq, row.segment);
        (tail.bytes, tail.lines, tail.opened_ms) = (row.bytes, row.lines, row.opened_ms);
    }
    let mut redo = Vec::new();
    journal.redo(&mut |row| redo.push(row))?;
    let seals = journal.seals(true)?;
    let ends = ends(&tails, &seals);
    let mut unsynced = Unsynced::default();
    let mut damaged = BTreeSet::new();
    for row in &redo {
        // A sealed segment was synced before it was linked, and its live name may be gone.
        let sealed = journal.seal(row.stream, row.segment)?.is_some_and(|seal| seal.sealed);
        if sealed || damaged.contains(&(row.stream, row.segment)) {
            continue;
        }
        match apply(&*disk, row, recovered.new_boot, &mut unsynced, now)? {
            Some(bytes) => recovered.written_bytes += bytes,
            None => drop(damaged.insert((row.stream, row.segment))),
        }
        failpoint::pass("recover.written");
    }
    for ((stream, segment), end) in &ends {
        if foreign(&*disk, *stream, *segment, *end, &mut unsynced, now)? {
            damaged.insert((*stream, *segment));
        }
    }
    unsynced.sync(&*disk)?;
    failpoint::pass("recover.synced");
    let mut closing: Vec<Closed> = seals.iter().filter(|row| !row.sealed).map(closed).collect();
    let mut batch = Batch::default();
    for key in damaged {
        let end = ends.get(&key).copied().unwrap_or_default();
        recovered.damaged.push(keep_damaged(&*disk, key, end, &redo)?);
        if let Some(tail) = tails.iter_mut().find(|t| key == (t.stream, t.segment) && t.stream != Stream::Manifest) {
            closing.extend(tail.close());
            batch.tails.push(tail_row(tail));
        }
        for closed in closing.iter_mut().filter(|c| key == (c.stream, c.segment)) {
            closed.damaged = true;
            batch.seals.push(seal_row(closed, now));
        }
    }

    let applied = redo.last().map_or(0, |row| row.id);
    let [articles, drops, manifest] = tails;
    let manifest_hash = journal.meta("manifest_hash")?.unwrap_or_default();
    let syncer = journal.syncer();
    status.state = "running".into();
    status.recovering = false;
    status.damaged.clone_from(&recovered.damaged);
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
        closing,
        lingering: seals.into_iter().filter(|row| row.sealed).collect(),
        running: std::collections::HashMap::new(),
        half: None,
        status,
        told_ms: 0,
        retired_ms: 0,
        pointed: 0,
        locks: Vec::new(),
    };
    batch.trim_to = applied;
    batch.meta.extend([("boot", boot.to_owned()), ("version", env!("CARGO_PKG_VERSION").to_owned())]);
    committer.lock().apply(&batch)?;
    committer.syncer.sync()?;
    committer.seal_closed()?;
    committer.sweep()?;
    failpoint::pass("recover.done");
    committer.tell(now, true);
    Ok((committer, recovered))
}

/// Where our bytes end in every file that is not sealed yet.
fn ends(tails: &[Tail], seals: &[SealRow]) -> BTreeMap<(Stream, u64), u64> {
    let growing = tails.iter().filter(|t| t.segment != 0).map(|t| ((t.stream, t.segment), t.bytes));
    growing.chain(seals.iter().filter(|s| !s.sealed).map(|s| ((s.stream, s.segment), s.bytes))).collect()
}

/// Writes a redo row where the output does not hold it yet. Returns how many bytes were missing or wrong, or nothing when
/// somebody else has written there.
fn apply(
    disk: &dyn Disk,
    row: &RedoRow,
    new_boot: bool,
    unsynced: &mut Unsynced,
    now: i64,
) -> Result<Option<u64>, CommitError> {
    let name = row.stream.live(row.segment);
    let failed = |doing| {
        let name = name.clone();
        move |source| SinkError::Disk { doing, name, source }
    };
    let found = disk.len(&name).map_err(failed("look at"))?;
    let length = found.unwrap_or(0);
    if length < row.offset {
        return Err(SinkError::Shortened { name, found: length, expected: row.offset }.into());
    }
    if found.is_none() {
        disk.create(&name).map_err(failed("create"))?;
        unsynced.created();
    }
    let there = disk.read(&name, row.offset, row.bytes.len()).map_err(failed("read"))?;
    unsynced.add(name.clone(), row.bytes.len() as u64, now);
    let equal = there.iter().zip(row.bytes.iter()).take_while(|(a, b)| a == b).count();
    if equal < there.len() && !new_boot {
        return Ok(None);
    }
    if equal < row.bytes.len() {
        disk.write(&name, row.offset, &row.bytes).map_err(failed("write to"))?;
    }
    Ok(Some((row.bytes.len() - equal) as u64))
}

/// Whether a file goes on beyond our end; one that ends before it has lost durable bytes.
fn foreign(
    disk: &dyn Disk,
    stream: Stream,
    segment: u64,
    end: u64,
    unsynced: &mut Unsynced,
    now: i64,
) -> Result<bool, CommitError> {
    let name = stream.live(segment);
    let found = disk.len(&name).map_err(|source| SinkError::Disk { doing: "look at", name: name.clone(), source })?;
    let sealed = disk.len(&stream.sealed(segment)).unwrap_or(None);
    match found {
        None if sealed == Some(end) && stream != Stream::Manifest => Ok(false),
        found if found.unwrap_or(0) < end => {
            Err(SinkError::Shortened { name, found: found.unwrap_or(0), expected: end }.into())
        }
        found => {
            unsynced.add(name, 0, now);
            Ok(found.is_some_and(|bytes| bytes > end))
        }
    }
}

/// Keeps a damaged file as it is and publishes its valid part: a segment's in `sealed/`, the manifest's under its name.
fn keep_damaged(
    disk: &dyn Disk,
    (stream, segment): (Stream, u64),
    end: u64,
    redo: &[RedoRow],
) -> Result<String, CommitError> {
    let name = stream.live(segment);
    let known: Vec<Piece> = redo
        .iter()
        .filter(|row| (row.stream, row.segment) == (stream, segment))
        .map(|row| Piece { stream, segment, offset: row.offset, bytes: row.bytes.clone() })
        .collect();
    let known: Vec<&Piece> = known.iter().collect();
    let failed = |doing| {
        let name = name.clone();
        move |source| SinkError::Disk { doing, name, source }
    };
    if stream == Stream::Manifest {
        let mut nth = 1;
        while disk.len(&format!("{name}.damaged-{nth}")).map_err(failed("look at"))?.is_some() {
            nth += 1;
        }
        let kept = format!("{name}.damaged-{nth}");
        disk.link(&name, &kept).map_err(failed("keep"))?;
        let aside = seal::copy_aside(disk, &name, end, &known, &name)?;
        disk.swap_in(&aside, &name).map_err(failed("mend"))?;
        disk.sync_folder("").map_err(|source| SinkError::Sync { name: name.clone(), source })?;
        tracing::error!(kept, "manifest holds bytes that are not ours; a clean copy was put in its place");
        return Ok(kept);
    }
    let sealed = stream.sealed(segment);
    if disk.len(&sealed).map_err(failed("look at"))?.is_none() {
        seal::publish(disk, &name, end, &known, &sealed)?;
        disk.sync_folder("sealed").map_err(|source| SinkError::Sync { name: sealed, source })?;
    }
    tracing::error!(name, end, "segment holds bytes that are not ours; it is closed, and its valid part is in sealed/");
    Ok(name)
}

fn closed(row: &SealRow) -> Closed {
    Closed {
        stream: row.stream,
        segment: row.segment,
        bytes: row.bytes,
        lines: row.lines,
        last_seq: row.last_seq,
        sha256: None,
        damaged: row.damaged,
    }
}

impl Committer {
    /// Removes what an earlier run left in `.tmp`, and live names that it was about to remove.
    fn sweep(&self) -> Result<(), CommitError> {
        let mut left: Vec<String> =
            self.disk.list(".tmp").unwrap_or_default().into_iter().map(|name| format!(".tmp/{name}")).collect();
        for name in self.disk.list("live").unwrap_or_default() {
            let Some((stream, segment)) = Stream::parse(&name) else { continue };
            if self.lock().seal(stream, segment)?.is_some_and(|row| row.sealed && !row.live) {
                left.push(format!("live/{name}"));
            }
        }
        for name in left {
            if let Err(error) = self.disk.remove(&name) {
                tracing::warn!(%error, name, "left-over not removed");
            }
        }
        Ok(())
    }
}
