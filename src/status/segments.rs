//! Lines of the output, found by their number: receipts and records, newest first.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::record::stream::Stream;

/// Segments whose line ends are kept in memory.
const KEPT: usize = 6;
/// Bytes that one question reads, at most.
const READ_MAX: u64 = 64 << 20;
/// Bytes read at once when a segment has grown.
const BLOCK: usize = 1 << 18;

/// The segments of an output folder, read by line number.
#[derive(Debug)]
pub struct Segments {
    out: PathBuf,
    kept: Mutex<Vec<Kept>>,
}

/// A segment and its line ends.
type Kept = ((Stream, u64), Arc<Ends>);

/// Where the lines of a segment end.
#[derive(Clone, Debug, Default)]
struct Ends {
    ends: Vec<u64>,
}

impl Ends {
    fn range(&self, line: usize) -> Option<(u64, u64)> {
        let end = *self.ends.get(line)?;
        let start = if line == 0 { 0 } else { self.ends[line - 1] };
        Some((start, end))
    }
}

/// A page of lines, newest first.
#[derive(Debug, PartialEq)]
pub struct Found<T> {
    pub items: Vec<T>,
    /// Where to go on: everything from this number on was looked at; 0 when nothing is left.
    pub next: u64,
}

impl Segments {
    /// The segments below an output folder.
    pub fn new(out: &Path) -> Segments {
        Segments { out: out.into(), kept: Mutex::default() }
    }

    /// The number of the last whole line, 0 if there is none.
    ///
    /// # Errors
    /// The folder or a segment cannot be read.
    pub fn last(&self, stream: Stream) -> io::Result<u64> {
        let Some((first, path)) = self.list(stream)?.pop() else { return Ok(0) };
        let (ends, _) = self.ends(stream, first, &path)?;
        Ok(first - 1 + ends.ends.len() as u64)
    }

    /// One line, without its line break.
    ///
    /// # Errors
    /// A segment cannot be read.
    pub fn line(&self, stream: Stream, seq: u64) -> io::Result<Option<Vec<u8>>> {
        let Some((first, path)) = self.list(stream)?.into_iter().rfind(|(first, _)| *first <= seq) else {
            return Ok(None);
        };
        let (ends, file) = self.ends(stream, first, &path)?;
        let at = usize::try_from(seq - first).unwrap_or(usize::MAX);
        ends.range(at).map(|range| read(&file, range)).transpose()
    }

    /// The lines after a number, oldest first, at most `max`.
    ///
    /// # Errors
    /// A segment cannot be read.
    pub fn after(&self, stream: Stream, seq: u64, max: usize) -> io::Result<Vec<(u64, Vec<u8>)>> {
        let list = self.list(stream)?;
        let from = list.iter().rposition(|(first, _)| *first <= seq + 1).unwrap_or(0);
        let mut lines = Vec::new();
        for (first, path) in list.iter().skip(from) {
            let (ends, file) = self.ends(stream, *first, path)?;
            let skip = usize::try_from((seq + 1).saturating_sub(*first)).unwrap_or(usize::MAX);
            for line in skip..ends.ends.len() {
                if lines.len() == max {
                    return Ok(lines);
                }
                let range = ends.range(line).expect("a line below their number");
                lines.push((first + line as u64, read(&file, range)?));
            }
        }
        Ok(lines)
    }

    /// What `take` makes of the lines before a number (0 = from the end), newest first, at most `max`.
    ///
    /// # Errors
    /// A segment cannot be read.
    pub fn before<T>(
        &self,
        stream: Stream,
        before: u64,
        max: usize,
        mut take: impl FnMut(u64, &[u8]) -> Option<T>,
    ) -> io::Result<Found<T>> {
        let before = if before == 0 { u64::MAX } else { before };
        let mut found = Found { items: Vec::new(), next: 0 };
        let mut budget = READ_MAX;
        for (first, path) in self.list(stream)?.into_iter().rev().filter(|(first, _)| *first < before) {
            let (ends, file) = self.ends(stream, first, &path)?;
            let lines = usize::try_from(before - first).unwrap_or(usize::MAX).min(ends.ends.len());
            for line in (0..lines).rev() {
                let seq = first + line as u64;
                let range = ends.range(line).expect("a line below their number");
                if found.items.len() == max || budget < range.1 - range.0 {
                    found.next = seq + 1;
                    return Ok(found);
                }
                budget -= range.1 - range.0;
                found.items.extend(take(seq, &read(&file, range)?));
            }
        }
        Ok(found)
    }

    /// First line and path of every segment, in order; a sealed one wins over its live name.
    fn list(&self, stream: Stream) -> io::Result<Vec<(u64, PathBuf)>> {
        let mut found = std::collections::BTreeMap::new();
        for below in ["live", "sealed"] {
            let entries = match std::fs::read_dir(self.out.join(below)) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                entries => entries?,
            };
            for entry in entries.flatten() {
                if let Some((of, first)) = entry.file_name().to_str().and_then(Stream::parse)
                    && of == stream
                {
                    found.insert(first, entry.path());
                }
            }
        }
        Ok(found.into_iter().collect())
    }

    /// The line ends of a segment, brought up to date, and the open segment.
    fn ends(&self, stream: Stream, first: u64, path: &Path) -> io::Result<(Arc<Ends>, File)> {
        let key = (stream, first);
        let file = File::open(path)?;
        let known = {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.iter().find(|(k, _)| *k == key).map(|(_, ends)| ends.clone()).unwrap_or_default()
        };
        let len = file.metadata()?.len();
        if known.ends.last().copied().unwrap_or(0) == len && len > 0 {
            return Ok((known, file));
        }
        let mut ends = Ends::clone(&known);
        let mut at = ends.ends.last().copied().unwrap_or(0);
        let mut block = vec![0; BLOCK];
        while at < len {
            let got = file.read_at(&mut block, at)?;
            if got == 0 {
                break;
            }
            let read = block.get(..got).unwrap_or_default();
            ends.ends.extend(memchr::memchr_iter(b'\n', read).map(|n| at + n as u64 + 1));
            at += got as u64;
        }
        let ends = Arc::new(ends);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(k, _)| *k != key);
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push((key, ends.clone()));
        Ok((ends, file))
    }
}

fn read(file: &File, (start, end): (u64, u64)) -> io::Result<Vec<u8>> {
    let mut line = vec![0; usize::try_from(end - start).map_err(io::Error::other)?];
    file.read_exact_at(&mut line, start)?;
    line.pop();
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(segments: &[(&str, u64, &str)]) -> tempfile::TempDir {
        let out = tempfile::tempdir().expect("a folder");
        for (below, first, text) in segments {
            let path = out.path().join(below).join(Stream::Drops.segment(*first));
            std::fs::create_dir_all(path.parent().expect("below")).expect("made");
            std::fs::write(path, text).expect("written");
        }
        out
    }

    #[test]
    fn lines_are_found_across_segments_and_a_torn_end_is_none() {
        let out = folder(&[("sealed", 1, "a\nb\n"), ("live", 1, "a\nb\n"), ("live", 3, "c\nd\ne")]);
        let segments = Segments::new(out.path());
        let text = |line: Option<Vec<u8>>| line.map(|l| String::from_utf8(l).expect("utf-8"));
        assert_eq!(segments.last(Stream::Drops).expect("readable"), 4);
        assert_eq!(text(segments.line(Stream::Drops, 2).expect("readable")).as_deref(), Some("b"));
        assert_eq!(text(segments.line(Stream::Drops, 5).expect("readable")), None);
        let back = segments.before(Stream::Drops, 0, 3, |seq, _| Some(seq)).expect("readable");
        assert_eq!(back, Found { items: vec![4, 3, 2], next: 2 });
        let rest = segments.before(Stream::Drops, 2, 3, |seq, _| Some(seq)).expect("readable");
        assert_eq!(rest, Found { items: vec![1], next: 0 });
        let after = segments.after(Stream::Drops, 1, 9).expect("readable");
        assert_eq!(after.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), [2, 3, 4]);
    }

    #[test]
    fn a_segment_that_grows_is_followed() {
        let out = folder(&[("live", 1, "a\n")]);
        let segments = Segments::new(out.path());
        assert_eq!(segments.last(Stream::Drops).expect("readable"), 1);
        std::fs::write(out.path().join(Stream::Drops.live(1)), "a\nbb\n").expect("written");
        assert_eq!(segments.line(Stream::Drops, 2).expect("readable").as_deref(), Some(&b"bb"[..]));
    }
}
