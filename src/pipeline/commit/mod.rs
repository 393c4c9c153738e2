//! The committer: one transaction a group, durable before a byte is visible.
//!
//! A group goes through these steps, and a restart finishes what a kill left undone ([`recover`]):
//! 1. [`plan`] gives each line its number and place;
//! 2. bytes that have long been visible are synced, so their redo rows may leave; room for the new ones is reserved;
//! 3. one transaction holds the bytes, their places and the progress of the drops: the commit point;
//! 4. the bytes are written to their places: now readers see them;
//! 5. only now the answers go out, and the inputs may be disposed of.
//!
//! [`serve`] runs all this on a thread of its own; [`view`] answers questions about drops meanwhile.

pub mod plan;
pub mod rebuild;
pub mod recover;
pub mod serve;
pub mod view;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use crate::config::{Config, Fsync};
use crate::disk::{Disk, failpoint};
use crate::ledger::rows::{Batch, RedoRow, SealRow, TailRow};
use crate::ledger::{Journal, JournalError, Syncer};
use crate::record::drop::{Carry, DropId, DropInfo, FileIdentity, hex};
use crate::record::fate::Fate;
use crate::record::line::Line;
use crate::record::stream::Stream;
use crate::record::text::SetAside;
use crate::sink::beside::{self, Status};
use crate::sink::place::{Closed, Piece, Placed, Tail};
use crate::sink::show::{self, Unsynced};
use crate::sink::{SinkError, seal};
pub use recover::Recovered;
use view::Ledger;

/// How often `status.json` is replaced, at most, while lines come and while none come.
const TELL_CHANGED_MS: i64 = 250;
const TELL_IDLE_MS: i64 = 10_000;

/// The time, in milliseconds since 1970; a test gives its own.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The time of the machine, or the fixed one that a test put into `WENLIU_CLOCK_MS`.
pub fn clock() -> Clock {
    match std::env::var("WENLIU_CLOCK_MS").ok().and_then(|v| v.parse().ok()) {
        Some(fixed) => Arc::new(move || fixed),
        None => Arc::new(|| jiff::Timestamp::now().as_millisecond()),
    }
}

/// One chunk of a drop as the workers finished it; sent to the committer in the order in which chunks were admitted.
#[derive(Clone, Debug)]
pub struct ChunkResult {
    /// For a file that could not be read, [`DropInfo::id`] is all zero.
    pub drop: Arc<DropInfo>,
    /// Where it was read.
    pub path: PathBuf,
    pub identity: FileIdentity,
    /// On what evidence the drop was whole: `renamed`, `closed`, `settled` …
    pub evidence: &'static str,
    pub chunk: u32,
    /// The raw bytes of the chunk: where they start, and how many they are.
    pub start: u64,
    pub bytes: u64,
    pub last: bool,
    pub finding: Finding,
}

/// What came of a chunk.
#[derive(Clone, Debug)]
pub enum Finding {
    Lines(ChunkLines),
    /// Not processed, because [`view::Ledger::standing`] said that these bytes are done or refused already.
    Seen,
    /// The drop cannot become lines; why, in words. No chunk follows.
    Refused(String),
    /// The file changed or vanished before its end was read. No chunk follows.
    Incomplete(String),
    /// The file could not be read at all, so its bytes are unknown.
    Unreadable(String),
}

/// The lines of a chunk, in order.
#[derive(Clone, Debug, Default)]
pub struct ChunkLines {
    pub lines: Vec<Line>,
    /// Bytes of the chunk that are in no line.
    pub set_aside: Vec<SetAside>,
    pub carry: Carry,
}

impl ChunkResult {
    /// What the ledger calls its path.
    fn key(&self, folder: &std::path::Path) -> String {
        self.path.strip_prefix(folder).map_or_else(|_| self.drop.name.clone(), view::key_of)
    }
}

/// What became of a chunk; whoever sent it may act on the input now.
#[derive(Clone, Debug, PartialEq)]
pub struct Committed {
    pub drop: DropId,
    pub name: String,
    pub path: PathBuf,
    pub identity: FileIdentity,
    pub chunk: u32,
    pub last: bool,
    pub verdict: Verdict,
    /// Records written for this chunk.
    pub ids: Vec<String>,
}

/// The committer's word on a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its lines are durable and visible. With the last chunk the drop is done.
    Written,
    /// It was committed before, by this run or an earlier one.
    Skipped,
    /// The same bytes are done under another name; the drop is done.
    Duplicate,
    /// The same bytes are done under the same name; the drop is done.
    Again,
    Refused,
    Incomplete,
    /// The same bytes are being committed under another name: nothing was done, look again at the next listing.
    Later,
}

/// Why nothing could be committed.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    #[error("another wenliu holds {}", folder.display())]
    Locked { folder: PathBuf },
    #[error("cannot {doing} {}", path.display())]
    Folder { doing: &'static str, path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Sink(#[from] SinkError),
    #[error("chunk {found} of {name} came when chunk {expected} was due")]
    OutOfOrder { name: String, expected: u32, found: u32 },
}

impl CommitError {
    /// Whether the same step is tried again, or the daemon stops.
    pub fn fate(&self) -> Fate {
        match self {
            CommitError::Journal(e) => e.fate(),
            CommitError::Sink(e) => e.fate(),
            CommitError::Folder { source, .. } if crate::sink::passing(source) => Fate::Retry,
            _ => Fate::Stop,
        }
    }

    /// The exit code that tells a script what happened (sysexits).
    pub fn exit_code(&self) -> u8 {
        match self {
            CommitError::Locked { .. } => 75,
            CommitError::Folder { .. } => 73,
            _ => 74,
        }
    }
}

/// The settings that the committer heeds.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The watched folder: paths are known relative to it.
    pub folder: PathBuf,
    pub fsync: Fsync,
    pub group_bytes: usize,
    pub unsynced_bytes: u64,
    pub unsynced_ms: i64,
    pub segment_bytes: u64,
    pub segment_age_ms: i64,
    pub live_grace_ms: i64,
    pub retention_ms: i64,
    pub near_dup_min: f64,
    /// 0 = for ever.
    pub near_dup_horizon_ms: i64,
}

impl Rules {
    /// The rules in force.
    pub fn of(config: &Config) -> Rules {
        let day_ms = 24 * 3_600_000;
        let ms = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        Rules {
            folder: config.watch.folder.clone(),
            fsync: config.ledger.fsync,
            group_bytes: config.ledger.group_bytes,
            unsynced_bytes: config.ledger.unsynced_bytes,
            unsynced_ms: ms(config.ledger.unsynced_ms),
            segment_bytes: config.sink.segment_bytes,
            segment_age_ms: ms(config.sink.segment_age_ms),
            live_grace_ms: ms(config.sink.live_grace_ms),
            retention_ms: i64::from(config.sink.retention_days) * day_ms,
            near_dup_min: config.enrich.near_dup_min,
            near_dup_horizon_ms: i64::from(config.enrich.near_dup_horizon_days) * day_ms,
        }
    }
}

/// The one writer of journal and output.
pub struct Committer {
    journal: Arc<Mutex<Box<dyn Journal>>>,
    syncer: Box<dyn Syncer>,
    disk: Arc<dyn Disk>,
    rules: Rules,
    clock: Clock,
    articles: Tail,
    drops: Tail,
    manifest: Tail,
    manifest_hash: String,
    next_redo: u64,
    /// Redo rows up to this number are visible; those up to `synced` durable in their segments.
    applied: u64,
    synced: u64,
    unsynced: Unsynced,
    closing: Vec<Closed>,
    /// Sealed segments that still have a live name, and when they were closed.
    lingering: Vec<SealRow>,
    /// Drops of which this run has committed some chunks but not the last, and under which name.
    running: HashMap<DropId, String>,
    /// A group that is committed but not yet shown.
    half: Option<Half>,
    status: Status,
    told_ms: i64,
    retired_ms: i64,
    pointed: u64,
    locks: Vec<crate::disk::lock::FolderLock>,
}

struct Half {
    pieces: Vec<Piece>,
    answers: Vec<Committed>,
}

impl Committer {
    /// Locks the folders, opens or makes the ledger, and finishes what an earlier run left undone.
    ///
    /// # Errors
    /// A folder held by another daemon, a folder or journal that cannot be used, output that was tampered with.
    pub fn open(config: &Config, clock: Clock) -> Result<(Committer, Recovered), CommitError> {
        recover::open(config, clock)
    }

    /// Answers questions about drops, from any thread.
    pub fn ledger(&self) -> Ledger {
        Ledger::new(self.journal.clone())
    }

    /// Commits a group. When this returns, its lines are durable and visible.
    ///
    /// # Errors
    /// With [`Fate::Retry`], the same group must be given again, and is finished from where it stood. With
    /// [`Fate::Stop`], the committer is of no more use.
    pub fn commit(&mut self, group: &[ChunkResult]) -> Result<Vec<Committed>, CommitError> {
        if self.half.is_none() {
            let now = (self.clock)();
            let staged = plan::make(self, group, now)?;
            failpoint::pass("commit.placed");
            self.sync_if_due(now)?;
            self.transact(staged)?;
        }
        self.finish()
    }

    /// Does what is due by time or size: sync, sealing, grace, retention, `status.json`.
    pub fn tick(&mut self) -> Result<(), CommitError> {
        self.finish()?;
        let now = (self.clock)();
        self.sync_if_due(now)?;
        self.close(now, self.rules.segment_age_ms)?;
        self.seal_closed()?;
        self.forget_old(now)?;
        self.retire(now)?;
        self.tell(now, false);
        Ok(())
    }

    /// Closes and seals the growing segments: a clean stop.
    pub fn seal(&mut self) -> Result<(), CommitError> {
        self.finish()?;
        self.close((self.clock)(), i64::MIN)?;
        self.seal_closed()?;
        self.status.state = "stopped".into();
        self.tell((self.clock)(), true);
        Ok(())
    }

    /// Whether something falls due within seconds although nothing comes.
    pub fn is_busy(&self) -> bool {
        let growing = [&self.articles, &self.drops].iter().any(|tail| tail.segment != 0);
        growing || !self.unsynced.is_empty() || !self.closing.is_empty()
    }

    /// Last committed line of a stream.
    pub fn last_seq(&self, stream: Stream) -> u64 {
        self.tail(stream).next_seq - 1
    }

    /// Puts the address of the page into `status.json`.
    pub fn set_http(&mut self, address: &str) {
        self.status.http = address.into();
        self.tell((self.clock)(), true);
    }

    /// Says in `status.json` that intake is paused and why, or with "" that it goes on.
    pub fn set_paused(&mut self, why: &str) {
        self.status.paused = why.into();
        self.status.state = if why.is_empty() { "running" } else { "paused" }.into();
        self.tell((self.clock)(), true);
    }

    fn tail(&self, stream: Stream) -> &Tail {
        match stream {
            Stream::Articles => &self.articles,
            Stream::Drops => &self.drops,
            Stream::Manifest => &self.manifest,
        }
    }

    /// Reserves room, then commits: a group, a close, or a manifest line.
    fn transact(&mut self, staged: Staged) -> Result<(), CommitError> {
        let Staged { mut batch, placed, answers, running, manifest_hash } = staged;
        let pieces: Vec<Piece> = placed.iter().flat_map(|p| p.pieces.iter().cloned()).collect();
        show::reserve(&*self.disk, &pieces)?;
        let now = (self.clock)();
        let closed: Vec<Closed> = placed.iter().flat_map(|p| p.closed.iter().cloned()).collect();
        batch.trim_to = self.synced;
        batch.tails.extend(placed.iter().map(|p| tail_row(&p.tail)));
        batch.seals.extend(closed.iter().map(|c| seal_row(c, now)));
        batch.meta.extend(manifest_hash.iter().map(|h| ("manifest_hash", h.clone())));
        for (id, piece) in (self.next_redo..).zip(&pieces) {
            let (stream, segment, offset) = (piece.stream, piece.segment, piece.offset);
            batch.redo.push(RedoRow { id, stream, segment, offset, bytes: piece.bytes.clone() });
        }
        self.lock().apply(&batch)?;
        failpoint::pass("commit.staged");
        self.sync_journal()?;
        failpoint::pass("commit.committed");
        // The commit point is passed: from here on the new state is the truth, whatever fails.
        for placed in placed {
            let stream = placed.tail.stream;
            *self.tail_mut(stream) = placed.tail;
        }
        self.closing.extend(closed);
        self.next_redo += pieces.len() as u64;
        self.manifest_hash = manifest_hash.unwrap_or_else(|| std::mem::take(&mut self.manifest_hash));
        for (id, name) in running {
            match name {
                Some(name) => self.running.insert(id, name),
                None => self.running.remove(&id),
            };
        }
        self.half = Some(Half { pieces, answers });
        Ok(())
    }

    /// Shows what is committed, and hands out the answers that waited for it.
    fn finish(&mut self) -> Result<Vec<Committed>, CommitError> {
        let Some(half) = &mut self.half else { return Ok(Vec::new()) };
        let now = (self.clock)();
        show::show(&*self.disk, &mut half.pieces, &mut self.unsynced, now)?;
        self.applied = self.next_redo - 1;
        failpoint::pass("commit.visible");
        if self.pointed != self.articles.segment && self.articles.segment != 0 {
            match beside::point(&*self.disk, self.articles.segment) {
                Ok(()) => self.pointed = self.articles.segment,
                Err(error) => tracing::warn!(%error, "current.jsonl not replaced"),
            }
        }
        self.tell(now, false);
        Ok(self.half.take().map(|h| h.answers).unwrap_or_default())
    }

    /// Syncs visible bytes once enough wait or the oldest have waited long enough; then their redo rows may leave.
    fn sync_if_due(&mut self, now: i64) -> Result<(), CommitError> {
        let due = self.unsynced.bytes > self.rules.unsynced_bytes
            || (!self.unsynced.is_empty() && now - self.unsynced.since_ms >= self.rules.unsynced_ms);
        if due { self.sync() } else { Ok(()) }
    }

    /// Syncs all visible bytes; their redo rows leave with the next commit.
    fn sync(&mut self) -> Result<(), CommitError> {
        if self.rules.fsync == Fsync::Always {
            self.unsynced.sync(&*self.disk)?;
        } else {
            self.unsynced = Unsynced::default();
        }
        self.synced = self.applied;
        Ok(())
    }

    fn sync_journal(&self) -> Result<(), CommitError> {
        if self.rules.fsync == Fsync::Always {
            self.syncer.sync()?;
        }
        Ok(())
    }

    /// Closes growing segments that are `age_ms` old.
    fn close(&mut self, now: i64, age_ms: i64) -> Result<(), CommitError> {
        let mut staged = Staged::default();
        for stream in Stream::SEGMENTED {
            let tail = self.tail(stream);
            if tail.segment != 0 && now - tail.opened_ms >= age_ms {
                let mut placed = Placed::after(tail);
                placed.closed.extend(placed.tail.close());
                staged.placed.push(placed);
            }
        }
        if !staged.placed.is_empty() {
            self.transact(staged)?;
            self.finish()?;
        }
        Ok(())
    }

    /// Seals what is closed: first the file, then its manifest line in a commit of its own.
    fn seal_closed(&mut self) -> Result<(), CommitError> {
        while let Some(closed) = self.closing.first() {
            let sealed = seal::seal(&*self.disk, closed)?;
            let line = seal::manifest_line(closed, &sealed.sha256, &self.manifest_hash).to_line();
            let mut row = seal_row(closed, (self.clock)());
            (row.sealed, row.damaged) = (true, sealed.damaged);
            let mut placed = Placed::after(&self.manifest);
            placed.line(0, u64::MAX, |_, out| out.extend_from_slice(&line));
            self.transact(Staged {
                batch: Batch { seals: vec![row.clone()], ..Batch::default() },
                placed: vec![placed],
                manifest_hash: Some(hex(&Sha256::digest(line.trim_ascii_end()))),
                ..Staged::default()
            })?;
            self.lingering.push(row);
            self.closing.remove(0);
            self.finish()?;
            failpoint::pass("seal.listed");
        }
        Ok(())
    }

    /// Takes away the live names whose grace is over, and sealed segments beyond retention.
    fn forget_old(&mut self, now: i64) -> Result<(), CommitError> {
        let grace = self.rules.live_grace_ms;
        let (over, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut self.lingering)
            .into_iter()
            .partition(|row| now - row.closed_ms >= grace && !row.damaged);
        self.lingering = kept;
        if over.is_empty() {
            return Ok(());
        }
        // The ledger says first that the name is gone, and forgets the redo rows that would need it; a kill in between
        // leaves a name that the next start removes.
        self.sync()?;
        let gone = over.iter().map(|row| SealRow { live: false, ..row.clone() }).collect();
        self.lock().apply(&Batch { trim_to: self.synced, seals: gone, ..Batch::default() })?;
        self.sync_journal()?;
        for row in over {
            let name = row.stream.live(row.segment);
            if let Err(error) = self.disk.remove(&name) {
                tracing::warn!(%error, name, "live name not removed; the next start tries again");
            }
        }
        Ok(())
    }

    /// Removes sealed segments beyond retention, looking every hour. Their manifest lines stay.
    fn retire(&mut self, now: i64) -> Result<(), CommitError> {
        const HOUR_MS: i64 = 3_600_000;
        if self.rules.retention_ms == 0 || now - self.retired_ms < HOUR_MS {
            return Ok(());
        }
        self.retired_ms = now;
        let listed = self.disk.list("sealed").unwrap_or_default();
        for (stream, segment) in listed.iter().filter_map(|name| Stream::parse(name)) {
            let row = self.lock().seal(stream, segment)?;
            if row.is_some_and(|row| row.sealed && !row.live && now - row.closed_ms > self.rules.retention_ms) {
                let name = stream.sealed(segment);
                match self.disk.remove(&name) {
                    Ok(()) => tracing::info!(name, "segment beyond retention removed"),
                    Err(error) => tracing::warn!(%error, name, "segment beyond retention not removed"),
                }
            }
        }
        Ok(())
    }

    /// Uses a quiet moment: brings the journal's log into its file, so that no commit has to.
    pub fn tidy(&mut self) -> Result<(), CommitError> {
        Ok(self.lock().tidy()?)
    }

    fn tell(&mut self, now: i64, at_once: bool) {
        let changed =
            (self.status.articles_seq, self.status.drops_seq) != (self.articles.next_seq - 1, self.drops.next_seq - 1);
        let wait = if changed { TELL_CHANGED_MS } else { TELL_IDLE_MS };
        if !at_once && now - self.told_ms < wait {
            return;
        }
        self.told_ms = now;
        self.status.articles_seq = self.articles.next_seq - 1;
        self.status.drops_seq = self.drops.next_seq - 1;
        self.status.updated = rfc3339(now);
        if let Err(error) = beside::tell(&*self.disk, &self.status) {
            tracing::warn!(%error, "status.json not replaced");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Box<dyn Journal>> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tail_mut(&mut self, stream: Stream) -> &mut Tail {
        match stream {
            Stream::Articles => &mut self.articles,
            Stream::Drops => &mut self.drops,
            Stream::Manifest => &mut self.manifest,
        }
    }
}

/// What one transaction is to hold.
#[derive(Default)]
struct Staged {
    batch: Batch,
    placed: Vec<Placed>,
    answers: Vec<Committed>,
    /// Drops that begin to be in mid-flight, under their names, or cease to be.
    running: Vec<(DropId, Option<String>)>,
    manifest_hash: Option<String>,
}

fn tail_row(tail: &Tail) -> TailRow {
    TailRow {
        stream: tail.stream,
        next_seq: tail.next_seq,
        segment: tail.segment,
        bytes: tail.bytes,
        lines: tail.lines,
        opened_ms: tail.opened_ms,
    }
}

fn seal_row(closed: &Closed, now: i64) -> SealRow {
    SealRow {
        stream: closed.stream,
        segment: closed.segment,
        bytes: closed.bytes,
        lines: closed.lines,
        last_seq: closed.last_seq,
        closed_ms: now,
        sealed: false,
        live: true,
        damaged: closed.damaged,
    }
}

#[cfg(test)]
mod crash_tests;
#[cfg(test)]
mod tests;

/// A time as records and receipts write it.
pub fn rfc3339(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).unwrap_or_default().to_string()
}
