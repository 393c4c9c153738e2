//! One file through the stages, for the verbs that look at a single drop.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::cli::fault::{BAD_INPUT, Fault, IO};
use crate::pipeline::stages::Stages;
use crate::record::drop::{Carry, Chunk, DropId, DropInfo};
use crate::record::mention::Enriched;
use crate::record::remark::Remarks;

/// A drop, read whole, and what the stages made of it.
pub struct DropFile {
    pub bytes: Vec<u8>,
    pub enriched: Enriched,
}

impl DropFile {
    /// Reads the file through all stages, keeping every remark.
    ///
    /// # Errors
    /// The file is missing or unreadable, or CLEAN refuses it.
    pub fn read(path: &Path, stages: &Stages) -> Result<DropFile, Fault> {
        let bytes = std::fs::read(path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => Fault::not_there(path),
            _ => Fault::plain(IO, format!("cannot read {}: {e}", path.display())),
        })?;
        let mtime = std::fs::metadata(path).and_then(|m| m.modified()).ok();
        let mtime_ms = mtime.and_then(|t| jiff::Timestamp::try_from(t).ok()).map_or(0, |t| t.as_millisecond());
        let name = path.file_name().map_or_else(|| PathBuf::from("drop"), PathBuf::from).to_string_lossy().into_owned();
        let drop = Arc::new(DropInfo {
            id: DropId(Sha256::digest(&bytes).into()),
            name,
            bytes: bytes.len() as u64,
            admitted_ms: mtime_ms,
            mtime_ms,
        });
        let chunk = Chunk { drop, index: 0, start: 0, bytes: bytes.clone(), last: true };
        let (enriched, _) = stages
            .read(chunk, Carry::default(), Remarks::all())
            .map_err(|e| Fault::new(BAD_INPUT, &e).hint("the daemon would put this drop into quarantine"))?;
        Ok(DropFile { bytes, enriched })
    }

    /// The raw lines as decoded text, each with the bytes it covers.
    ///
    /// The decoding is the one CLEAN chose; bytes are those of the drop.
    pub fn raw_lines(&self) -> Vec<RawLine> {
        let encoding = self.enriched.segmented.clean.encoding.as_str();
        let wide = match encoding {
            "utf-16le" => Some(0),
            "utf-16be" => Some(1),
            _ => None,
        };
        let mut lines = Vec::new();
        let mut start = 0;
        while start < self.bytes.len() {
            let end = self.line_end(start, wide);
            let piece = self.bytes.get(start..end).unwrap_or_default();
            lines.push(RawLine { start: start as u64, end: end as u64, text: decode(encoding, piece) });
            start = end;
        }
        lines
    }

    fn line_end(&self, start: usize, wide: Option<usize>) -> usize {
        let rest = &self.bytes[start..];
        let length = match wide {
            None => rest.iter().position(|b| *b == b'\n').map(|n| n + 1),
            Some(low) => {
                rest.chunks_exact(2).position(|pair| pair[low] == b'\n' && pair[1 - low] == 0).map(|n| (n + 1) * 2)
            }
        };
        length.map_or(self.bytes.len(), |n| start + n)
    }
}

/// A line of the drop as it lies there.
pub struct RawLine {
    pub start: u64,
    pub end: u64,
    /// Decoded, without the line break.
    pub text: String,
}

fn decode(encoding: &str, bytes: &[u8]) -> String {
    let label = if encoding == "hz-gb-2312" { "gbk" } else { encoding };
    let decoder = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap_or(encoding_rs::UTF_8);
    let text = decoder.decode_without_bom_handling(bytes).0;
    text.trim_end_matches(['\n', '\r']).trim_start_matches('\u{feff}').to_owned()
}
