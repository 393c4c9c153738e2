//! A whole file, ready to be read.

use std::fmt;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::record::drop::FileIdentity;

/// On what grounds a file was held to be whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Evidence {
    /// It came into the folder by a rename, alone or inside a folder.
    RenamedIn,
    /// It came into the folder as a hard link.
    LinkedIn,
    /// Its writer closed it, and nobody has it open for writing.
    Closed,
    /// The kernel granted a read lease, so nobody has it open for writing, and it has stood still since before.
    Lease,
    /// Its size and time stood still while it was watched. The weakest: all that network file systems offer.
    StoodStill,
    /// Its done-marker stands beside it.
    Marker,
    /// No regular file (a pipe, a socket, a device, a link that leads out of the folder): reading it will refuse it.
    NotAFile,
}

impl Evidence {
    /// The word the ledger keeps.
    pub fn as_str(self) -> &'static str {
        match self {
            Evidence::RenamedIn => "renamed-in",
            Evidence::LinkedIn => "linked-in",
            Evidence::Closed => "closed",
            Evidence::Lease => "lease",
            Evidence::StoodStill => "stood-still",
            Evidence::Marker => "marker",
            Evidence::NotAFile => "not-a-file",
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A file that lies whole in the watched folder.
#[derive(Clone, Debug)]
pub struct Found {
    /// The watched folder joined with [`Found::rel`].
    pub path: PathBuf,
    /// The path below the watched folder, byte for byte.
    pub rel: PathBuf,
    /// The same, lossily as UTF-8: what records and receipts call the drop.
    pub name: String,
    /// The state in which it was found whole.
    pub identity: FileIdentity,
    pub evidence: Evidence,
    /// When the watcher first saw it in this state, milliseconds since 1970.
    pub seen_ms: i64,
    /// How often it was put back since.
    pub tries: u32,
}

impl PartialEq for Found {
    fn eq(&self, other: &Found) -> bool {
        self.rel == other.rel && self.identity == other.identity
    }
}

impl Eq for Found {}

impl Found {
    /// Builds the description of a file found without a watcher (`wenliu once`).
    ///
    /// # Errors
    /// Whatever `lstat` says.
    pub fn at(folder: &Path, rel: &Path) -> std::io::Result<Found> {
        let path = folder.join(rel);
        let identity = identity_of(&std::fs::metadata(&path)?);
        Ok(Found {
            path,
            rel: rel.to_owned(),
            name: name_of(rel),
            identity,
            evidence: Evidence::StoodStill,
            seen_ms: now_ms(),
            tries: 0,
        })
    }
}

/// Knows which files were dealt with before; in the daemon this is the ledger.
///
/// It is asked from the watcher's thread, once for each file that the watcher has not handed out itself, so that files
/// which lie in the folder are not read again after a restart. A file that was refused is known too, until
/// `wenliu retry` makes it unknown.
pub trait Known {
    /// Whether this path, relative to the watched folder, was dealt with in exactly this state.
    fn is_known(&self, rel: &Path, identity: &FileIdentity) -> bool;
}

/// Knows nothing: every file is new.
#[derive(Clone, Copy, Debug, Default)]
pub struct NothingKnown;

impl Known for NothingKnown {
    fn is_known(&self, _: &Path, _: &FileIdentity) -> bool {
        false
    }
}

/// The identity that `stat` told.
pub fn identity_of(meta: &Metadata) -> FileIdentity {
    FileIdentity {
        dev: meta.dev(),
        ino: meta.ino(),
        size: meta.size(),
        mtime_ns: meta.mtime().saturating_mul(1_000_000_000).saturating_add(meta.mtime_nsec()),
    }
}

/// A relative path as records name it.
pub fn name_of(rel: &Path) -> String {
    rel.to_string_lossy().into_owned()
}

pub(crate) fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}
