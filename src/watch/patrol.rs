//! The watcher's thread: hears hints, lists, looks, and hands whole files to the board.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};
use std::ffi::OsString;
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use tracing::{debug, info, warn};

use super::Tuning;
use super::backlog::{Backlog, Recent, Seen};
use super::board::{Board, Ready, Returned};
use super::cookie::Cookie;
use super::events::{Events, Hint};
use super::facts::{Facts, ctime_ns, fingerprint, fingerprint_of_stay};
use super::found::{Evidence, Found, Known, name_of, now_ms};
use super::habits::{Habits, Version, ending};
use super::health::Mode;
use super::lease::{Writers, writers};
use super::names::Names;
use super::read::leads_inside;
use super::settle::{Arrival, Marker, Rules, Settling, Verdict};
use super::walk::{Visitor, Walk};
use crate::config::{Events as EventsWanted, WatchConfig};
use crate::record::drop::FileIdentity;

/// Entries of a listing, hints, and looks at files that are taken before the thread turns to the others.
const STEP: usize = 1024;
/// The folder itself is missing: how often to look for it.
const MISSING: Duration = Duration::from_secs(1);
/// Drops that are remembered to have gone away; what is forgotten is at worst not read a second time.
const DEPARTED_MAX: usize = 4096;
/// A file with two names was written: how soon the other is looked for.
const LINKS: Duration = Duration::from_millis(200);
/// Parts of the tree that wait to be listed, at most; beyond it one full listing is cheaper.
const WALKS_MAX: usize = 256;

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

/// One listing under way.
struct Listing {
    walk: Walk,
    arrival: Arrival,
    /// Set for a listing of the whole folder: why, and since when.
    full: Option<(&'static str, Instant)>,
}

/// When the next full listing is due, and what is known of the last one.
struct Agenda {
    due: Option<(Instant, &'static str)>,
    last_end: Instant,
    took: Duration,
    listed_once: bool,
    /// Hints were thrown away because too many files were settling.
    lost_hints: bool,
}

/// Whether events can be relied on.
struct Proof {
    events: Option<Events>,
    /// The folder that the events are for.
    root: Option<(u64, u64)>,
    watched: HashSet<PathBuf>,
    cookie: Cookie,
    cookie_due: Instant,
    proven: bool,
    why: String,
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

    // Whether events come.

    fn polling(&self) -> bool {
        self.proof.events.is_none() || !self.proof.proven
    }

    fn prove(&mut self, why: &str) {
        if !self.proof.proven {
            info!(folder = %self.folder.display(), why, "following the folder by events");
            self.proof.proven = true;
            self.plan_listing();
        }
        self.proof.why = why.into();
    }

    fn disprove(&mut self, why: String) {
        if self.proof.proven || self.proof.why != why {
            warn!(folder = %self.folder.display(), why, "following the folder by polling");
        }
        self.proof.proven = false;
        self.proof.why = why;
        self.plan_listing();
    }

    /// Gives up on a cookie whose event does not come.
    fn mind_the_proof(&mut self) {
        if self.proof.cookie.gave_up(self.tuning.clock.now()) {
            self.disprove("a cookie file raised no event: the file system tells of no changes".into());
            // Should it be the queue that is dead and not the file system, a new one will prove itself.
            self.proof.root = None;
        }
    }

    /// Makes sure that the events are those of the folder that is there now, and bakes a cookie.
    fn arm(&mut self, root: &Metadata) {
        use std::os::unix::fs::MetadataExt;
        let identity = (root.dev(), root.ino());
        if self.config.events == EventsWanted::Poll {
            self.proof.why = "watch.events is \"poll\"".into();
            return;
        }
        if self.proof.root != Some(identity) {
            self.proof.watched.clear();
            self.proof.root = Some(identity);
            self.proof.events = None;
            self.proof.cookie_due = self.tuning.clock.now();
            match Events::open(self.board.thread.clone(), Arc::clone(&self.board.signals)) {
                Ok(events) => self.proof.events = Some(events),
                Err(why) => self.disprove(why),
            }
        }
    }

    fn bake(&mut self) {
        let now = self.tuning.clock.now();
        if self.proof.events.is_none() || self.proof.cookie_due > now || self.proof.cookie.stale_at().is_some() {
            return;
        }
        self.proof.cookie_due = now + self.rescan();
        if let Err(error) = self.proof.cookie.bake(&self.folder, now)
            && !self.proof.proven
        {
            self.proof.why = format!("no cookie file can be written to prove events: {error}");
        }
    }

    // Listing.

    fn list_all(&mut self, cause: &'static str, wait: Duration) {
        let at = self.tuning.clock.now() + wait;
        if self.agenda.due.is_none_or(|(due, _)| at < due) {
            self.agenda.due = Some((at, cause));
        }
    }

    /// The regular next listing: seldom with events, often without, but never more than a hundredth of the time.
    fn plan_listing(&mut self) {
        let (wait, cause) = match self.polling() {
            true => (self.settle().max(self.agenda.took * 100).min(self.rescan()), "poll"),
            false => (self.rescan(), "rescan"),
        };
        if self.agenda.due.is_none_or(|(_, cause)| cause == "poll" || cause == "rescan") {
            self.agenda.due = Some((self.agenda.last_end + wait, cause));
        }
    }

    fn mind_the_agenda(&mut self) {
        let now = self.tuning.clock.now();
        let has_room = self.settling.len() <= self.tuning.settling_max / 2;
        if (self.backlog.wants_listing() || (self.agenda.lost_hints && has_room && self.backlog.len() == 0))
            && self.agenda.due.is_none_or(|(_, cause)| cause == "poll" || cause == "rescan")
        {
            // Listing a huge folder again and again must not take more than a third of the time.
            let at = (self.agenda.last_end + self.agenda.took * 2).max(now);
            self.agenda.due = Some((at, "backlog"));
        }
        let running = self.walks.iter().any(|l| l.full.is_some());
        let Some((at, cause)) = self.agenda.due else { return };
        if running || at > now {
            return;
        }
        self.agenda.due = None;
        self.begin_listing(cause, now);
    }

    fn begin_listing(&mut self, cause: &'static str, now: Instant) {
        match std::fs::metadata(&self.folder) {
            Ok(root) if root.is_dir() => self.arm(&root),
            Ok(_) => return self.folder_missing("it is no folder", now),
            Err(error) => return self.folder_missing(&error.to_string(), now),
        }
        self.agenda.lost_hints = false;
        self.seen.begin_listing();
        self.walks.push_back(Listing {
            walk: Walk::new(&self.folder, PathBuf::new()),
            arrival: Arrival::Lying,
            full: Some((cause, now)),
        });
    }

    fn folder_missing(&mut self, why: &str, now: Instant) {
        let trouble = format!("cannot list {}: {why}", self.folder.display());
        if self.trouble != trouble {
            warn!(folder = %self.folder.display(), why, "the watched folder is missing");
        }
        self.trouble = trouble;
        self.proof.root = None;
        self.proof.events = None;
        self.proof.proven = false;
        self.proof.why = "the watched folder is missing".into();
        self.agenda.due = Some((now + MISSING, "folder"));
        self.board.notes().health.folder_ok = false;
    }

    fn list_part(&mut self, path: &Path, arrival: Arrival) {
        self.heard_something(path);
        let Ok(rel) = path.strip_prefix(&self.folder) else { return };
        let visible = rel.ancestors().all(|a| self.names.is_folder_watched(a));
        if !visible {
            return;
        }
        if self.walks.len() >= WALKS_MAX {
            self.walks.retain(|l| l.full.is_some());
            return self.list_all("overflow", Duration::from_millis(50));
        }
        let walk = Walk::new(&self.folder, rel.to_owned());
        self.walks.push_front(Listing { walk, arrival, full: None });
    }

    fn list_some(&mut self) {
        let Some(mut listing) = self.walks.pop_front() else { return };
        let mut encounter = Encounter { arrival: listing.arrival, full: listing.full.is_some(), patrol: self };
        // The names are lent to the walk while it calls back.
        let names = std::mem::replace(&mut encounter.patrol.names, Names::none());
        let more = listing.walk.step(STEP, &names, &mut encounter);
        self.names = names;
        if more {
            // Parts go before the whole, however they came.
            let at = usize::from(listing.full.is_some() && self.walks.front().is_some_and(|l| l.full.is_none()));
            return if at == 0 { self.walks.push_front(listing) } else { self.walks.push_back(listing) };
        }
        if let Some((cause, began)) = listing.full {
            self.end_listing(listing.walk, cause, began);
        }
    }

    fn end_listing(&mut self, walk: Walk, cause: &'static str, began: Instant) {
        let now = self.tuning.clock.now();
        self.agenda.last_end = now;
        self.agenda.took = now.saturating_duration_since(began);
        self.agenda.listed_once = true;
        self.seen.end_listing(walk.trouble.is_none());
        if walk.root_failed {
            self.backlog.abandon();
        } else {
            self.backlog.replace();
        }
        self.trouble = walk.trouble.unwrap_or_default();
        debug!(cause, files = walk.files, took_ms = self.agenda.took.as_millis(), "listed the folder");
        {
            let mut notes = self.board.notes();
            notes.health.folder_ok = !walk.root_failed;
            notes.health.listed_once = true;
            notes.health.listings += 1;
            notes.health.last_listing_ms = now_ms();
            notes.health.last_listing_files = walk.files;
            notes.health.last_listing_took_ms = u64::try_from(self.agenda.took.as_millis()).unwrap_or(u64::MAX);
            notes.health.last_listing_cause = cause;
        }
        self.plan_listing();
    }

    // Looking.

    fn has_room_for_ready(&self) -> bool {
        self.board.notes().ready.len() < self.tuning.settling_max
    }

    fn look_at_due(&mut self) {
        let now = self.tuning.clock.now();
        for _ in 0..STEP {
            match self.due.peek() {
                Some(Reverse((at, _))) if *at <= now => {}
                _ => return,
            }
            if !self.has_room_for_ready() {
                return;
            }
            let Some(Reverse((at, rel))) = self.due.pop() else { return };
            if self.settling.get(&rel).is_some_and(|e| e.due == at) {
                self.look(&rel);
            }
        }
    }

    /// Takes files from the backlog while the board has few.
    fn refill(&mut self) {
        for _ in 0..STEP {
            if !self.can_refill() {
                return;
            }
            let Some(rel) = self.backlog.oldest() else { return };
            if !self.settling.contains_key(&rel) {
                self.hint(rel.clone(), Arrival::Lying);
                self.look(&rel);
            }
        }
    }

    fn can_refill(&self) -> bool {
        self.backlog.len() > 0
            && self.settling.len() < self.tuning.settling_max / 2
            && self.board.notes().ready.len() < self.tuning.ready_max
    }

    /// Looks at one file and acts on what it sees.
    fn look(&mut self, rel: &Path) {
        let now = self.tuning.clock.now();
        match self.examine(rel, now) {
            Ok(Outcome::Whole(facts, evidence, ending)) => {
                self.recent.insert(fingerprint_of_stay(rel, &facts));
                self.hand_over(rel, Version { identity: facts.identity, ending }, evidence, now);
            }
            Ok(Outcome::Later(at)) => {
                if let Some(entry) = self.settling.get_mut(rel) {
                    entry.backing_off = false;
                }
                self.reschedule(rel, at.max(now + Duration::from_millis(1)));
            }
            Ok(Outcome::Folder) => {
                self.settling.remove(rel);
                let path = self.folder.join(rel);
                self.list_part(&path, Arrival::Lying);
            }
            Ok(Outcome::Nothing) => {
                self.settling.remove(rel);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if self.settling.remove(rel).is_some_and(|e| e.anew) {
                    self.depart(rel.to_owned());
                }
            }
            Err(error) => self.back_off(rel, &error.to_string(), now),
        }
    }

    fn examine(&mut self, rel: &Path, now: Instant) -> io::Result<Outcome> {
        let path = self.folder.join(rel);
        let mut meta = std::fs::symlink_metadata(&path)?;
        let is_link = meta.is_symlink();
        if meta.is_dir() {
            return Ok(Outcome::Folder);
        }
        if is_link {
            let target = std::fs::metadata(&path);
            match target {
                Ok(_) if !leads_inside(&path, &self.folder) => {}
                // What lies in it is found where it lies.
                Ok(target) if target.is_dir() => return Ok(Outcome::Nothing),
                Ok(target) => meta = target,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Err(io::Error::other("the link leads nowhere"));
                }
                Err(error) => return Err(error),
            }
        }
        let facts = Facts::of(&meta);
        if self.is_dealt_with(rel, &facts) {
            return Ok(Outcome::Nothing);
        }
        if !meta.is_file() {
            return Ok(Outcome::Whole(facts, Evidence::NotAFile, 0));
        }
        let rules = self.rules(rel);
        let marker = self.marker(&path, &facts);
        let wall_ns = self.tuning.clock.wall_ns();
        let Some(entry) = self.settling.get_mut(rel) else { return Ok(Outcome::Nothing) };
        entry.settling.note(facts, now, &rules);
        let rewritten = matches!(entry.settling.arrival, Arrival::Closed { .. }) && facts.links > 1;
        if let Some(past) = entry.closed_before.take() {
            self.habits.closed_again(&path, rel, past, &facts.identity, rules.settle * 10);
        }
        if rewritten {
            // Its other names raise no events.
            let wait = (self.agenda.took * 100).max(LINKS);
            self.list_all("links", wait);
        }
        let Some(entry) = self.settling.get_mut(rel) else { return Ok(Outcome::Nothing) };
        // Asking the kernel is worth it only when nothing but a writer stands in the way.
        match entry.settling.judge(Writers::None, marker, now, wall_ns, &rules) {
            Verdict::LookAgain(at) => return Ok(Outcome::Later(at)),
            Verdict::AwaitMarker => return Ok(Outcome::Nothing),
            Verdict::Whole(_) => {}
        }
        let file = open_quietly(&path)?;
        let writers = if self.tuning.leases { writers(&file) } else { Writers::Unknown };
        let after = Facts::of(&file.metadata()?);
        if !after.same_content(&facts) {
            entry.settling.note(after, now, &rules);
            return Ok(Outcome::Later(now));
        }
        Ok(match entry.settling.judge(writers, marker, now, wall_ns, &rules) {
            Verdict::Whole(evidence) => {
                let ending = if evidence == Evidence::Closed { ending(&file, facts.identity.size) } else { 0 };
                Outcome::Whole(facts, evidence, ending)
            }
            Verdict::LookAgain(at) => Outcome::Later(at),
            Verdict::AwaitMarker => Outcome::Nothing,
        })
    }

    /// Whether this state of the file was handed out, or is known to the ledger.
    fn is_dealt_with(&mut self, rel: &Path, facts: &Facts) -> bool {
        let Some(entry) = self.settling.get_mut(rel) else { return true };
        let state = fingerprint(rel, &facts.identity);
        // Hints come late: what went away may be what lay here before this was handed out.
        let stayed = !entry.asked_for && self.recent.contains(fingerprint_of_stay(rel, facts));
        if (!entry.anew || stayed) && self.seen.contains(state) {
            return true;
        }
        if entry.asked == Some(facts.identity) {
            return false;
        }
        entry.asked = Some(facts.identity);
        if self.known.is_known(rel, &facts.identity) {
            self.seen.insert(state);
            return true;
        }
        false
    }

    fn marker(&self, path: &Path, facts: &Facts) -> Marker {
        let Some(marker) = self.names.marker_of(path) else { return Marker::Unused };
        match std::fs::symlink_metadata(marker) {
            Ok(meta) if ctime_ns(&meta) >= facts.ctime_ns => Marker::Fresh,
            Ok(_) => Marker::Stale,
            Err(_) => Marker::Missing,
        }
    }

    fn hand_over(&mut self, rel: &Path, version: Version, evidence: Evidence, now: Instant) {
        let Some(entry) = self.settling.remove(rel) else { return };
        self.seen.insert(fingerprint(rel, &version.identity));
        if let Arrival::Closed { last, .. } = entry.settling.arrival {
            self.habits.handed(rel, version, last, now);
        }
        let found = Found {
            path: self.config.folder.join(rel),
            rel: rel.to_owned(),
            name: name_of(rel),
            identity: version.identity,
            evidence,
            seen_ms: entry.seen_ms,
            tries: entry.tries,
        };
        debug!(drop = %found.name, %evidence, bytes = found.identity.size, "a file is whole");
        self.board.notes().ready.push(Reverse(Ready { found, since: Instant::now() }));
        self.board.ring();
    }

    fn back_off(&mut self, rel: &Path, why: &str, now: Instant) {
        let Some(entry) = self.settling.get_mut(rel) else { return };
        entry.tries += 1;
        entry.backing_off = true;
        let tries = entry.tries;
        let at = now + self.backoff(tries);
        self.complain(rel, why, tries);
        self.reschedule(rel, at);
    }

    /// Doubles from `retry_ms` up to a hundred times that.
    fn backoff(&self, tries: u32) -> Duration {
        let first = self.config.retry_ms.max(1);
        Duration::from_millis(first.saturating_mul(1 << tries.saturating_sub(1).min(16)).min(first.saturating_mul(100)))
    }

    fn complain(&mut self, rel: &Path, why: &str, tries: u32) {
        let path = self.folder.join(rel);
        warn!(drop = %path.display(), why, tries, "cannot read a file, trying again later");
        self.trouble = format!("cannot read {}: {why}", path.display());
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

/// What a look at a file says.
enum Outcome {
    /// … and, for the habits, how its content ends.
    Whole(Facts, Evidence, u64),
    Later(Instant),
    /// It is a folder, and is to be listed.
    Folder,
    /// It needs no further look.
    Nothing,
}

/// A listing's view of the patrol.
struct Encounter<'a> {
    patrol: &'a mut Patrol,
    arrival: Arrival,
    full: bool,
}

impl Visitor for Encounter<'_> {
    fn folder(&mut self, rel: &Path) {
        let patrol = &mut *self.patrol;
        let root = rel.as_os_str().is_empty();
        if let Some(events) = patrol.proof.events.as_mut().filter(|_| !patrol.proof.watched.contains(rel)) {
            match events.watch(&patrol.folder.join(rel)) {
                Ok(()) => {
                    patrol.proof.watched.insert(rel.to_owned());
                }
                Err(why) => patrol.disprove(why),
            }
        }
        if root {
            patrol.bake();
        }
    }

    fn entry(&mut self, folder: &Arc<Path>, name: OsString, meta: &Metadata) {
        let patrol = &mut *self.patrol;
        let facts = Facts::of(meta);
        let rel = folder.join(&name);
        // A link is not what it leads to: that is looked at when its turn comes.
        let told = !meta.is_symlink() && !patrol.departed.contains(&rel);
        if told && patrol.seen.contains(fingerprint(&rel, &facts.identity)) {
            return;
        }
        if !self.full {
            return patrol.hint(rel, self.arrival);
        }
        if patrol.settling.contains_key(&rel) || !patrol.backlog.has_place(facts.identity.mtime_ns) {
            return;
        }
        if told && patrol.known.is_known(&rel, &facts.identity) {
            patrol.seen.insert(fingerprint(&rel, &facts.identity));
            return;
        }
        patrol.backlog.add(facts.identity.mtime_ns, folder, name);
    }
}

/// Opens for reading without waiting for anybody, whatever the file has become since it was looked at.
fn open_quietly(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC | libc::O_NOCTTY).open(path)
}
