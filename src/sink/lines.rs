//! Reads a file line by line, and says where whole lines end.

use super::SinkError;
use super::show::failed;
use crate::disk::Disk;

const READ_BYTES: usize = 1 << 20;

/// The whole lines of a file, one after the other.
pub struct Lines<'a> {
    disk: &'a dyn Disk,
    name: String,
    buffer: Vec<u8>,
    /// Bytes of the buffer that were given out.
    given: usize,
    /// Byte of the file where the buffer starts.
    base: u64,
}

impl<'a> Lines<'a> {
    /// Starts at byte `from`.
    pub fn of(disk: &'a dyn Disk, name: &str, from: u64) -> Lines<'a> {
        Lines { disk, name: name.into(), buffer: Vec::new(), given: 0, base: from }
    }

    /// The next line without its `\n`; nothing when no whole line follows.
    pub fn next_line(&mut self) -> Result<Option<&[u8]>, SinkError> {
        let mut searched = self.given;
        loop {
            if let Some(at) = memchr::memchr(b'\n', &self.buffer[searched..]) {
                let line = self.given..searched + at;
                self.given = line.end + 1;
                return Ok(Some(&self.buffer[line]));
            }
            self.buffer.drain(..self.given);
            self.base += self.given as u64;
            self.given = 0;
            searched = self.buffer.len();
            let more = self
                .disk
                .read(&self.name, self.base + searched as u64, READ_BYTES)
                .map_err(failed("read", &self.name))?;
            if more.is_empty() {
                return Ok(None);
            }
            self.buffer.extend_from_slice(&more);
        }
    }

    /// Byte of the file after the last line given out.
    pub fn end(&self) -> u64 {
        self.base + self.given as u64
    }
}
