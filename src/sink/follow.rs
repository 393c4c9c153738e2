//! Follows a stream as a careful reader does: whole lines, in order, across segments, never starting over.

use super::SinkError;
use super::beside::Status;
use super::lines::Lines;
use crate::disk::Disk;
use crate::record::stream::Stream;

/// Why a stream cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    #[error(transparent)]
    Disk(#[from] SinkError),
    #[error("lines {wanted} to {} of {stream} are gone (retention), the oldest is {oldest}", oldest - 1)]
    Gone { stream: &'static str, wanted: u64, oldest: u64 },
    #[error("{name}, byte {at}: line {found} stands where line {wanted} was due")]
    Gap { name: String, at: u64, wanted: u64, found: u64 },
    #[error("{name}, byte {at}: not a line of this stream")]
    NotALine { name: String, at: u64 },
}

/// A reader's place in a stream.
#[derive(Clone, Debug)]
pub struct Follower {
    stream: Stream,
    /// The line that is due.
    next_seq: u64,
    /// First line of the segment that is being read, and the byte to go on from.
    place: Option<(u64, u64)>,
}

impl Follower {
    /// Starts after line `after`; 0 = from the first.
    pub fn after(stream: Stream, after: u64) -> Follower {
        Follower { stream, next_seq: after + 1, place: None }
    }

    /// The last line given out.
    pub fn last_seq(&self) -> u64 {
        self.next_seq - 1
    }

    /// Gives every whole line that is there and was not given before. Returns how many.
    ///
    /// # Errors
    /// The folder cannot be read, or what stands in it is not the stream.
    pub fn poll<E: From<FollowError>>(
        &mut self,
        disk: &dyn Disk,
        mut each: impl FnMut(u64, &[u8]) -> Result<(), E>,
    ) -> Result<u64, E> {
        let mut given = 0;
        loop {
            let segments = segments(disk, self.stream)?;
            let Some((segment, offset)) = self.place.or_else(|| self.find(&segments)) else {
                return match segments.first() {
                    Some(&oldest) if oldest > self.next_seq => {
                        let (stream, wanted) = (self.stream.word(), self.next_seq);
                        Err(FollowError::Gone { stream, wanted, oldest }.into())
                    }
                    _ => Ok(given),
                };
            };
            // Listed before it is read: if a later segment was there, this one had its last line by then.
            let name = self.name(disk, segment)?;
            let mut lines = Lines::of(disk, &name, offset);
            loop {
                let at = lines.end();
                let Some(line) = lines.next_line().map_err(FollowError::from)? else { break };
                let Some(found) = number(line) else { return Err(FollowError::NotALine { name, at }.into()) };
                if found > self.next_seq {
                    return Err(FollowError::Gap { name, at, wanted: self.next_seq, found }.into());
                }
                if found == self.next_seq {
                    each(found, line)?;
                    given += 1;
                    self.next_seq += 1;
                }
            }
            self.place = Some((segment, lines.end()));
            if segment == self.next_seq || segments.binary_search(&self.next_seq).is_err() {
                return Ok(given);
            }
            self.place = Some((self.next_seq, 0));
        }
    }

    fn find(&self, segments: &[u64]) -> Option<(u64, u64)> {
        segments.iter().rev().find(|first| **first <= self.next_seq).map(|first| (*first, 0))
    }

    /// The growing name, or the sealed one once that is gone.
    fn name(&self, disk: &dyn Disk, segment: u64) -> Result<String, FollowError> {
        let live = self.stream.live(segment);
        let there = disk.len(&live).map_err(super::show::failed("look at", &live))?.is_some();
        Ok(if there { live } else { self.stream.sealed(segment) })
    }
}

/// First lines of all segments of a stream, in order.
fn segments(disk: &dyn Disk, stream: Stream) -> Result<Vec<u64>, FollowError> {
    let mut firsts = Vec::new();
    for folder in ["sealed", "live"] {
        let names = match disk.list(folder) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            other => other.map_err(super::show::failed("list", folder))?,
        };
        firsts.extend(
            names.iter().filter_map(|n| Stream::parse(n)).filter(|(s, _)| *s == stream).map(|(_, first)| first),
        );
    }
    firsts.sort_unstable();
    firsts.dedup();
    Ok(firsts)
}

/// The number at the start of a line: `{"seq":42,`.
fn number(line: &[u8]) -> Option<u64> {
    let rest = line.strip_prefix(br#"{"seq":"#)?;
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    if rest.get(digits) != Some(&b',') {
        return None;
    }
    std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()
}

/// Whether a reader must wait, and why: after a power cut the growing segments may end in NULs until the daemon has
/// written them again.
pub fn wait_for(disk: &dyn Disk, boot: &str) -> Option<&'static str> {
    let bytes = disk.read("status.json", 0, 1 << 16).ok()?;
    let status: Status = serde_json::from_slice(&bytes).ok()?;
    if status.recovering {
        return Some("the daemon is recovering");
    }
    let elsewhere = status.boot.is_empty() || boot.is_empty();
    (status.state != "stopped" && !elsewhere && status.boot != boot)
        .then_some("the machine went down while the daemon ran; its next start mends the output")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::memory::{Fuse, MemoryDisk};

    fn line(seq: u64) -> Vec<u8> {
        format!("{{\"seq\":{seq},\"x\":1}}\n").into_bytes()
    }

    fn disk(files: &[(&str, &[u8])]) -> MemoryDisk {
        let disk = MemoryDisk::new(Fuse::after(u64::MAX - 1));
        for (name, bytes) in files {
            disk.create(name).expect("new");
            disk.write(name, 0, bytes).expect("written");
        }
        disk
    }

    fn read(follower: &mut Follower, disk: &MemoryDisk) -> Result<Vec<u64>, FollowError> {
        let mut seqs = Vec::new();
        follower.poll::<FollowError>(disk, |seq, _| {
            seqs.push(seq);
            Ok(())
        })?;
        Ok(seqs)
    }

    #[test]
    fn half_a_line_is_waited_for_and_the_next_segment_found() {
        let first = Stream::Articles.live(1);
        let disk = disk(&[(&first, &[line(1), line(2)[..5].to_vec()].concat())]);
        let mut follower = Follower::after(Stream::Articles, 0);
        assert_eq!(read(&mut follower, &disk).expect("reads"), [1]);
        assert_eq!(read(&mut follower, &disk).expect("reads"), Vec::<u64>::new());
        disk.write(&first, line(1).len() as u64, &line(2)).expect("written");
        let second = Stream::Articles.live(3);
        disk.create(&second).expect("new");
        assert_eq!(read(&mut follower, &disk).expect("reads"), [2]);
        disk.write(&second, 0, &line(3)).expect("written");
        assert_eq!(read(&mut follower, &disk).expect("reads"), [3]);
    }

    #[test]
    fn a_start_in_the_middle_reads_on_in_sealed_segments() {
        let disk = disk(&[
            (&Stream::Articles.sealed(1), &[line(1), line(2)].concat()),
            (&Stream::Articles.sealed(3), &[line(3), line(4)].concat()),
        ]);
        assert_eq!(read(&mut Follower::after(Stream::Articles, 1), &disk).expect("reads"), [2, 3, 4]);
        assert_eq!(read(&mut Follower::after(Stream::Articles, 9), &disk).expect("reads"), Vec::<u64>::new());
    }

    #[test]
    fn what_is_gone_or_missing_is_told() {
        let disk = disk(&[(&Stream::Articles.sealed(5), &[line(5), line(7)].concat())]);
        assert!(matches!(
            read(&mut Follower::after(Stream::Articles, 0), &disk),
            Err(FollowError::Gone { oldest: 5, .. })
        ));
        assert!(matches!(
            read(&mut Follower::after(Stream::Articles, 4), &disk),
            Err(FollowError::Gap { wanted: 6, found: 7, .. })
        ));
    }
}
