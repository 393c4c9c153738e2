//! Closes segments: synced, linked into `sealed/`, read-only; the manifest line follows in the next commit.

use sha2::{Digest, Sha256};

use super::place::{Closed, Piece};
use super::show::failed;
use super::{SinkError, sync_failed};
use crate::disk::{Disk, failpoint};
use crate::record::drop::hex;
use crate::record::stream::ManifestLine;

const READ_BYTES: usize = 1 << 20;

/// A sealed segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    pub sha256: [u8; 32],
    /// The live file holds bytes that are not ours; it is kept as it is.
    pub damaged: bool,
}

/// Makes a closed segment appear whole in `sealed/`. Every step may have been done before.
pub fn seal(disk: &dyn Disk, closed: &Closed) -> Result<Sealed, SinkError> {
    let (live, sealed) = (closed.stream.live(closed.segment), closed.stream.sealed(closed.segment));
    let there = disk.len(&sealed).map_err(failed("look at", &sealed))?.is_some();
    let found = disk.len(&live).map_err(failed("look at", &live))?;
    let damaged = closed.damaged || found.is_some_and(|bytes| bytes > closed.bytes);
    if let Some(found) = found {
        if found < closed.bytes {
            return Err(SinkError::Shortened { name: live, found, expected: closed.bytes });
        }
        disk.sync(&live).map_err(|e| sync_failed(&live, e))?;
        disk.sync_folder("live").map_err(|e| sync_failed("live", e))?;
        disk.release(&live).map_err(failed("give back the room of", &live))?;
    }
    failpoint::pass("seal.synced");
    if !there && (damaged || disk.link(&live, &sealed).is_err()) {
        publish(disk, &live, closed.bytes, &[], &sealed)?;
    }
    failpoint::pass("seal.linked");
    disk.sync_folder("sealed").map_err(|e| sync_failed("sealed", e))?;
    disk.protect(&sealed).map_err(failed("protect", &sealed))?;
    if found.is_some() && !damaged {
        disk.protect(&live).map_err(failed("protect", &live))?;
    }
    failpoint::pass("seal.protected");
    let sha256 = match closed.sha256 {
        Some(known) => known,
        None => hash(disk, &sealed, closed.bytes)?,
    };
    Ok(Sealed { sha256, damaged })
}

/// Copies the first `bytes` bytes of a file aside, syncs them, and puts them in place at once: for file systems without
/// hard links, and for the valid part of a damaged segment. Where the journal still knows the bytes (`known`, in order,
/// up to the end), it is believed rather than the file.
pub fn publish(disk: &dyn Disk, from: &str, bytes: u64, known: &[&Piece], to: &str) -> Result<(), SinkError> {
    let aside = copy_aside(disk, from, bytes, known, to)?;
    disk.rename(&aside, to).map_err(failed("put in place", to))
}

/// The first half of [`publish`]: makes the copy, and says what it is called.
pub fn copy_aside(disk: &dyn Disk, from: &str, bytes: u64, known: &[&Piece], to: &str) -> Result<String, SinkError> {
    let aside = format!(".tmp/{}", to.replace('/', "-"));
    disk.remove(&aside).map_err(failed("remove", &aside))?;
    disk.create(&aside).map_err(failed("create", &aside))?;
    let copied = known.first().map_or(bytes, |piece| piece.offset.min(bytes));
    let mut offset = 0;
    while offset < copied {
        let wanted = usize::try_from(copied - offset).unwrap_or(READ_BYTES).min(READ_BYTES);
        let part = disk.read(from, offset, wanted).map_err(failed("read", from))?;
        if part.is_empty() {
            return Err(SinkError::Shortened { name: from.into(), found: offset, expected: bytes });
        }
        disk.write(&aside, offset, &part).map_err(failed("write to", &aside))?;
        offset += part.len() as u64;
    }
    for piece in known {
        disk.write(&aside, piece.offset, &piece.bytes).map_err(failed("write to", &aside))?;
    }
    disk.sync(&aside).map_err(|source| SinkError::Sync { name: aside.clone(), source })?;
    Ok(aside)
}

/// SHA-256 of the first `bytes` bytes of a file.
pub fn hash(disk: &dyn Disk, name: &str, bytes: u64) -> Result<[u8; 32], SinkError> {
    let mut hash = Sha256::new();
    let mut offset = 0;
    while offset < bytes {
        let wanted = usize::try_from(bytes - offset).unwrap_or(READ_BYTES).min(READ_BYTES);
        let part = disk.read(name, offset, wanted).map_err(failed("read", name))?;
        if part.is_empty() {
            return Err(SinkError::Shortened { name: name.into(), found: offset, expected: bytes });
        }
        hash.update(&part);
        offset += part.len() as u64;
    }
    Ok(hash.finalize().into())
}

/// The manifest line of a sealed segment.
pub fn manifest_line(closed: &Closed, sha256: &[u8; 32], previous: &str) -> ManifestLine {
    ManifestLine {
        name: closed.stream.segment(closed.segment),
        bytes: closed.bytes,
        lines: closed.lines,
        first_seq: closed.segment,
        last_seq: closed.last_seq,
        sha256: hex(sha256),
        previous: previous.to_owned(),
    }
}
