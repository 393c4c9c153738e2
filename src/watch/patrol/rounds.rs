//! Lists the folder: when, how much of it, and what becomes of what is met.

use std::ffi::OsString;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tracing::{debug, warn};

use super::{Patrol, STEP};
use crate::watch::facts::{Facts, fingerprint};
use crate::watch::found::now_ms;
use crate::watch::names::Names;
use crate::watch::settle::Arrival;
use crate::watch::walk::{Visitor, Walk};

/// The folder itself is missing: how often to look for it.
const MISSING: Duration = Duration::from_secs(1);
/// Parts of the tree that wait to be listed, at most; beyond it one full listing is cheaper.
const WALKS_MAX: usize = 256;

/// One listing under way.
pub(super) struct Listing {
    pub(super) walk: Walk,
    pub(super) arrival: Arrival,
    /// Set for a listing of the whole folder: why, and since when.
    pub(super) full: Option<(&'static str, Instant)>,
}

/// When the next full listing is due, and what is known of the last one.
pub(super) struct Agenda {
    pub(super) due: Option<(Instant, &'static str)>,
    pub(super) last_end: Instant,
    pub(super) took: Duration,
    pub(super) listed_once: bool,
    /// Hints were thrown away because too many files were settling.
    pub(super) lost_hints: bool,
}

impl Patrol {
    pub(super) fn list_all(&mut self, cause: &'static str, wait: Duration) {
        let at = self.tuning.clock.now() + wait;
        if self.agenda.due.is_none_or(|(due, _)| at < due) {
            self.agenda.due = Some((at, cause));
        }
    }

    /// The regular next listing: seldom with events, often without, but never more than a hundredth of the time.
    pub(super) fn plan_listing(&mut self) {
        let (wait, cause) = match self.polling() {
            true => (self.settle().max(self.agenda.took * 100).min(self.rescan()), "poll"),
            false => (self.rescan(), "rescan"),
        };
        if self.agenda.due.is_none_or(|(_, cause)| cause == "poll" || cause == "rescan") {
            self.agenda.due = Some((self.agenda.last_end + wait, cause));
        }
    }

    pub(super) fn mind_the_agenda(&mut self) {
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

    pub(super) fn begin_listing(&mut self, cause: &'static str, now: Instant) {
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

    pub(super) fn folder_missing(&mut self, why: &str, now: Instant) {
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

    pub(super) fn list_part(&mut self, path: &Path, arrival: Arrival) {
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

    pub(super) fn list_some(&mut self) {
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

    pub(super) fn end_listing(&mut self, walk: Walk, cause: &'static str, began: Instant) {
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

    fn entry(&mut self, folder: &Arc<Path>, name: OsString, rel: PathBuf, meta: &Metadata) {
        let patrol = &mut *self.patrol;
        let facts = Facts::of(meta);
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
