//! What the watcher's thread and its callers share.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::events::{Hint, Signals};
use super::found::{Found, identity_of};
use super::health::WatchHealth;

/// Whole files, and messages to the thread.
pub(crate) struct Board {
    notes: Mutex<Notes>,
    bell: Condvar,
    pub(crate) signals: Arc<Signals>,
    pub(crate) thread: SyncSender<Hint>,
    pub(crate) stopped: AtomicBool,
}

pub(crate) struct Notes {
    pub(crate) ready: BinaryHeap<Reverse<Ready>>,
    /// Files that callers could not read.
    pub(crate) returned: Vec<Returned>,
    /// Files that had changed, or gone, when they were about to be handed out.
    pub(crate) stale: Vec<Found>,
    /// Files to be handed out once more though they have not changed.
    pub(crate) again: Vec<PathBuf>,
    pub(crate) rescan: bool,
    /// Nothing settles, nothing is listed, nothing is left for later.
    pub(crate) quiet: bool,
    /// Files that wait behind `ready`.
    pub(crate) backlog: u64,
    pub(crate) health: WatchHealth,
}

/// A file that came back, and whether the cause is one that passes quickly.
pub(crate) struct Returned {
    pub(crate) found: Found,
    pub(crate) soon: bool,
    pub(crate) why: String,
}

/// A whole file; the oldest first, by its own time and then by name.
#[derive(PartialEq, Eq)]
pub(crate) struct Ready {
    pub(crate) found: Found,
    pub(crate) since: Instant,
}

impl Ord for Ready {
    fn cmp(&self, other: &Ready) -> std::cmp::Ordering {
        let key = |r: &Ready| r.found.identity.mtime_ns;
        key(self).cmp(&key(other)).then_with(|| self.found.rel.cmp(&other.found.rel))
    }
}

impl PartialOrd for Ready {
    fn partial_cmp(&self, other: &Ready) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Board {
    pub(crate) fn new(thread: SyncSender<Hint>) -> Board {
        let notes = Notes {
            ready: BinaryHeap::new(),
            returned: Vec::new(),
            stale: Vec::new(),
            again: Vec::new(),
            rescan: false,
            quiet: false,
            backlog: 0,
            health: WatchHealth::new(),
        };
        Board {
            notes: Mutex::new(notes),
            bell: Condvar::new(),
            signals: Arc::new(Signals::new()),
            thread,
            stopped: AtomicBool::new(false),
        }
    }

    pub(crate) fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn health(&self) -> WatchHealth {
        let notes = self.notes();
        let oldest = notes.ready.peek().map_or(Duration::ZERO, |Reverse(r)| r.since.elapsed());
        WatchHealth {
            waiting: notes.ready.len() as u64 + notes.backlog,
            oldest_waiting_ms: u64::try_from(oldest.as_millis()).unwrap_or(u64::MAX),
            ..notes.health.clone()
        }
    }

    /// Tells the thread to look at the notes.
    pub(crate) fn wake_thread(&self) {
        self.signals.send(&self.thread, Hint::Wake);
    }

    /// Tells whoever waits that there is something.
    pub(crate) fn ring(&self) {
        self.bell.notify_all();
    }

    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        self.notes().health.alive = false;
        self.wake_thread();
        self.ring();
    }

    /// The oldest whole file that still is what it was found to be.
    pub(crate) fn take(&self, timeout: Duration, low: usize) -> Option<Found> {
        let until = Instant::now() + timeout;
        let mut notes = self.notes();
        loop {
            if self.stopped.load(Ordering::SeqCst) {
                return None;
            }
            if let Some(Reverse(Ready { found, .. })) = notes.ready.pop() {
                let refill = notes.backlog > 0 && notes.ready.len() == low;
                drop(notes);
                if refill {
                    self.wake_thread();
                }
                let same = std::fs::metadata(&found.path).is_ok_and(|m| identity_of(&m) == found.identity);
                notes = self.notes();
                if same || found.evidence == super::Evidence::NotAFile {
                    notes.health.found += 1;
                    return Some(found);
                }
                notes.stale.push(found);
                notes.quiet = false;
                self.wake_thread();
                continue;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            notes = self.bell.wait_timeout(notes, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Nothing waits, settles, is listed, or is on its way through the channel.
    pub(crate) fn idle(&self) -> bool {
        let notes = self.notes();
        let heard = self.signals.sent.load(Ordering::SeqCst) == self.signals.taken.load(Ordering::SeqCst);
        notes.quiet
            && heard
            && notes.ready.is_empty()
            && notes.returned.is_empty()
            && notes.stale.is_empty()
            && notes.again.is_empty()
            && !notes.rescan
            && !self.signals.overflow.load(Ordering::SeqCst)
    }
}
