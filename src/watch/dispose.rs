//! What becomes of a drop's file once its lines are durable.

use std::io;
use std::path::PathBuf;

use super::found::{Found, identity_of};
use super::moving::{free_name, move_without_overwriting};
use crate::config::{WatchConfig, WhenDone};

/// The hidden folder in the watched folder where done drops lie when no other is named.
pub const DONE: &str = ".done";

/// What was done with the file.
#[derive(Debug, PartialEq, Eq)]
pub enum Disposed {
    Kept,
    Moved(PathBuf),
    Deleted,
    /// It is gone or has changed since it was read: a new drop lies there, and it is left alone.
    Changed,
}

/// Keeps, moves or deletes the file as `watch.when_done` says. Moving keeps sub-folders and never overwrites.
///
/// # Errors
/// The move or the removal failed; the file lies where it lay.
pub fn dispose(found: &Found, config: &WatchConfig) -> io::Result<Disposed> {
    if config.when_done == WhenDone::Keep {
        return Ok(Disposed::Kept);
    }
    match std::fs::symlink_metadata(&found.path) {
        Ok(meta) if identity_of(&meta) == found.identity => {}
        Ok(_) => return Ok(Disposed::Changed),
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Disposed::Changed),
        Err(e) => return Err(e),
    }
    if config.when_done == WhenDone::Delete {
        std::fs::remove_file(&found.path)?;
        return Ok(Disposed::Deleted);
    }
    let done = match config.done_folder.as_os_str().is_empty() {
        true => config.folder.join(DONE),
        false => config.done_folder.clone(),
    };
    let wanted = done.join(&found.rel);
    if let Some(parent) = wanted.parent() {
        std::fs::create_dir_all(parent)?;
    }
    move_without_overwriting(&found.path, || free_name(&wanted)).map(Disposed::Moved)
}
