//! What is no text.

use crate::clean::Refusal;
use crate::clean::charset::Charset;
use crate::clean::decode::Decoded;
use crate::clean::glyphs::Sheet;
use crate::record::drop::Chunk;

/// How files begin that are no plain text.
const MAGIC: &[&[u8]] = &[
    b"%PDF-",
    b"PK\x03\x04",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"\xd0\xcf\x11\xe0",
    b"Rar!\x1a",
    b"7z\xbc\xaf",
    b"\x1f\x8b\x08",
    b"BZh9",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",
    b"\x7fELF",
    b"{\\rtf",
    b"SQLite format 3\0",
    b"OggS",
    b"RIFF",
    b"ID3\x03",
    b"II*\0",
    b"MM\0*",
    b"AT&TFORM",
];

/// A chunk with nothing in it, or one that begins like a file of another kind.
pub fn magic(bytes: &[u8], chunk: &Chunk) -> Result<(), Refusal> {
    if chunk.index > 0 {
        return Ok(());
    }
    if bytes.is_empty() && chunk.last {
        return Err(Refusal::Empty);
    }
    match (MAGIC.iter().any(|magic| bytes.starts_with(magic)), bytes.first()) {
        (true, Some(byte)) => Err(Refusal::Binary { at: chunk.start, byte: *byte }),
        _ => Ok(()),
    }
}

/// A chunk of which too much cannot be decoded.
pub fn undecodable(decoded: &Decoded, charset: Charset, total: usize, max: f64, chunk: &Chunk) -> Result<(), Refusal> {
    let Some(first) = decoded.first_bad else { return Ok(()) };
    let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    let share = count(decoded.bad_bytes) / count(total.max(1));
    // A sequence torn at the end of a short drop is no reason to refuse it.
    if share <= max || decoded.bad_bytes <= 2 {
        return Ok(());
    }
    Err(Refusal::Undecodable { encoding: charset.name(), at: chunk.start + first as u64, share: share * 100.0 })
}

/// A chunk full of control characters, or one with nothing to read.
pub fn controls(sheet: &Sheet, decoded: &Decoded, chunk: &Chunk) -> Result<(), Refusal> {
    let is_control = |c: char| c.is_ascii_control();
    let mut controls = sheet.noise.iter().filter(|noise| noise.of(&decoded.text).starts_with(is_control));
    if let Some(first) = controls.next() {
        let count = 1 + controls.count();
        if count > 3 && count * 100 > decoded.text.len() {
            let byte = first.of(&decoded.text).bytes().next().unwrap_or_default();
            let at = chunk.start + u64::from(decoded.origins.raw(*first).start);
            return Err(Refusal::Binary { at, byte });
        }
    }
    if sheet.lines.is_empty() && chunk.index == 0 && chunk.last {
        return Err(Refusal::Empty);
    }
    Ok(())
}
