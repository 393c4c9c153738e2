//! Reads a found file: hashed whole and in chunks, unpacked, checked to be the file that was found.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::chunks::Cutter;
use super::found::{Found, identity_of};
use super::opening::{Hashing, Rewound, open_regular, read_up_to};
use super::read_error::{ReadError, io_error};
use super::unpack::{Packing, unpacked};
use crate::config::WatchConfig;
use crate::record::drop::{DropId, FileIdentity};

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
    limits: Limits,
    /// The second reading, and how many unpacked bytes it has given.
    stream: Option<(Box<dyn Read + Send>, u64)>,
}

/// The settings a reading needs.
#[derive(Clone, Copy)]
struct Limits {
    max_bytes: u64,
    unpacked_ratio: u64,
    chunk_bytes: usize,
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
            limits: Limits {
                max_bytes: config.max_bytes,
                unpacked_ratio: config.max_unpacked_ratio.max(1),
                chunk_bytes: usize::try_from(config.chunk_bytes).unwrap_or(usize::MAX),
            },
            stream: None,
        };
        reading.survey(None)?;
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

    /// Goes on in mid-file: the next chunk will be `index`, and start at byte `start` of the drop. If the chunk size was
    /// changed since the drop was begun, what follows `start` is cut anew, and nothing is read twice.
    ///
    /// False if the drop has no such byte; then nothing is moved, and the drop is to be read from its start.
    pub fn seek_chunk(&mut self, index: u32, start: u64) -> bool {
        let at = index as usize;
        let fits = match self.marks.get(at) {
            Some(mark) => mark.start == start && mark.bytes > 0,
            None => at == self.marks.len() && start == self.bytes,
        };
        if !fits {
            let (marks, held) = (std::mem::take(&mut self.marks), self.held.take());
            if self.survey(Some((at, start))).is_err() {
                (self.marks, self.held) = (marks, held);
                return false;
            }
        }
        self.next = at;
        self.stream = None;
        true
    }

    /// The next chunk, or None after the last.
    ///
    /// # Errors
    /// [`ReadError::Changed`] if the file no longer holds the bytes that were hashed; what was given before stands.
    pub fn next_chunk(&mut self) -> Result<Option<Piece>, ReadError> {
        let Some(mark) = self.marks.get(self.next) else { return Ok(None) };
        let (start, length, hash) = (mark.start, mark.bytes, mark.hash);
        let bytes = match self.held.take() {
            Some(held) => held,
            None => {
                let bytes = self.read_again(start, length)?;
                if <[u8; 32]>::from(Sha256::digest(&bytes)) != hash {
                    return Err(ReadError::Changed { path: self.path.clone() });
                }
                bytes
            }
        };
        let index = u32::try_from(self.next).unwrap_or(u32::MAX);
        self.next += 1;
        Ok(Some(Piece { index, start, bytes, last: self.next == self.marks.len() }))
    }

    /// Whether the open file still has the size and time it was found with.
    pub fn still_whole(&self) -> bool {
        self.file.metadata().is_ok_and(|m| identity_of(&m) == self.identity)
    }

    /// First reading: hashes the file, unpacks it, cuts it. With `from`, the chunk of that number starts at that byte
    /// and those before it are not cut at all.
    fn survey(&mut self, from: Option<(usize, u64)>) -> Result<(), ReadError> {
        let path = self.path.clone();
        let own = self.file.try_clone().map_err(|source| io_error(&path, source))?;
        let hashing = Hashing::new(own);
        let mut stream = unpacked(self.packing, hashing).map_err(|source| io_error(&path, source))?;
        let mut cutter = Cutter::new(self.limits.chunk_bytes);
        let (dummies, mut skip) = from.unwrap_or((0, 0));
        self.marks = std::iter::repeat_with(|| Mark { start: 0, bytes: 0, hash: [0; 32] }).take(dummies).collect();
        self.held = None;
        let mut buffer: Vec<u8> = Vec::with_capacity(self.first_capacity(cutter.wanted()));
        let mut start = 0_u64;
        loop {
            let wanted = cutter.wanted().saturating_sub(buffer.len());
            let got = read_up_to(&mut stream, &mut buffer, wanted).map_err(|source| self.unpack_error(source))?;
            self.check_size(start + buffer.len() as u64)?;
            let at_end = got < wanted;
            // The width of the characters is told by the start of the drop, also when that is skipped.
            let mut cut = cutter.cut(&buffer, at_end);
            if skip > 0 {
                cut = usize::try_from(skip).unwrap_or(usize::MAX).min(buffer.len());
                skip -= cut as u64;
            } else if !buffer.is_empty() {
                let last = at_end && cut == buffer.len();
                let chunk = buffer.get(..cut).unwrap_or(&buffer);
                // A small plain drop is its own hash, taken while it was read.
                let alone = last && self.marks.is_empty();
                let hash = if alone { [0; 32] } else { Sha256::digest(chunk).into() };
                self.marks.push(Mark { start, bytes: chunk.len(), hash });
                if alone {
                    self.held = Some(std::mem::take(&mut buffer));
                    start += cut as u64;
                    break;
                }
            }
            buffer.drain(..cut);
            start += cut as u64;
            if at_end && buffer.is_empty() {
                break;
            }
        }
        self.bytes = start;
        if start == 0 {
            return Err(ReadError::Empty { path });
        }
        let (hash, read) = stream.finish().map_err(|source| io_error(&path, source))?;
        let other = from.is_some() && hash != self.id.0;
        if read != self.identity.size || other || skip > 0 {
            return Err(ReadError::Changed { path });
        }
        self.id = DropId(hash);
        if let (Some(held), Some(mark)) = (&self.held, self.marks.first_mut()) {
            mark.hash = if self.packing == Packing::Plain { hash } else { Sha256::digest(held).into() };
        }
        Ok(())
    }

    /// A small file fits as it is; a large one fills the buffer of one chunk.
    fn first_capacity(&self, wanted: usize) -> usize {
        match self.packing {
            Packing::Plain => usize::try_from(self.identity.size + 1).unwrap_or(usize::MAX).min(wanted),
            _ => 0,
        }
    }

    /// `total` bytes have come out so far.
    fn check_size(&self, total: u64) -> Result<(), ReadError> {
        let Limits { max_bytes: max, unpacked_ratio: ratio, .. } = self.limits;
        let path = || self.path.clone();
        if total > max {
            return Err(ReadError::TooLarge { path: path(), bytes: total, max });
        }
        if self.packing != Packing::Plain && total > UNPACKED_FREE && total / ratio > self.identity.size {
            return Err(ReadError::Bomb { path: path(), ratio });
        }
        Ok(())
    }

    /// Second reading: the bytes from `start`, unpacked.
    fn read_again(&mut self, start: u64, length: usize) -> Result<Vec<u8>, ReadError> {
        let path = self.path.clone();
        if self.stream.as_ref().is_none_or(|(_, at)| *at > start) {
            let file = self.file.try_clone().map_err(|source| io_error(&path, source))?;
            let stream = match self.packing {
                Packing::Plain => Box::new(Rewound::from(file, start)) as Box<dyn Read + Send>,
                _ => unpacked(self.packing, Rewound::from(file, 0)).map_err(|source| io_error(&path, source))?.boxed(),
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

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::path::Path;

    use super::*;
    use crate::record::fate::Fate;

    fn config() -> WatchConfig {
        WatchConfig { chunk_bytes: 4096, ..WatchConfig::default() }
    }

    fn opened(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> Result<Reading, ReadError> {
        std::fs::write(folder.path().join(name), bytes).expect("written");
        let found = Found::at(folder.path(), Path::new(name)).expect("found");
        Reading::open(&found, &WatchConfig { folder: folder.path().into(), ..config() })
    }

    fn pieces(reading: &mut Reading) -> Vec<Piece> {
        std::iter::from_fn(|| reading.next_chunk().expect("readable")).collect()
    }

    fn page() -> Vec<u8> {
        (0..3000).flat_map(|n| format!("本报讯（记者某）第{n}条\n").into_bytes()).collect()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(bytes).expect("packed");
        packer.finish().expect("packed")
    }

    #[test]
    fn a_small_drop_is_one_chunk_with_the_hash_of_the_file() {
        let folder = tempfile::tempdir().expect("a temp folder");
        let mut reading = opened(&folder, "a.txt", b"abc").expect("readable");
        assert_eq!(reading.id().to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let expected = Piece { index: 0, start: 0, bytes: b"abc".to_vec(), last: true };
        assert_eq!(pieces(&mut reading), [expected]);
        assert!(reading.seek_chunk(0, 0));
        assert_eq!(pieces(&mut reading).len(), 1);
    }

    #[test]
    fn the_chunks_of_a_large_drop_are_the_drop_and_can_be_entered_anywhere() {
        let folder = tempfile::tempdir().expect("a temp folder");
        let page = page();
        let zstd = zstd::encode_all(page.as_slice(), 1).expect("packed");
        for (name, bytes) in [("a.txt", page.clone()), ("a.gz", gzip(&page)), ("a.zst", zstd)] {
            let mut reading = opened(&folder, name, &bytes).expect("readable");
            assert_eq!(reading.id().0, <[u8; 32]>::from(Sha256::digest(&bytes)), "the hash is of the file as dropped");
            let all = pieces(&mut reading);
            assert_eq!(all.concat_bytes(), page, "{name}");
            assert_eq!((all.len() as u32, reading.bytes()), (reading.chunks(), page.len() as u64));
            for at in [all.len() - 1, 1, 5, 0] {
                assert!(reading.seek_chunk(at as u32, all[at].start));
                assert_eq!(pieces(&mut reading), all[at..], "{name} from {at}");
            }
            // The chunk size was another when the first chunks were committed.
            assert!(reading.seek_chunk(2, 777 * 3), "cut anew");
            let rest = pieces(&mut reading);
            assert_eq!((rest[0].index, rest[0].start), (2, 777 * 3));
            assert_eq!(rest.concat_bytes(), page[777 * 3..], "{name}");
            assert!(!reading.seek_chunk(1, 1 << 40));
            assert!(reading.seek_chunk(0, 0));
            assert_eq!(pieces(&mut reading).concat_bytes(), page, "{name} after a wrong place");
        }
    }

    trait Concat {
        fn concat_bytes(&self) -> Vec<u8>;
    }

    impl Concat for Vec<Piece> {
        fn concat_bytes(&self) -> Vec<u8> {
            self.iter().flat_map(|p| p.bytes.clone()).collect()
        }
    }

    #[test]
    fn a_drop_that_changes_between_the_readings_is_told() {
        let folder = tempfile::tempdir().expect("a temp folder");
        let mut page = page();
        let mut reading = opened(&folder, "a.txt", &page).expect("readable");
        reading.next_chunk().expect("readable").expect("the first");
        let half = page.len() / 2;
        page[half] ^= 1;
        std::fs::write(folder.path().join("a.txt"), &page).expect("written");
        let error = loop {
            match reading.next_chunk() {
                Ok(piece) => assert!(piece.is_some(), "the change was missed"),
                Err(error) => break error,
            }
        };
        assert_eq!((error.reason(), error.fate()), ("changed", Fate::Retry));
        assert!(!reading.still_whole());
    }

    #[test]
    fn bombs_halves_and_giants_are_refused() {
        let folder = tempfile::tempdir().expect("a temp folder");
        let check = |name: &str, bytes: &[u8], reason: &str| {
            let error = opened(&folder, name, bytes).err().expect("refused");
            assert_eq!((error.reason(), error.fate()), (reason, Fate::Refuse), "{error}");
        };
        let blanks = vec![b' '; 8 << 20];
        check("bomb.gz", &gzip(&blanks), "bomb");
        check("bomb.zst", &zstd::encode_all(blanks.as_slice(), 1).expect("packed"), "bomb");
        let packed = gzip(&page());
        check("half.gz", &packed[..packed.len() / 2], "corrupt_archive");
        check("empty.txt", b"", "empty");
        check("empty.gz", &gzip(b""), "empty");
        check("broken.gz", &[packed[..10].to_vec(), vec![0xff; 50]].concat(), "corrupt_archive");
        let small = WatchConfig { max_bytes: 100, folder: folder.path().into(), ..config() };
        std::fs::write(folder.path().join("giant"), gzip(&page())).expect("written");
        let found = Found::at(folder.path(), Path::new("giant")).expect("found");
        assert_eq!(Reading::open(&found, &small).err().map(|e| e.reason()), Some("too_large"));
    }

    #[test]
    fn what_was_found_and_what_is_opened_must_be_the_same() {
        let folder = tempfile::tempdir().expect("a temp folder");
        std::fs::write(folder.path().join("a"), "one").expect("written");
        let found = Found::at(folder.path(), Path::new("a")).expect("found");
        std::fs::write(folder.path().join("a"), "three").expect("written");
        let config = WatchConfig { folder: folder.path().into(), ..config() };
        assert_eq!(Reading::open(&found, &config).err().map(|e| e.reason()), Some("changed"));
        std::fs::remove_file(folder.path().join("a")).expect("removed");
        assert_eq!(Reading::open(&found, &config).err().map(|e| e.reason()), Some("vanished"));
    }
}
