//! The output folder: where a line goes, how a segment is closed, and what stands beside the segments.
//!
//! [`place`] gives each line its number and place, without touching the disk; [`show`] writes placed bytes;
//! [`seal`] closes segments; [`beside`] keeps `status.json` and `current.jsonl`.

pub mod beside;
pub mod follow;
pub mod lines;
pub mod place;
pub mod seal;
pub mod show;

use std::io;

use crate::record::fate::Fate;

/// Folders below the output folder.
pub const FOLDERS: [&str; 3] = ["live", "sealed", ".tmp"];

/// What could not be done to the output folder.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    #[error("cannot {doing} {name} in the output folder")]
    Disk { doing: &'static str, name: String, source: io::Error },
    #[error("cannot sync {name} in the output folder")]
    Sync { name: String, source: io::Error },
    #[error("{name} has {found} bytes, but {expected} were durable: the disk or somebody took them away")]
    Shortened { name: String, found: u64, expected: u64 },
}

impl SinkError {
    /// What the pipeline does about it: room and folders may come back, a failed sync does not.
    pub fn fate(&self) -> Fate {
        match self {
            SinkError::Disk { source, .. } if passing(source) => Fate::Retry,
            _ => Fate::Stop,
        }
    }
}

/// Whether the cause of an error may pass: no room, a vanished or read-only folder.
pub fn passing(error: &io::Error) -> bool {
    use io::ErrorKind::{
        FileTooLarge, Interrupted, NotADirectory, NotFound, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem,
        StorageFull,
    };
    matches!(
        error.kind(),
        StorageFull
            | QuotaExceeded
            | NotFound
            | NotADirectory
            | PermissionDenied
            | ReadOnlyFilesystem
            | Interrupted
            | FileTooLarge
    )
}
