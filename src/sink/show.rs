//! Makes placed bytes visible, and durable.

use std::collections::BTreeSet;

use super::place::Piece;
use super::{SinkError, sync_failed};
use crate::disk::{Disk, failpoint};
use crate::record::stream::Stream;

/// Bytes that readers can see and that are not yet synced: the journal still holds them.
#[derive(Debug, Default)]
pub struct Unsynced {
    pub bytes: u64,
    /// When the oldest of them became visible.
    pub since_ms: i64,
    files: BTreeSet<String>,
    new_names: bool,
}

impl Unsynced {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && !self.new_names
    }

    /// Adds a file that was written.
    pub fn add(&mut self, name: String, bytes: u64, now_ms: i64) {
        if self.is_empty() {
            self.since_ms = now_ms;
        }
        self.bytes += bytes;
        self.files.insert(name);
    }

    /// Says that a segment has a new name.
    pub fn created(&mut self) {
        self.new_names = true;
    }

    /// Syncs all files, then the folders in which a name is new.
    pub fn sync(&mut self, disk: &dyn Disk) -> Result<(), SinkError> {
        for name in &self.files {
            disk.sync(name).map_err(|e| sync_failed(name, e))?;
        }
        if self.new_names {
            for folder in ["live", ""] {
                disk.sync_folder(folder).map_err(|e| sync_failed(folder, e))?;
            }
        }
        *self = Unsynced::default();
        Ok(())
    }
}

/// Where the first bytes of a segment are reserved before the segment has its name: a reader who sees the name may take
/// the segment before it for complete.
fn spare(stream: Stream, segment: u64) -> String {
    format!(".tmp/{}", stream.segment(segment))
}

/// Reserves room for every piece, so that what is committed can be shown without running out of space.
pub fn reserve(disk: &dyn Disk, pieces: &[Piece]) -> Result<(), SinkError> {
    for (nth, piece) in pieces.iter().enumerate() {
        if pieces[nth + 1..].iter().any(|p| (p.stream, p.segment) == (piece.stream, piece.segment)) {
            continue; // the last piece of a segment reserves for all
        }
        let length = disk.len(&piece.name()).map_err(failed("look at", &piece.name()))?;
        let begins = pieces.iter().any(|p| (p.stream, p.segment, p.offset) == (piece.stream, piece.segment, 0));
        if begins && length.is_some_and(|bytes| bytes > 0) {
            let source =
                std::io::Error::new(std::io::ErrorKind::AlreadyExists, "somebody else wrote a file of this name");
            return Err(failed("begin", &piece.name())(source));
        }
        let name = if length.is_some() { piece.name() } else { spare(piece.stream, piece.segment) };
        if length.is_none() {
            if !begins {
                let source = std::io::Error::new(std::io::ErrorKind::NotFound, "the segment vanished");
                return Err(failed("append to", &piece.name())(source));
            }
            if disk.len(&name).map_err(failed("look at", &name))?.is_none() {
                disk.create(&name).map_err(failed("create", &name))?;
            }
        }
        disk.reserve(&name, piece.end()).map_err(failed("reserve room for", &piece.name()))?;
    }
    Ok(())
}

/// Writes committed pieces in order; what is finished is taken from the list, so that a second call goes on.
pub fn show(disk: &dyn Disk, pieces: &mut Vec<Piece>, unsynced: &mut Unsynced, now_ms: i64) -> Result<(), SinkError> {
    pieces.reverse();
    while let Some(piece) = pieces.last() {
        if let Err(error) = write(disk, piece, unsynced, now_ms) {
            pieces.reverse();
            return Err(error);
        }
        pieces.pop();
    }
    Ok(())
}

fn write(disk: &dyn Disk, piece: &Piece, unsynced: &mut Unsynced, now_ms: i64) -> Result<(), SinkError> {
    let name = piece.name();
    if piece.offset == 0 && disk.len(&name).map_err(failed("look at", &name))?.is_none() {
        unsynced.new_names = true;
        let spare = spare(piece.stream, piece.segment);
        if disk.len(&spare).map_err(failed("look at", &spare))?.is_some() {
            disk.rename(&spare, &name).map_err(failed("create", &name))?;
        } else {
            disk.create(&name).map_err(failed("create", &name))?;
        }
    }
    // Counted first: a write that fails half-way has still touched the file.
    unsynced.add(name.clone(), piece.bytes.len() as u64, now_ms);
    disk.write(&name, piece.offset, &piece.bytes).map_err(failed("write to", &name))?;
    failpoint::pass("show.half");
    Ok(())
}

pub(super) fn failed(doing: &'static str, name: &str) -> impl FnOnce(std::io::Error) -> SinkError {
    let name = name.to_owned();
    move |source| SinkError::Disk { doing, name, source }
}
