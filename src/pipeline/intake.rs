//! Admits drops: reads whole files chunk by chunk and gives each chunk its turn.
//!
//! One thread decides the order, so it depends on the folder alone: whatever is whole and small goes first, and between
//! any two of them each large drop gets one chunk in. A chunk is admitted once the chunk before it in the same drop has
//! left its carry, and once there is room for its bytes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use async_channel::Sender;

use crate::config::WatchConfig;
use crate::disk::failpoint;
use crate::pipeline::commit::Clock;
use crate::pipeline::commit::view::{Ledger, Standing};
use crate::pipeline::gate::{Gate, Pass};
use crate::pipeline::order::Turn;
use crate::pipeline::stages::Stages;
use crate::pipeline::stop::Stop;
use crate::pipeline::worker::{Carried, Ending, Job};
use crate::record::drop::{Carry, Chunk, DropId, DropInfo};
use crate::record::fate::Fate;
use crate::telemetry::metrics::Metrics;
use crate::watch::{Found, ReadError, Reading, Watcher};

/// Where chunks come from.
pub enum Intake {
    Folder(Arc<Watcher>),
}

/// What a chunk is, on its way from admission to commit.
#[derive(Debug)]
pub struct Ticket {
    pub found: Arc<Found>,
    pub drop: Arc<DropInfo>,
    pub chunk: u32,
    /// Byte of the drop where the chunk starts, and its length.
    pub start: u64,
    pub bytes: u64,
    pub last: bool,
    /// When the chunk was admitted, on the monotonic clock.
    pub admitted: Instant,
    /// What the chunk leaves to the next, once CLEAN is through.
    pub carry: Carry,
    /// One span for the whole drop.
    pub span: tracing::Span,
    /// The stages that CLEAN took it up with; a reload in between changes nothing for it.
    pub stages: Option<Arc<Stages>>,
    /// Lets the intake go on with the next chunk of this drop.
    hand_on: Option<mpsc::SyncSender<Carry>>,
    pass: Option<Pass>,
}

impl Ticket {
    fn new(found: Arc<Found>, drop: Arc<DropInfo>) -> Ticket {
        let (carry, admitted) = (Carry::default(), Instant::now());
        let span = tracing::info_span!("drop", id = drop.id.short(), file = found.name);
        let (stages, hand_on, pass) = (None, None, None);
        Ticket { found, drop, chunk: 0, start: 0, bytes: 0, last: true, admitted, carry, span, stages, hand_on, pass }
    }

    /// Keeps what the chunk leaves to the next, and hands it on.
    pub fn leave(&mut self, carry: Carry) {
        if let Some(hand_on) = self.hand_on.take() {
            // The intake may have stopped meanwhile; then nobody needs it.
            let _stopped = hand_on.send(carry.clone());
        }
        self.carry = carry;
    }

    /// Makes room at the gate: the chunk's text is gone.
    pub fn make_room(&mut self) {
        self.pass = None;
    }
}

impl Carried for Ticket {
    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn span(&self) -> tracing::Span {
        self.span.clone()
    }
}

/// What a chunk enters the text stages with.
pub type Admitted = Turn<Job<(Chunk, Carry), Ticket>>;

/// How long the first listing is waited for; a folder that cannot be listed must not keep a stop waiting.
const LISTING_MAX: Duration = Duration::from_secs(10);

/// The admission thread.
pub struct Admission {
    pub watcher: Arc<Watcher>,
    pub config: WatchConfig,
    pub gate: Gate,
    pub metrics: Arc<Metrics>,
    pub outbox: Sender<Admitted>,
    pub ledger: Ledger,
    pub stop: Stop,
    /// Chunks admitted and not yet committed; the committer counts them down.
    pub in_flight: Arc<AtomicU64>,
    /// Stop once nothing has come for this long.
    pub until_idle: Option<Duration>,
    /// Milliseconds since 1970.
    pub clock: Clock,
    pub number: u64,
}

/// A large drop between two of its chunks.
struct Open {
    found: Arc<Found>,
    drop: Arc<DropInfo>,
    reading: Reading,
    carry: Result<Carry, mpsc::Receiver<Carry>>,
}

impl Admission {
    /// Admits until told to stop, or until idle for long enough.
    pub fn run(mut self) {
        let mut open: VecDeque<Open> = VecDeque::new();
        let mut idle_since = Instant::now();
        // The order is that of the folder, oldest first, so it has to be known whole before its first file is taken.
        let started = Instant::now();
        while !self.stop.asked() && !self.watcher.health().listed_once && started.elapsed() < LISTING_MAX {
            std::thread::sleep(Duration::from_millis(1));
        }
        while !self.stop.asked() {
            let wait = if open.is_empty() { Duration::from_secs(1) } else { Duration::ZERO };
            let found = self.watcher.next(self.until_idle.map_or(wait, |d| wait.min(d / 4)));
            let came = found.is_some();
            if let Some(found) = found {
                open.extend(self.begin(found));
            }
            let worked = match open.pop_front() {
                Some(drop) => {
                    open.extend(self.go_on(drop));
                    true
                }
                None => came,
            };
            let health = self.watcher.health();
            self.metrics.drops_waiting.set(i64::try_from(health.waiting + health.settling).unwrap_or(i64::MAX));
            if worked || self.in_flight.load(Ordering::Acquire) > 0 || !self.watcher.idle() {
                idle_since = Instant::now();
            } else if self.until_idle.is_some_and(|d| idle_since.elapsed() >= d) {
                tracing::info!("nothing has come for the time given; stopping");
                self.stop.ask();
            }
        }
    }

    /// Opens a found file; a drop of one chunk is admitted at once.
    fn begin(&mut self, found: Found) -> Option<Open> {
        failpoint::pass("watch.settled");
        let found = Arc::new(found);
        let reading = match Reading::open(&found, &self.config) {
            Ok(reading) => reading,
            Err(error) => {
                self.cannot_read(&found, &error);
                return None;
            }
        };
        self.seen();
        let id = reading.id();
        // A ledger that cannot be asked stops the committer, which tells why; until then nothing is known.
        let standing = self.ledger.standing(&id).unwrap_or(Standing::New);
        let admitted_ms = match &standing {
            Standing::Resume { admitted_ms, .. } => *admitted_ms,
            _ => (self.clock)(),
        };
        let drop = Arc::new(DropInfo {
            id,
            name: found.name.clone(),
            bytes: reading.bytes(),
            admitted_ms,
            mtime_ms: reading.mtime_ms(),
        });
        let mut open = Open { found, drop, reading, carry: Ok(Carry::default()) };
        match standing {
            Standing::New => {}
            Standing::Resume { next_chunk, next_offset, carry, .. } => {
                if open.reading.seek_chunk(next_chunk, next_offset) {
                    tracing::info!(drop = id.short(), chunk = next_chunk, "drop resumed in mid-file");
                    open.carry = Ok(carry);
                }
            }
            Standing::Done | Standing::Refused { .. } => {
                let mut ticket = Ticket::new(open.found, open.drop);
                ticket.bytes = ticket.drop.bytes;
                self.send(ticket, Err(Ending::Seen));
                return None;
            }
        }
        let (name, bytes) = (&open.found.name, open.drop.bytes);
        tracing::info!(drop = id.short(), name, bytes, evidence = %open.found.evidence, "drop admitted");
        self.go_on(open)
    }

    /// Admits the next chunk of a drop; gives the drop back when more are to come.
    fn go_on(&mut self, mut open: Open) -> Option<Open> {
        let carry = match std::mem::replace(&mut open.carry, Ok(Carry::default())) {
            Ok(carry) => carry,
            // Without a carry the chunk before was refused, and with it the rest of the drop.
            Err(waiting) => waiting.recv().ok()?,
        };
        let mut ticket = Ticket::new(open.found.clone(), open.drop.clone());
        let piece = match open.reading.next_chunk() {
            Ok(piece) => piece?,
            Err(error) => {
                let drop = open.drop.id.short();
                tracing::warn!(drop, name = open.found.name, %error, "drop changed while it was read; its rest is given up");
                self.send(ticket, Err(Ending::Incomplete { say: error.to_string() }));
                return None;
            }
        };
        let bytes = piece.bytes.len() as u64;
        ticket.pass = Some(self.gate.enter(bytes)?);
        (ticket.chunk, ticket.start, ticket.bytes, ticket.last) = (piece.index, piece.start, bytes, piece.last);
        if !piece.last {
            let (hand_on, handed) = mpsc::sync_channel(1);
            ticket.hand_on = Some(hand_on);
            open.carry = Err(handed);
        }
        let drop = open.drop.clone();
        let chunk = Chunk { drop, index: piece.index, start: piece.start, bytes: piece.bytes, last: piece.last };
        self.send(ticket, Ok((chunk, carry)));
        (!piece.last).then_some(open)
    }

    fn seen(&self) {
        self.metrics.drops_seen.inc();
        self.metrics.drops_in_flight.inc();
    }

    fn send(&mut self, ticket: Ticket, value: Result<(Chunk, Carry), Ending>) {
        self.in_flight.fetch_add(1, Ordering::AcqRel);
        let turn = Turn { number: self.number, value: Job { ticket, value } };
        self.number += 1;
        if self.outbox.send_blocking(turn).is_err() {
            self.stop.ask();
        }
    }

    /// A file that cannot be read is refused, or goes back to the watcher; the first time it leaves a receipt.
    fn cannot_read(&mut self, found: &Arc<Found>, error: &ReadError) {
        let cause = std::error::Error::source(error).map(|s| format!(": {s}")).unwrap_or_default();
        let retry = error.fate() != Fate::Refuse;
        if retry {
            self.metrics.retries.inc();
            tracing::warn!(name = found.name, tries = found.tries, "{error}{cause}; it will be tried again");
            self.watcher.put_back(found, error);
        }
        // Files that come and go while they are looked at are no news; only a file that stays unreadable is.
        let lasting = matches!(error, ReadError::Io { .. });
        if !retry || lasting && found.tries == 0 {
            self.seen();
            let drop = Arc::new(DropInfo {
                id: DropId::UNREAD,
                name: found.name.clone(),
                bytes: found.identity.size,
                admitted_ms: (self.clock)(),
                mtime_ms: found.identity.mtime_ns / 1_000_000,
            });
            let mut ticket = Ticket::new(found.clone(), drop);
            ticket.bytes = found.identity.size;
            let say = format!("{error}{cause}");
            self.send(ticket, Err(Ending::Unreadable { word: error.reason(), say, stays: retry }));
        }
    }
}
