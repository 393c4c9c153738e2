//! Records from segments, folders and standard input, one at a time.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use crate::cli::fault::{BAD_INPUT, Fault, IO, NO_INPUT};
use crate::record::line::Record;

/// A longer line is no record.
const LINE_MAX: u64 = 256 << 20;

/// An iterator over the records of all sources, in order.
pub(super) struct Lines {
    waiting: VecDeque<PathBuf>,
    reading: Option<Source>,
}

struct Source {
    name: String,
    reader: Box<dyn BufRead>,
    line: u64,
}

impl Lines {
    /// Finds the segments behind the paths.
    ///
    /// # Errors
    /// A path that is not there, or a folder without segments.
    pub(super) fn open(paths: &[PathBuf]) -> Result<Lines, Fault> {
        let mut waiting = VecDeque::new();
        for path in paths {
            if path.as_os_str() == "-" || path.is_file() {
                waiting.push_back(path.clone());
            } else if path.is_dir() {
                waiting.extend(segments(path)?);
            } else {
                return Err(Fault::not_there(path));
            }
        }
        Ok(Lines { waiting, reading: None })
    }

    fn next_line(&mut self) -> Result<Option<(Vec<u8>, bool)>, Fault> {
        loop {
            if self.reading.is_none() {
                let Some(path) = self.waiting.pop_front() else { return Ok(None) };
                self.reading = Some(Source::open(&path)?);
            }
            let source = self.reading.as_mut().expect("it was opened above");
            let mut line = Vec::new();
            source
                .reader
                .by_ref()
                .take(LINE_MAX)
                .read_until(b'\n', &mut line)
                .map_err(|e| Fault::plain(IO, format!("cannot read {}: {e}", source.name)))?;
            if line.is_empty() {
                self.reading = None;
                continue;
            }
            source.line += 1;
            let ended = line.last() == Some(&b'\n');
            if line.iter().any(|b| !b.is_ascii_whitespace()) {
                return Ok(Some((line, ended)));
            }
        }
    }
}

impl Iterator for Lines {
    type Item = Result<Record<'static>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (line, ended) = match self.next_line() {
                Ok(line) => line?,
                Err(fault) => return Some(Err(fault)),
            };
            match serde_json::from_slice::<Record<'static>>(&line) {
                Ok(record) => return Some(Ok(record)),
                // What has no line end yet is not yet said; a reader waits for it.
                Err(_) if !ended => {}
                Err(error) => return Some(Err(self.fault(&line, &error))),
            }
        }
    }
}

impl Lines {
    fn fault(&self, line: &[u8], error: &serde_json::Error) -> Fault {
        let (name, number) = self.reading.as_ref().map_or(("input", 0), |s| (s.name.as_str(), s.line));
        let kind =
            serde_json::from_slice::<serde_json::Value>(line).ok().and_then(|v| Some(v["type"].as_str()?.to_owned()));
        let hint = match kind.as_deref() {
            Some("receipt") => "this is a receipt of the drops stream; give segments named articles-*.jsonl",
            _ => "records are the lines of articles-*.jsonl, or what `wenliu once` prints",
        };
        let column = if error.column() > 0 { format!(":{}", error.column()) } else { String::new() };
        let said = error.to_string();
        let said = said.split(" at line ").next().unwrap_or_default().to_owned();
        Fault::plain(BAD_INPUT, format!("{name}:{number}{column}: no record: {said}")).hint(hint)
    }
}

impl Source {
    fn open(path: &Path) -> Result<Source, Fault> {
        if path.as_os_str() == "-" {
            return Ok(Source { name: "stdin".into(), reader: Box::new(BufReader::new(std::io::stdin())), line: 0 });
        }
        let file = File::open(path).map_err(|e| Fault::plain(IO, format!("cannot read {}: {e}", path.display())))?;
        Ok(Source {
            name: path.display().to_string(),
            reader: Box::new(BufReader::with_capacity(1 << 16, file)),
            line: 0,
        })
    }
}

/// The article segments of an output folder: the sealed ones, then those that still grow.
pub fn segments(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let mut found = std::collections::BTreeMap::new();
    let none = PathBuf::new();
    // A sealed segment wins over its live name: it never changes.
    for below in [&none, &PathBuf::from("live"), &PathBuf::from("sealed")] {
        for entry in std::fs::read_dir(folder.join(below)).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("articles-") && name.ends_with(".jsonl") {
                found.insert(name, entry.path());
            }
        }
    }
    if found.is_empty() {
        return Err(Fault::plain(NO_INPUT, format!("{}: holds no segment articles-*.jsonl", folder.display()))
            .hint("give an output folder (--out DIR), or run `wenliu run` first"));
    }
    Ok(found.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::export::tests::sample;
    use crate::record::line::to_json;

    fn read(bytes: &[u8]) -> Result<usize, String> {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("articles-1.jsonl"), bytes).expect("written");
        let lines = Lines::open(&[folder.path().to_owned()]).map_err(|f| format!("{f:?}"))?;
        let records: Result<Vec<_>, _> = lines.collect();
        records.map(|r| r.len()).map_err(|f| format!("{f:?}"))
    }

    #[test]
    fn a_torn_end_is_left_out_and_a_wrong_line_is_named() {
        let mut bytes = to_json(&sample());
        bytes.push(b'\n');
        let whole = bytes.clone();
        bytes.extend_from_slice(&whole[..whole.len() / 2]);
        assert_eq!(read(&bytes), Ok(1));
        let wrong = [&whole[..], b"{\"type\":\"receipt\"}\n"].concat();
        let error = read(&wrong).expect_err("a receipt");
        assert!(error.contains("articles-1.jsonl:2:") && error.contains("drops stream"), "{error}");
    }
}
