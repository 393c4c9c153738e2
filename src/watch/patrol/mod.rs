//! The watcher's thread: hears hints, lists, looks, and hands whole files to the board.

mod look;
mod proof;
mod rounds;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use proof::Proof;
use rounds::{Agenda, Listing};

use super::Tuning;
use super::backlog::{Backlog, Recent, Seen};
use super::board::{Board, Returned};
use super::cookie::Cookie;
use super::events::Hint;
use super::facts::fingerprint;
use super::found::{Found, Known, now_ms};
use super::habits::{Habits, Version};
use super::health::Mode;
use super::names::Names;
use super::settle::{Arrival, Rules, Settling};
use crate::config::WatchConfig;
use crate::record::drop::FileIdentity;

/// Entries of a listing, hints, and looks at files that are taken before the thread turns to the others.
const STEP: usize = 1024;
/// Drops that are remembered to have gone away; what is forgotten is at worst not read a second time.
const DEPARTED_MAX: usize = 4096;
/// A file with two names was written: how soon the other is looked for.
const LINKS: Duration = Duration::from_millis(200);

/// See the module.
pub(crate) struct Patrol {
    config: WatchConfig,
    tuning: Tuning,
    /// The watched folder, absolute, as events name it.
    folder: PathBuf,
    names: Names,
    known: Arc<dyn Known + Send + Sync>,
    board: Arc<Board>,
    inbox: Receiver<Hint>,
    proof: Proof,
    habits: Habits,
    seen: Seen,
    /// What was handed out lately, with its stay.
    recent: Recent,
    /// Drops that went away by their name: should they come back, they are new whatever was seen.
    departed: HashSet<PathBuf>,
    settling: HashMap<PathBuf, Entry>,
    due: BinaryHeap<Reverse<(Instant, PathBuf)>>,
    backlog: Backlog,
    walks: VecDeque<Listing>,
    agenda: Agenda,
    trouble: String,
}

/// A file on its way to being whole.
struct Entry {
    settling: Settling,
    due: Instant,
    seen_ms: i64,
    tries: u32,
    /// It could not be read; it is tried again later and keeps nobody from being idle.
    backing_off: bool,
    /// Hand it out even if this state of it was handed out before: it went away in between.
    anew: bool,
    /// A person wants it handed out once more, even so.
    asked_for: bool,
    /// The ledger was asked about this state.
    asked: Option<FileIdentity>,
    /// It had been handed out before, so long after it was closed, and is open or closed again.
    closed_before: Option<(Duration, Version)>,
}

impl Patrol {
    pub(crate) fn new(
        config: &WatchConfig,
        tuning: Tuning,
        names: Names,
        known: Arc<dyn Known + Send + Sync>,
        board: Arc<Board>,
        inbox: Receiver<Hint>,
    ) -> Patrol {
        let now = tuning.clock.now();
        let folder = std::path::absolute(&config.folder).unwrap_or_else(|_| config.folder.clone());
        Patrol {
            folder,
            names,
            known,
            board,
            inbox,
            proof: Proof {
                events: None,
                root: None,
                watched: HashSet::new(),
                cookie: Cookie::new(),
                cookie_due: now,
                proven: false,
                why: "starting".into(),
            },
            habits: Habits::default(),
            seen: Seen::default(),
            recent: Recent::default(),
            departed: HashSet::new(),
            settling: HashMap::new(),
            due: BinaryHeap::new(),
            backlog: Backlog::new(tuning.window_max),
            walks: VecDeque::new(),
            agenda: Agenda {
                due: Some((now, "start")),
                last_end: now,
                took: Duration::ZERO,
                listed_once: false,
                lost_hints: false,
            },
            trouble: String::new(),
            config: config.clone(),
            tuning,
        }
    }

    /// Runs until the board says stop.
    pub(crate) fn run(mut self) {
        while !self.board.stopped.load(Ordering::SeqCst) {
            self.hear();
            self.read_notes();
            self.mind_the_proof();
            self.mind_the_agenda();
            self.list_some();
            self.look_at_due();
            self.refill();
            self.publish();
        }
    }

    // Hearing.

    /// Waits for hints until something else is due, then takes what has come.
    fn hear(&mut self) {
        let wait = self.time_to_wait();
        let mut next = match wait {
            Some(wait) if wait.is_zero() => self.inbox.try_recv().ok(),
            Some(wait) => self.inbox.recv_timeout(wait).ok(),
            None => self.inbox.recv().ok(),
        };
        let mut budget = STEP;
        while let Some(hint) = next {
            self.take(hint);
            self.board.signals.taken.fetch_add(1, Ordering::SeqCst);
            budget -= 1;
            next = (budget > 0).then(|| self.inbox.try_recv().ok()).flatten();
        }
    }

    fn time_to_wait(&self) -> Option<Duration> {
        if !self.walks.is_empty() || self.can_refill() {
            return Some(Duration::ZERO);
        }
        let now = self.tuning.clock.now();
        let look = self.due.peek().map(|Reverse((at, _))| *at).filter(|_| self.has_room_for_ready());
        let times = [look, self.agenda.due.map(|(at, _)| at), self.proof.cookie.stale_at()];
        times.into_iter().flatten().min().map(|at| at.saturating_duration_since(now))
    }

    fn take(&mut self, hint: Hint) {
        match hint {
            Hint::Wake => {}
            Hint::Created(path) => {
                if self.proof.cookie.is_proof(&path) {
                    self.prove("the event of a cookie file came");
                } else if let Some(rel) = self.relative(&path) {
                    self.hint(rel, Arrival::Lying);
                }
            }
            Hint::FolderCreated(path) => self.list_part(&path, Arrival::Lying),
            Hint::MovedHere(path) => {
                if std::fs::symlink_metadata(&path).is_ok_and(|m| m.is_dir()) {
                    self.list_part(&path, Arrival::CameWithFolder);
                } else if let Some(rel) = self.relative(&path) {
                    self.hint(rel, Arrival::RenamedIn);
                }
            }
            Hint::Closed(path) => {
                if let Some(rel) = self.relative(&path) {
                    self.closed(rel);
                }
            }
            Hint::Gone(path) => self.gone(&path),
            Hint::Touched(path) => {
                if path == self.folder {
                    return self.list_all("folder", Duration::ZERO);
                }
                let Ok(rel) = path.strip_prefix(&self.folder) else { return };
                let now = self.tuning.clock.now();
                if self.settling.get(rel).is_some_and(|e| e.backing_off) {
                    let rel = rel.to_owned();
                    self.reschedule(&rel, now);
                }
            }
        }
    }

    /// The path below the folder, if it is that of a drop; for a done-marker, that of its drop.
    fn relative(&mut self, path: &Path) -> Option<PathBuf> {
        self.heard_something(path);
        let rel = path.strip_prefix(&self.folder).ok()?;
        let rel = self.names.marked_by(rel).unwrap_or_else(|| rel.to_owned());
        self.names.is_drop(&rel).then_some(rel)
    }

    /// Where no cookie can be written, any event is proof.
    fn heard_something(&mut self, path: &Path) {
        if !self.proof.proven && self.proof.cookie.stale_at().is_none() && path.starts_with(&self.folder) {
            self.prove("an event came");
        }
    }

    fn hint(&mut self, rel: PathBuf, arrival: Arrival) {
        let now = self.tuning.clock.now();
        let settle = self.settle();
        let anew = self.departed.contains(&rel);
        if let Some(entry) = self.settling.get_mut(&rel) {
            entry.anew |= anew;
            if arrival != Arrival::Lying {
                // Another file took the place of what was settling.
                entry.settling = Settling::new(arrival, now, settle);
            }
            self.departed.remove(&rel);
            return self.reschedule(&rel, now);
        }
        if self.settling.len() >= self.tuning.settling_max {
            self.agenda.lost_hints = true;
            return;
        }
        self.departed.remove(&rel);
        let entry = Entry {
            settling: Settling::new(arrival, now, settle),
            due: now,
            seen_ms: now_ms(),
            tries: 0,
            backing_off: false,
            anew,
            asked_for: false,
            asked: None,
            closed_before: None,
        };
        self.settling.insert(rel.clone(), entry);
        self.due.push(Reverse((now, rel)));
    }

    fn closed(&mut self, rel: PathBuf) {
        let now = self.tuning.clock.now();
        let handed = self.habits.closed(&rel, now);
        self.hint(rel.clone(), Arrival::Lying);
        let Some(entry) = self.settling.get_mut(&rel) else { return };
        entry.closed_before = handed.or(entry.closed_before);
        if entry.settling.closed(now) {
            self.habits.closed_in_time(&rel);
        }
    }

    fn gone(&mut self, path: &Path) {
        let Ok(rel) = path.strip_prefix(&self.folder) else { return };
        if self.proof.watched.contains(rel) {
            self.proof.watched.retain(|w| !w.starts_with(rel));
        }
        if rel.as_os_str().is_empty() {
            self.list_all("folder", Duration::ZERO);
        } else if self.names.is_drop(rel) {
            self.depart(rel.to_owned());
        }
    }

    fn depart(&mut self, rel: PathBuf) {
        if self.departed.len() >= DEPARTED_MAX {
            self.departed.clear();
        }
        self.departed.insert(rel);
    }

    fn reschedule(&mut self, rel: &Path, at: Instant) {
        if let Some(entry) = self.settling.get_mut(rel) {
            entry.due = at;
            self.due.push(Reverse((at, rel.to_owned())));
        }
    }

    /// Takes what callers left on the board.
    fn read_notes(&mut self) {
        let (returned, stale, again, rescan) = {
            let mut notes = self.board.notes();
            let rescan = std::mem::take(&mut notes.rescan);
            let again = std::mem::take(&mut notes.again);
            (std::mem::take(&mut notes.returned), std::mem::take(&mut notes.stale), again, rescan)
        };
        for rel in again.into_iter().filter(|rel| self.names.is_drop(rel)).collect::<Vec<_>>() {
            self.depart(rel.clone());
            self.hint(rel.clone(), Arrival::Lying);
            if let Some(entry) = self.settling.get_mut(&rel) {
                entry.asked_for = true;
            }
        }
        if rescan {
            self.list_all("asked", Duration::ZERO);
        }
        for found in stale {
            self.forget(&found);
            self.hint(found.rel, Arrival::Lying);
        }
        for Returned { found, soon, why } in returned {
            self.forget(&found);
            let tries = found.tries + 1;
            let wait = if soon { Duration::ZERO } else { self.backoff(tries) };
            if !soon {
                self.complain(&found.rel, &why, tries);
            }
            let rel = found.rel.clone();
            self.hint(found.rel, Arrival::Lying);
            if let Some(entry) = self.settling.get_mut(&rel) {
                entry.tries = tries;
                entry.backing_off = !soon;
                let at = self.tuning.clock.now() + wait;
                self.reschedule(&rel, at);
            }
        }
        if self.board.signals.overflow.swap(false, Ordering::SeqCst) {
            // Folders may have come and gone unheard: ask for the events of each once more.
            self.proof.watched.clear();
            self.list_all("overflow", Duration::from_millis(50));
        }
        if self.board.signals.limit.swap(false, Ordering::SeqCst) {
            self.disprove("the limit of watched folders is reached (sysctl fs.inotify.max_user_watches)".into());
        }
    }

    fn forget(&mut self, found: &Found) {
        self.seen.remove(fingerprint(&found.rel, &found.identity));
    }

    // Small things.

    fn settle(&self) -> Duration {
        Duration::from_millis(self.config.settle_ms.max(1))
    }

    fn rescan(&self) -> Duration {
        Duration::from_millis(self.config.rescan_ms.max(100))
    }

    fn rules(&self, rel: &Path) -> Rules {
        let hold = self.habits.hold(rel.parent().unwrap_or(Path::new("")));
        Rules { settle: self.settle(), hold }
    }

    /// Tells the board how things stand.
    fn publish(&mut self) {
        let retrying = self.settling.values().filter(|e| e.backing_off).count();
        let settling = self.settling.len() - retrying;
        let listing = !self.walks.is_empty()
            || self.agenda.due.is_some_and(|(_, cause)| cause != "poll" && cause != "rescan" && cause != "folder");
        let mode = if self.polling() { Mode::Polling } else { Mode::Events };
        let mut notes = self.board.notes();
        notes.quiet = self.agenda.listed_once
            && settling == 0
            && !listing
            && !self.agenda.lost_hints
            && self.backlog.waiting() == 0;
        notes.backlog = self.backlog.waiting();
        let health = &mut notes.health;
        health.mode = mode;
        if health.why != self.proof.why {
            health.why.clone_from(&self.proof.why);
        }
        health.settling = settling as u64;
        health.retrying = retrying as u64;
        health.events = self.board.signals.taken.load(Ordering::SeqCst);
        health.overflows = self.board.signals.overflows.load(Ordering::SeqCst);
        if health.trouble != self.trouble {
            health.trouble.clone_from(&self.trouble);
        }
    }
}
