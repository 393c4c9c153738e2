//! Looks at single files, and hands over those that are whole.

use std::cmp::Reverse;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use tracing::{debug, warn};

use super::{LINKS, Patrol, STEP};
use crate::watch::board::Ready;
use crate::watch::facts::{Facts, ctime_ns, fingerprint, fingerprint_of_stay};
use crate::watch::found::{Evidence, Found, name_of};
use crate::watch::habits::{Version, ending};
use crate::watch::lease::{Writers, writers};
use crate::watch::opening::leads_inside;
use crate::watch::settle::{Arrival, Marker, Verdict};

/// What a look at a file says.
pub(super) enum Outcome {
    /// … and, for the habits, how its content ends.
    Whole(Facts, Evidence, u64),
    Later(Instant),
    /// It is a folder, and is to be listed.
    Folder,
    /// It needs no further look.
    Nothing,
}

impl Patrol {
    pub(super) fn has_room_for_ready(&self) -> bool {
        self.board.notes().ready.len() < self.tuning.settling_max
    }

    pub(super) fn look_at_due(&mut self) {
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
    pub(super) fn refill(&mut self) {
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

    pub(super) fn can_refill(&self) -> bool {
        self.backlog.len() > 0
            && self.settling.len() < self.tuning.settling_max / 2
            && self.board.notes().ready.len() < self.tuning.ready_max
    }

    /// Looks at one file and acts on what it sees.
    pub(super) fn look(&mut self, rel: &Path) {
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

    pub(super) fn examine(&mut self, rel: &Path, now: Instant) -> io::Result<Outcome> {
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
    pub(super) fn is_dealt_with(&mut self, rel: &Path, facts: &Facts) -> bool {
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

    pub(super) fn marker(&self, path: &Path, facts: &Facts) -> Marker {
        let Some(marker) = self.names.marker_of(path) else { return Marker::Unused };
        match std::fs::symlink_metadata(marker) {
            Ok(meta) if ctime_ns(&meta) >= facts.ctime_ns => Marker::Fresh,
            Ok(_) => Marker::Stale,
            Err(_) => Marker::Missing,
        }
    }

    pub(super) fn hand_over(&mut self, rel: &Path, version: Version, evidence: Evidence, now: Instant) {
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

    pub(super) fn back_off(&mut self, rel: &Path, why: &str, now: Instant) {
        let Some(entry) = self.settling.get_mut(rel) else { return };
        entry.tries += 1;
        entry.backing_off = true;
        let tries = entry.tries;
        let at = now + self.backoff(tries);
        self.complain(rel, why, tries);
        self.reschedule(rel, at);
    }

    /// Doubles from `retry_ms` up to a hundred times that.
    pub(super) fn backoff(&self, tries: u32) -> Duration {
        let first = self.config.retry_ms.max(1);
        Duration::from_millis(first.saturating_mul(1 << tries.saturating_sub(1).min(16)).min(first.saturating_mul(100)))
    }

    pub(super) fn complain(&mut self, rel: &Path, why: &str, tries: u32) {
        let path = self.folder.join(rel);
        warn!(drop = %path.display(), why, tries, "cannot read a file, trying again later");
        self.trouble = format!("cannot read {}: {why}", path.display());
    }
}

/// Opens for reading without waiting for anybody, whatever the file has become since it was looked at.
fn open_quietly(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC | libc::O_NOCTTY).open(path)
}
