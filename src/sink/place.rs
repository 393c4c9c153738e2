//! Gives each line its number, its segment and its offset.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::record::stream::Stream;

/// Most bytes in one piece: a redo row is compressed and written as a whole.
const PIECE_BYTES: usize = 1 << 20;

/// The end of a stream: where the next line goes.
#[derive(Clone, Debug)]
pub struct Tail {
    pub stream: Stream,
    pub next_seq: u64,
    /// First line of the growing segment; 0 when none grows.
    pub segment: u64,
    pub bytes: u64,
    pub lines: u64,
    pub opened_ms: i64,
    /// Over the growing segment; nothing after a restart, when it is read back as the segment closes.
    pub hash: Option<Sha256>,
}

impl Tail {
    /// A stream without a line.
    pub fn new(stream: Stream) -> Tail {
        Tail { stream, next_seq: 1, segment: 0, bytes: 0, lines: 0, opened_ms: 0, hash: None }
    }

    /// What is known of the growing segment as it closes; afterwards none grows.
    pub fn close(&mut self) -> Option<Closed> {
        if self.segment == 0 {
            return None;
        }
        let closed = Closed {
            stream: self.stream,
            segment: self.segment,
            bytes: self.bytes,
            lines: self.lines,
            last_seq: self.next_seq - 1,
            sha256: self.hash.take().map(|h| h.finalize().into()),
            damaged: false,
        };
        (self.segment, self.bytes, self.lines) = (0, 0, 0);
        Some(closed)
    }
}

/// A segment to which no line will be added.
#[derive(Clone, Debug, PartialEq)]
pub struct Closed {
    pub stream: Stream,
    pub segment: u64,
    pub bytes: u64,
    pub lines: u64,
    pub last_seq: u64,
    pub sha256: Option<[u8; 32]>,
    /// The live file holds bytes that are not ours: `sealed/` gets a copy of the valid part.
    pub damaged: bool,
}

/// Bytes that go to one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    pub stream: Stream,
    pub segment: u64,
    pub offset: u64,
    pub bytes: Arc<Vec<u8>>,
}

impl Piece {
    /// The byte after its last.
    pub fn end(&self) -> u64 {
        self.offset + self.bytes.len() as u64
    }

    /// The file it goes to.
    pub fn name(&self) -> String {
        self.stream.live(self.segment)
    }
}

/// The lines of one commit as they will stand in a stream; nothing is changed until the commit takes it over.
#[derive(Clone, Debug)]
pub struct Placed {
    pub tail: Tail,
    pub pieces: Vec<Piece>,
    pub closed: Vec<Closed>,
    line: Vec<u8>,
}

impl Placed {
    /// Starts where the stream ends now.
    pub fn after(tail: &Tail) -> Placed {
        Placed { tail: tail.clone(), pieces: Vec::new(), closed: Vec::new(), line: Vec::new() }
    }

    /// Places the line that `render` writes, rolling to a new segment when this one would grow beyond `segment_bytes`.
    /// Returns its number.
    pub fn line(&mut self, now_ms: i64, segment_bytes: u64, render: impl FnOnce(u64, &mut Vec<u8>)) -> u64 {
        let seq = self.tail.next_seq;
        self.line.clear();
        render(seq, &mut self.line);
        assert_eq!(self.line.last(), Some(&b'\n'), "a line ends");
        debug_assert_eq!(memchr::memchr_iter(b'\n', &self.line).count(), 1, "a line is one line");
        let bytes = self.line.len() as u64;
        let full = self.tail.bytes + bytes > segment_bytes && self.tail.stream != Stream::Manifest;
        if full {
            self.closed.extend(self.tail.close());
        }
        let tail = &mut self.tail;
        if tail.segment == 0 {
            let first = if tail.stream == Stream::Manifest { 1 } else { seq };
            (tail.segment, tail.bytes, tail.lines, tail.opened_ms) = (first, 0, 0, now_ms);
            tail.hash = Some(Sha256::new());
        }
        if let Some(hash) = &mut tail.hash {
            hash.update(&self.line);
        }
        match self.pieces.last_mut() {
            Some(p) if p.segment == tail.segment && p.bytes.len() + self.line.len() <= PIECE_BYTES => {
                Arc::make_mut(&mut p.bytes).extend_from_slice(&self.line);
            }
            _ => self.pieces.push(Piece {
                stream: tail.stream,
                segment: tail.segment,
                offset: tail.bytes,
                bytes: Arc::new(self.line.clone()),
            }),
        }
        tail.bytes += bytes;
        tail.lines += 1;
        tail.next_seq += 1;
        seq
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of these lengths with segments of `limit` bytes: segment:offset of each piece.
    fn check(limit: u64, lengths: &[usize], expected: &str) {
        let mut placed = Placed::after(&Tail::new(Stream::Articles));
        for length in lengths {
            placed.line(0, limit, |_, out| out.extend([vec![b'x'; length - 1], vec![b'\n']].concat()));
        }
        let places: Vec<String> =
            placed.pieces.iter().map(|p| format!("{}:{}+{}", p.segment, p.offset, p.bytes.len())).collect();
        assert_eq!(places.join(" "), expected);
    }

    #[test]
    fn a_segment_is_named_by_its_first_line_and_never_outgrows_its_size() {
        check(10, &[4, 4, 4, 10, 3], "1:0+8 3:0+4 4:0+10 5:0+3");
    }

    #[test]
    fn a_line_longer_than_a_segment_has_one_of_its_own() {
        check(10, &[30, 4], "1:0+30 2:0+4");
    }

    #[test]
    fn pieces_stay_small() {
        check(u64::MAX, &[PIECE_BYTES, 5], "1:0+1048576 1:1048576+5");
    }
}
