//! A drop, its chunks, and what a chunk leaves to the next.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// SHA-256 of a drop's bytes as dropped: its identity, whatever its name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DropId(pub [u8; 32]);

impl DropId {
    /// Stands for a file whose bytes could not be read; written as "".
    pub const UNREAD: DropId = DropId([0; 32]);

    /// The first 32 hex digits, the front of every record id.
    pub fn short(&self) -> String {
        hex(&self.0[..16])
    }

    /// Reads 64 hex digits.
    pub fn parse(text: &str) -> Option<DropId> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut id = [0_u8; 32];
        for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
            let high = char::from(pair[0]).to_digit(16)?;
            let low = char::from(pair[1]).to_digit(16)?;
            *byte = u8::try_from(high * 16 + low).ok()?;
        }
        Some(DropId(id))
    }
}

/// Lower-case hex of any bytes.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]]).map(char::from).collect()
}

impl fmt::Display for DropId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for DropId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DropId({})", self.short())
    }
}

/// One state of a file on disk: whether this directory entry has been looked at already.
///
/// Whether its *content* is known is another question, and [`DropId`] answers it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileIdentity {
    pub dev: u64,
    pub ino: u64,
    pub size: u64,
    pub mtime_ns: i64,
}

/// What is known of a drop before its text is read.
#[derive(Clone, Debug)]
pub struct DropInfo {
    pub id: DropId,
    /// Path below the watched folder, lossily as UTF-8, `/` between folders.
    pub name: String,
    /// Length of the bytes that `raw` offsets count: unpacked, for a packed drop.
    pub bytes: u64,
    /// When the drop was admitted, milliseconds since 1970; fixed in its first commit.
    pub admitted_ms: i64,
    /// The file's own time, milliseconds since 1970: the last resort for a publication date.
    pub mtime_ms: i64,
}

/// A piece of a drop that is processed and committed as one; almost every drop is one chunk.
#[derive(Clone, Debug)]
pub struct Chunk {
    pub drop: Arc<DropInfo>,
    /// 0, 1, 2 … within the drop.
    pub index: u32,
    /// Byte of the drop where this chunk starts.
    pub start: u64,
    pub bytes: Vec<u8>,
    /// No chunk of this drop follows.
    pub last: bool,
}

/// What a chunk leaves to the next chunk of its drop; committed with the chunk, so a restart resumes in mid-file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Carry {
    /// WHATWG name of the encoding, "" before the first chunk.
    pub encoding: String,
    /// Publication date found on the page, `YYYY-MM-DD` or "".
    pub published: String,
    pub paper: String,
    pub page: String,
    pub section: String,
    /// Column width in half-width cells, 0 while unknown.
    pub column_width: u16,
    /// Lines in a column, 0 while unknown.
    pub column_height: u16,
    /// Running heads learnt so far.
    pub running_heads: Vec<String>,
}
