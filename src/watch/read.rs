//! Reads a found file: hashed whole and in chunks, unpacked, checked to be the file that was found.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::chunks::Cutter;
use super::found::{Found, identity_of};
use super::unpack::{Packing, unpacked};
use crate::config::WatchConfig;
use crate::record::drop::{DropId, FileIdentity};
use crate::record::fate::Fate;

/// Why a found file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("{} is empty", path.display())]
    Empty { path: PathBuf },
    #[error("{} holds {bytes} bytes or more, above watch.max_bytes = {max}", path.display())]
    TooLarge { path: PathBuf, bytes: u64, max: u64 },
    #[error("{} unpacks to more than {ratio} times its size", path.display())]
    Bomb { path: PathBuf, ratio: u64 },
    #[error("cannot unpack {}", path.display())]
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

/// One piece of a drop, checked against its hash.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece {
    /// 0, 1, 2 … within the drop.
    pub index: u32,
    /// Byte of the (unpacked) drop where it starts.
    pub start: u64,
    pub bytes: Vec<u8>,
    /// No piece follows.
    pub last: bool,
}

/// A drop that is being read.
///
/// Opening reads the file once, to hash it whole and to find where to cut. A drop of one chunk is kept in memory and
/// not read again; a larger one is read a second time, chunk by chunk, and each chunk must have the hash it had.
pub struct Reading {
    path: PathBuf,
    file: File,
    identity: FileIdentity,
    packing: Packing,
    id: DropId,
    bytes: u64,
    marks: Vec<Mark>,
    /// The only chunk, until it is taken.
    held: Option<Vec<u8>>,
    next: usize,
    /// The second reading, and how many unpacked bytes it has given.
    stream: Option<(Box<dyn Read + Send>, u64)>,
}

/// Where a chunk lies, and what it must hash to.
struct Mark {
    start: u64,
    bytes: usize,
    hash: [u8; 32],
}

/// How many bytes a packed file may always unpack to, whatever the ratio: a few kilobytes of blanks are no bomb.
const UNPACKED_FREE: u64 = 1 << 20;

impl Reading {
    /// Opens and hashes the file.
    ///
    /// # Errors
    /// [`ReadError::fate`] says whether the file is refused or tried again.
    pub fn open(found: &Found, config: &WatchConfig) -> Result<Reading, ReadError> {
        let path = found.path.as_path();
        let file = open_regular(path, &config.folder)?;
        let identity = identity_of(&file.metadata().map_err(|source| io_error(path, source))?);
        if identity != found.identity {
            return Err(ReadError::Changed { path: path.into() });
        }
        if identity.size == 0 {
            return Err(ReadError::Empty { path: path.into() });
        }
        let packing = Packing::of(&file).map_err(|source| io_error(path, source))?;
        if packing == Packing::Plain && identity.size > config.max_bytes {
            return Err(ReadError::TooLarge { path: path.into(), bytes: identity.size, max: config.max_bytes });
        }
        let mut reading = Reading {
            path: path.into(),
            file,
            identity,
            packing,
            id: DropId([0; 32]),
            bytes: 0,
            marks: Vec::new(),
            held: None,
            next: 0,
            stream: None,
        };
        reading.survey(config)?;
        if !reading.still_whole() {
            return Err(ReadError::Changed { path: path.into() });
        }
        Ok(reading)
    }

    /// SHA-256 of the file as dropped.
    pub fn id(&self) -> DropId {
        self.id
    }

    /// Length of the drop, unpacked.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The file's own time, milliseconds since 1970.
    pub fn mtime_ms(&self) -> i64 {
        self.identity.mtime_ns.div_euclid(1_000_000)
    }

    /// The state the file was opened in.
    pub fn identity(&self) -> FileIdentity {
        self.identity
    }

    /// How many chunks the drop has.
    pub fn chunks(&self) -> u32 {
        u32::try_from(self.marks.len()).unwrap_or(u32::MAX)
    }

    /// Goes on in mid-file: the next chunk will be `index`, which must start at byte `start`. False if this drop has no
    /// such chunk (the chunk size was changed since); then nothing is moved, and the drop is to be read from its start.
    pub fn seek_chunk(&mut self, index: u32, start: u64) -> bool {
        let index = index as usize;
        let legal =
            self.marks.get(index).map_or(index == self.marks.len() && start == self.bytes, |m| m.start == start);
        if legal {
            self.next = index;
            self.stream = None;
        }
        legal
    }

    /// The next chunk, or None after the last.
    ///
    /// # Errors
    /// [`ReadError::Changed`] if the file no longer holds the bytes that were hashed; what was given before stands.
    pub fn next_chunk(&mut self) -> Result<Option<Piece>, ReadError> {
        let Some(mark) = self.marks.get(self.next) else { return Ok(None) };
        let (start, length, hash) = (mark.start, mark.bytes, mark.hash);
        let bytes = match (&self.held, self.marks.len()) {
            (Some(held), 1) => held.clone(),
            _ => self.read_again(start, length)?,
        };
        if <[u8; 32]>::from(Sha256::digest(&bytes)) != hash {
            return Err(ReadError::Changed { path: self.path.clone() });
        }
        let index = u32::try_from(self.next).unwrap_or(u32::MAX);
        self.next += 1;
        Ok(Some(Piece { index, start, bytes, last: self.next == self.marks.len() }))
    }

    /// Whether the open file still has the size and time it was found with.
    pub fn still_whole(&self) -> bool {
        self.file.metadata().is_ok_and(|m| identity_of(&m) == self.identity)
    }

    /// First reading: hashes the file, unpacks it, cuts it.
    fn survey(&mut self, config: &WatchConfig) -> Result<(), ReadError> {
        let path = self.path.clone();
        let reread = self.file.try_clone().map_err(|source| io_error(&path, source))?;
        let hashing = Hashing { file: Rewound::new(reread), hash: Sha256::new(), read: 0 };
        let limit = config.max_bytes;
        let mut stream = unpacked(self.packing, hashing).map_err(|source| io_error(&path, source))?;
        let chunk_bytes = usize::try_from(config.chunk_bytes).unwrap_or(usize::MAX);
        let mut cutter = Cutter::new(chunk_bytes);
        let mut buffer: Vec<u8> = Vec::new();
        let mut start = 0_u64;
        loop {
            let wanted = cutter.wanted().saturating_sub(buffer.len());
            let got = read_up_to(&mut stream, &mut buffer, wanted).map_err(|source| self.unpack_error(source))?;
            let total = start + buffer.len() as u64;
            if total > limit {
                return Err(ReadError::TooLarge { path, bytes: total, max: limit });
            }
            let ratio = config.max_unpacked_ratio;
            if self.packing != Packing::Plain && total > UNPACKED_FREE && total / ratio.max(1) > self.identity.size {
                return Err(ReadError::Bomb { path, ratio });
            }
            let at_end = got < wanted;
            if at_end && buffer.is_empty() && start > 0 {
                break;
            }
            let cut = cutter.cut(&buffer, at_end);
            let whole = at_end && cut == buffer.len();
            let chunk = buffer.get(..cut).unwrap_or(&buffer);
            self.marks.push(Mark { start, bytes: chunk.len(), hash: Sha256::digest(chunk).into() });
            if whole && self.marks.len() == 1 {
                self.held = Some(std::mem::take(&mut buffer));
                start += cut as u64;
                break;
            }
            buffer.drain(..cut);
            start += cut as u64;
            if whole {
                break;
            }
        }
        self.bytes = start;
        if self.bytes == 0 {
            return Err(ReadError::Empty { path });
        }
        let (hash, read) = stream.finish().map_err(|source| io_error(&path, source))?;
        if read != self.identity.size {
            return Err(ReadError::Changed { path });
        }
        self.id = DropId(hash);
        Ok(())
    }

    /// Second reading: the bytes from `start`, unpacked.
    fn read_again(&mut self, start: u64, length: usize) -> Result<Vec<u8>, ReadError> {
        let path = self.path.clone();
        if self.stream.as_ref().is_none_or(|(_, at)| *at > start) {
            let file = self.file.try_clone().map_err(|source| io_error(&path, source))?;
            let stream = match self.packing {
                Packing::Plain => Box::new(Rewound { file, at: start }) as Box<dyn Read + Send>,
                _ => unpacked(self.packing, Rewound::new(file)).map_err(|source| io_error(&path, source))?.boxed(),
            };
            let at = if self.packing == Packing::Plain { start } else { 0 };
            self.stream = Some((stream, at));
        }
        let (stream, at) = self.stream.as_mut().expect("it was made above");
        let skip = start - *at;
        let skipped = io::copy(&mut stream.by_ref().take(skip), &mut io::sink());
        let mut bytes = Vec::with_capacity(length);
        let outcome = skipped.and_then(|_| read_up_to(stream, &mut bytes, length));
        *at = start + bytes.len() as u64;
        match outcome {
            Ok(got) if got == length => Ok(bytes),
            // It unpacked before: that it does not now means that other bytes lie there.
            Ok(_) => Err(ReadError::Changed { path }),
            Err(_) if self.packing != Packing::Plain => Err(ReadError::Changed { path }),
            Err(source) => Err(io_error(&path, source)),
        }
    }

    fn unpack_error(&self, source: io::Error) -> ReadError {
        match self.packing {
            Packing::Plain => io_error(&self.path, source),
            _ if !self.still_whole() => ReadError::Changed { path: self.path.clone() },
            _ => ReadError::Corrupt { path: self.path.clone(), source },
        }
    }
}

fn io_error(path: &Path, source: io::Error) -> ReadError {
    match source.kind() {
        io::ErrorKind::NotFound => ReadError::Vanished { path: path.into() },
        _ => ReadError::Io { path: path.into(), source },
    }
}

/// Opens without ever blocking: what is no regular file is told by `stat` before, and again by `fstat` after.
fn open_regular(path: &Path, folder: &Path) -> Result<File, ReadError> {
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
fn read_up_to(stream: &mut (impl Read + ?Sized), buffer: &mut Vec<u8>, wanted: usize) -> io::Result<usize> {
    stream.take(wanted as u64).read_to_end(buffer)
}

/// Reads a shared file from its start, at its own place.
pub(crate) struct Rewound {
    file: File,
    at: u64,
}

impl Rewound {
    fn new(file: File) -> Rewound {
        Rewound { file, at: 0 }
    }
}

impl Read for Rewound {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = std::os::unix::fs::FileExt::read_at(&self.file, buffer, self.at)?;
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
