//! What `stat` tells of a file, and the clock it is judged by.

use std::fs::Metadata;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::found::identity_of;
use crate::record::drop::FileIdentity;

/// One look at a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) identity: FileIdentity,
    /// When the kernel last saw content, name or rights change. Unlike the mtime nobody can set it.
    pub(crate) ctime_ns: i64,
    pub(crate) links: u64,
}

impl Facts {
    pub(crate) fn of(meta: &Metadata) -> Facts {
        Facts { identity: identity_of(meta), ctime_ns: ctime_ns(meta), links: meta.nlink() }
    }

    /// Whether the content may differ from that of another look.
    pub(crate) fn same_content(&self, other: &Facts) -> bool {
        self.identity == other.identity
    }
}

/// One number for this path in this state. The ctime is not in it: other rights or one more link make no new file.
pub(crate) fn fingerprint(rel: &Path, identity: &FileIdentity) -> u64 {
    let FileIdentity { dev, ino, size, mtime_ns } = identity;
    let path = rel.as_os_str().as_bytes();
    let mut bytes = Vec::with_capacity(path.len() + 32);
    bytes.extend_from_slice(path);
    for word in [*dev, *ino, *size, mtime_ns.cast_unsigned()] {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    rapidhash::v3::rapidhash_v3(&bytes)
}

/// The same with the ctime, which a move changes: tells a file that went away and came back from one that stayed.
pub(crate) fn fingerprint_of_stay(rel: &Path, facts: &Facts) -> u64 {
    fingerprint(rel, &facts.identity) ^ facts.ctime_ns.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

pub(crate) fn ctime_ns(meta: &Metadata) -> i64 {
    meta.ctime().saturating_mul(1_000_000_000).saturating_add(meta.ctime_nsec())
}

/// The clock the watcher goes by; tests put it forward.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    ahead_ms: Arc<AtomicU64>,
}

impl Clock {
    /// Puts the clock forward.
    pub fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.ahead_ms.fetch_add(by, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> Instant {
        Instant::now() + self.ahead()
    }

    /// Nanoseconds since 1970 by the wall clock, which may jump: good for nothing but comparing with a ctime.
    pub(crate) fn wall_ns(&self) -> i64 {
        let now = SystemTime::now() + self.ahead();
        now.duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_nanos()).unwrap_or(i64::MAX))
    }

    fn ahead(&self) -> Duration {
        Duration::from_millis(self.ahead_ms.load(Ordering::SeqCst))
    }
}
