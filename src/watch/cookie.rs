//! Proves that events come, with a file that is made to be noticed.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long the event may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// An empty hidden file, written and removed: either its event comes, or the folder raises none (NFS, SMB, some
/// containers and FUSE file systems).
pub(crate) struct Cookie {
    stem: String,
    number: u64,
    baked: Option<(PathBuf, Instant)>,
}

impl Cookie {
    pub(crate) fn new() -> Cookie {
        static COUNT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Cookie { stem: format!(".wenliu-cookie-{}-{count}", std::process::id()), number: 0, baked: None }
    }

    /// Writes and removes the file. True if it could be written.
    pub(crate) fn bake(&mut self, folder: &Path, now: Instant) -> io::Result<()> {
        self.number += 1;
        let path = folder.join(OsString::from(format!("{}-{}", self.stem, self.number)));
        self.baked = None;
        OpenOptions::new().write(true).create_new(true).open(&path)?;
        self.baked = Some((path.clone(), now));
        std::fs::remove_file(&path)
    }

    /// Whether this is the path of a cookie that was waited for.
    pub(crate) fn is_proof(&mut self, path: &Path) -> bool {
        let proof = self.baked.as_ref().is_some_and(|(baked, _)| baked == path);
        if proof {
            self.baked = None;
        }
        proof
    }

    /// When the wait for the event is over, if one is waited for.
    pub(crate) fn stale_at(&self) -> Option<Instant> {
        self.baked.as_ref().map(|(_, since)| *since + PATIENCE)
    }

    /// Gives up the wait if it is over. True if it was.
    pub(crate) fn gave_up(&mut self, now: Instant) -> bool {
        let over = self.stale_at().is_some_and(|at| at <= now);
        if over {
            self.baked = None;
        }
        over
    }
}
