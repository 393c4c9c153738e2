//! Whether the folder's events can be relied on.

use std::collections::HashSet;
use std::fs::Metadata;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use tracing::{info, warn};

use super::Patrol;
use crate::config::Events as EventsWanted;
use crate::watch::cookie::Cookie;
use crate::watch::events::Events;

/// Whether events can be relied on.
pub(super) struct Proof {
    pub(super) events: Option<Events>,
    /// The folder that the events are for.
    pub(super) root: Option<(u64, u64)>,
    pub(super) watched: HashSet<PathBuf>,
    pub(super) cookie: Cookie,
    pub(super) cookie_due: Instant,
    pub(super) proven: bool,
    pub(super) why: String,
}

impl Patrol {
    pub(super) fn polling(&self) -> bool {
        self.proof.events.is_none() || !self.proof.proven
    }

    pub(super) fn prove(&mut self, why: &str) {
        if !self.proof.proven {
            info!(folder = %self.folder.display(), why, "following the folder by events");
            self.proof.proven = true;
            self.plan_listing();
        }
        self.proof.why = why.into();
    }

    pub(super) fn disprove(&mut self, why: String) {
        if self.proof.proven || self.proof.why != why {
            warn!(folder = %self.folder.display(), why, "following the folder by polling");
        }
        self.proof.proven = false;
        self.proof.why = why;
        self.plan_listing();
    }

    /// Gives up on a cookie whose event does not come.
    pub(super) fn mind_the_proof(&mut self) {
        if self.proof.cookie.gave_up(self.tuning.clock.now()) {
            self.disprove("a cookie file raised no event: the file system tells of no changes".into());
            // Should it be the queue that is dead and not the file system, a new one will prove itself.
            self.proof.root = None;
        }
    }

    /// Makes sure that the events are those of the folder that is there now, and bakes a cookie.
    pub(super) fn arm(&mut self, root: &Metadata) {
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

    pub(super) fn bake(&mut self) {
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
}
