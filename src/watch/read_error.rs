//! Why a found file cannot be read, and what becomes of it.

use std::io;
use std::path::{Path, PathBuf};

use crate::record::fate::Fate;

/// Why a found file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("{} is empty; drop it again once there is text in it", path.display())]
    Empty { path: PathBuf },
    #[error("{} holds {bytes} bytes or more, above watch.max_bytes = {max}; raise it if such drops are meant", path.display())]
    TooLarge { path: PathBuf, bytes: u64, max: u64 },
    #[error("{} unpacks to more than {ratio} times its size; raise watch.max_unpacked_ratio if that is meant", path.display())]
    Bomb { path: PathBuf, ratio: u64 },
    #[error("cannot unpack {} (pack it anew, and drop it again)", path.display())]
    Corrupt { path: PathBuf, source: io::Error },
    #[error("{} is {what}", path.display())]
    NotAFile { path: PathBuf, what: &'static str },
    #[error("{} has vanished", path.display())]
    Vanished { path: PathBuf },
    #[error("{} changed while it was read", path.display())]
    Changed { path: PathBuf },
    #[error("cannot read {}", path.display())]
    Io { path: PathBuf, source: io::Error },
}

impl ReadError {
    /// Refused drops go to quarantine; the others go back to the watcher by
    /// [`Watcher::put_back`](super::Watcher::put_back).
    pub fn fate(&self) -> Fate {
        match self {
            ReadError::Vanished { .. } | ReadError::Changed { .. } | ReadError::Io { .. } => Fate::Retry,
            _ => Fate::Refuse,
        }
    }

    /// The word receipts and reasons carry.
    pub fn reason(&self) -> &'static str {
        match self {
            ReadError::Empty { .. } => "empty",
            ReadError::TooLarge { .. } => "too_large",
            ReadError::Bomb { .. } => "bomb",
            ReadError::Corrupt { .. } => "corrupt_archive",
            ReadError::NotAFile { .. } => "not_a_file",
            ReadError::Vanished { .. } => "vanished",
            ReadError::Changed { .. } => "changed",
            ReadError::Io { .. } => "unreadable",
        }
    }
}

pub(crate) fn io_error(path: &Path, source: io::Error) -> ReadError {
    match source.kind() {
        io::ErrorKind::NotFound => ReadError::Vanished { path: path.into() },
        _ => ReadError::Io { path: path.into(), source },
    }
}
