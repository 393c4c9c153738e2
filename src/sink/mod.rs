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

/// The error of a sync. A file or folder that is not there was not even opened, and may come back; any other failure
/// means that the disk may have dropped bytes, whatever a second try would say.
pub fn sync_failed(name: &str, source: io::Error) -> SinkError {
    let name = name.to_owned();
    match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::PermissionDenied => {
            SinkError::Disk { doing: "open for a sync", name, source }
        }
        _ => SinkError::Sync { name, source },
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
