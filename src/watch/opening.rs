//! Opens regular files only, and reads them at its own place, hashing.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, FileTypeExt, OpenOptionsExt};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::read_error::{ReadError, io_error};

/// Opens without ever blocking: what is no regular file is told by `stat` before, and again by `fstat` after.
pub(crate) fn open_regular(path: &Path, folder: &Path) -> Result<File, ReadError> {
    let meta = std::fs::symlink_metadata(path).map_err(|source| io_error(path, source))?;
    if meta.file_type().is_symlink() && !leads_inside(path, folder) {
        return Err(ReadError::NotAFile { path: path.into(), what: "a link that leads out of the watched folder" });
    }
    let meta = std::fs::metadata(path).map_err(|source| io_error(path, source))?;
    regular(path, &meta)?;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC | libc::O_NOCTTY)
        .open(path)
        .map_err(|source| io_error(path, source))?;
    regular(path, &file.metadata().map_err(|source| io_error(path, source))?)?;
    Ok(file)
}

fn regular(path: &Path, meta: &std::fs::Metadata) -> Result<(), ReadError> {
    let kind = meta.file_type();
    let what = match () {
        () if kind.is_file() => return Ok(()),
        () if kind.is_dir() => "a folder",
        () if kind.is_fifo() => "a pipe",
        () if kind.is_socket() => "a socket",
        () => "a device",
    };
    Err(ReadError::NotAFile { path: path.into(), what })
}

/// Whether a link ends inside the folder.
pub(crate) fn leads_inside(path: &Path, folder: &Path) -> bool {
    match (std::fs::canonicalize(path), std::fs::canonicalize(folder)) {
        (Ok(target), Ok(folder)) => target.starts_with(folder),
        _ => false,
    }
}

/// Reads until `wanted` bytes were appended or the stream ends.
pub(crate) fn read_up_to(stream: &mut (impl Read + ?Sized), buffer: &mut Vec<u8>, wanted: usize) -> io::Result<usize> {
    stream.take(wanted as u64).read_to_end(buffer)
}

/// Reads a shared file from its start, at its own place.
pub(crate) struct Rewound {
    file: File,
    at: u64,
}

impl Rewound {
    /// From this byte on.
    pub(crate) fn from(file: File, at: u64) -> Rewound {
        Rewound { file, at }
    }
}

impl Read for Rewound {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.file.read_at(buffer, self.at)?;
        self.at += got as u64;
        Ok(got)
    }
}

/// Hashes and counts what passes.
pub(crate) struct Hashing {
    file: Rewound,
    hash: Sha256,
    read: u64,
}

impl Hashing {
    pub(crate) fn new(file: File) -> Hashing {
        Hashing { file: Rewound::from(file, 0), hash: Sha256::new(), read: 0 }
    }

    /// Reads what the unpacker left unread, so that the hash is of the whole file.
    pub(crate) fn finish(mut self) -> io::Result<([u8; 32], u64)> {
        io::copy(&mut self, &mut io::sink())?;
        Ok((self.hash.finalize().into(), self.read))
    }
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.file.read(buffer)?;
        self.hash.update(buffer.get(..got).unwrap_or_default());
        self.read += got as u64;
        Ok(got)
    }
}
