//! Rebuilds a lost ledger from the output folder.
//!
//! Segments tell numbers and ids, receipts tell outcomes, the manifest tells what is sealed. A drop that was in
//! mid-flight runs again from its start and skips what is already written. Only whole lines in their order count: what
//! stands behind them is treated as foreign by [`super::recover`].

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::CommitError;
use crate::disk::Disk;
use crate::ledger::Journal;
use crate::ledger::rows::{Batch, ChunkRow, DropRow, PathRow, SealRow, State, TailRow};
use crate::record::drop::{Carry, DropId, FileIdentity, hex};
use crate::record::stream::{ManifestLine, Stream};
use crate::sink::SinkError;
use crate::sink::lines::Lines;

/// Rows in one batch.
const BATCH_ROWS: usize = 5_000;

/// Whether the output folder holds lines of an earlier run.
pub(super) fn is_wanted(disk: &dyn Disk) -> Result<bool, CommitError> {
    Ok(!segments(disk)?.is_empty())
}

/// Fills an empty journal. A rebuild that is cut short is simply done again.
pub(super) fn rebuild(journal: &mut dyn Journal, disk: &dyn Disk, now: i64) -> Result<(), CommitError> {
    let mut rebuild = Rebuild { journal, batch: Batch::default(), paths: HashMap::new(), open: HashMap::new() };
    let manifest = read_manifest(disk)?;
    let found = segments(disk)?;
    // Numbers of all articles by a hash of their id; a receipt takes its own out.
    let mut numbers: HashMap<u64, u64> = HashMap::new();
    let articles = survey(disk, &found, Stream::Articles, &mut |line| {
        if let Ok(head) = serde_json::from_slice::<Article<'_>>(line) {
            numbers.insert(key(&head.id), head.seq);
        }
        Ok(())
    })?;
    let receipts = survey(disk, &found, Stream::Drops, &mut |line| match serde_json::from_slice(line) {
        Ok(receipt) => rebuild.receipt(&receipt, &mut numbers, now),
        Err(_) => Ok(()),
    })?;
    if !numbers.is_empty() {
        // Lines whose receipt was not yet visible: their drops were in mid-flight.
        survey(disk, &found, Stream::Articles, &mut |line| match serde_json::from_slice::<Article<'_>>(line) {
            Ok(head) if numbers.contains_key(&key(&head.id)) => rebuild.orphan(&head),
            _ => Ok(()),
        })?;
    }
    rebuild.finish(disk, &[articles, receipts], manifest, now)
}

struct Rebuild<'a> {
    journal: &'a mut dyn Journal,
    batch: Batch,
    /// Names in the batch.
    paths: HashMap<String, PathRow>,
    /// Drops that are not finished.
    open: HashMap<DropId, (DropRow, Vec<u64>)>,
}

#[derive(Deserialize)]
struct Article<'a> {
    seq: u64,
    #[serde(borrow)]
    id: std::borrow::Cow<'a, str>,
    added: String,
    supersedes: String,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    drop: OfDrop,
}

#[derive(Deserialize)]
struct OfDrop {
    name: String,
    sha256: String,
    bytes: u64,
}

#[derive(Deserialize)]
struct Receipt {
    seq: u64,
    sha256: String,
    name: String,
    outcome: String,
    reason: String,
    ids: Vec<String>,
    bytes: u64,
    chunk: u32,
    last: bool,
    admitted: String,
    finished: String,
}

impl Rebuild<'_> {
    fn receipt(&mut self, told: &Receipt, numbers: &mut HashMap<u64, u64>, now: i64) -> Result<(), CommitError> {
        let before = self.path(&told.name)?.map(|p| p.sha256).filter(|sha256| *sha256 != told.sha256);
        let path = PathRow {
            name: told.name.clone(),
            // Unknown, so that the file is read once more and recognised by its content.
            identity: FileIdentity::default(),
            sha256: told.sha256.clone(),
            outcome: if told.outcome == "done" && !told.last { "running".into() } else { told.outcome.clone() },
            reason: told.reason.clone(),
            seen_ms: millis(&told.finished).unwrap_or(now),
            again: 0,
        };
        self.paths.insert(told.name.clone(), path);
        let state = State::of_word(&told.outcome);
        if let (Some(id), Some(state)) = (DropId::parse(&told.sha256), state) {
            self.chunk(id, state, told, numbers, before.unwrap_or_default(), now)?;
        }
        self.flush_if_full()
    }

    fn chunk(
        &mut self,
        id: DropId,
        state: State,
        told: &Receipt,
        numbers: &mut HashMap<u64, u64>,
        supersedes: String,
        now: i64,
    ) -> Result<(), CommitError> {
        let (mut row, mut starts) = match self.open.remove(&id) {
            Some(known) => known,
            None => (new_row(id, &told.name, millis(&told.admitted).unwrap_or(now), supersedes), Vec::new()),
        };
        row.finished_ms = millis(&told.finished).unwrap_or(now);
        row.reason.clone_from(&told.reason);
        row.bytes += told.bytes;
        if state == State::Done {
            let seqs: Vec<u64> = told.ids.iter().filter_map(|id| numbers.remove(&key(id))).collect();
            let own: Vec<u64> = told.ids.iter().filter_map(|id| id.split_once('-')?.1.parse().ok()).collect();
            self.batch.chunks.push(ChunkRow {
                drop: id,
                chunk: told.chunk,
                start: row.bytes - told.bytes,
                bytes: told.bytes,
                starts: own.clone(),
                first_seq: seqs.first().copied().unwrap_or(0),
                receipt_seq: told.seq,
                finished_ms: row.finished_ms,
            });
            starts.extend(own);
            row.receipts = told.chunk + 1;
        }
        row.articles = starts.len() as u64;
        row.state = if state == State::Done && !told.last { State::Running } else { state };
        if row.state == State::Done || row.receipts == 0 {
            row.next_chunk = row.receipts;
            row.next_offset = row.bytes;
            self.batch.drops.push(DropRow { rebuilt: false, receipts: 0, ..row });
        } else {
            self.open.insert(id, (row, starts));
        }
        Ok(())
    }

    fn orphan(&mut self, head: &Article<'_>) -> Result<(), CommitError> {
        let told = &head.metadata.drop;
        let Some(id) = DropId::parse(&told.sha256) else { return Ok(()) };
        let (_, starts) = self.open.entry(id).or_insert_with(|| {
            let admitted_ms = millis(&head.added).unwrap_or(0);
            (new_row(id, &told.name, admitted_ms, head.supersedes.clone()), Vec::new())
        });
        starts.extend(head.id.split_once('-').and_then(|(_, start)| start.parse::<u64>().ok()));
        if let Some((row, _)) = self.open.get_mut(&id) {
            row.bytes = told.bytes;
        }
        Ok(())
    }

    fn path(&mut self, name: &str) -> Result<Option<PathRow>, CommitError> {
        match self.paths.get(name) {
            Some(row) => Ok(Some(row.clone())),
            None => Ok(self.journal.path(name)?),
        }
    }

    fn flush_if_full(&mut self) -> Result<(), CommitError> {
        let rows = self.batch.chunks.len() + self.paths.len();
        if rows >= BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), CommitError> {
        self.batch.paths = self.paths.drain().map(|(_, row)| row).collect();
        // A chunk belongs to a drop that is known, so unfinished drops are written with it.
        self.batch.drops.extend(self.open.values().map(|(row, _)| again(row)));
        self.journal.apply(&std::mem::take(&mut self.batch))?;
        Ok(())
    }

    fn finish(
        mut self,
        disk: &dyn Disk,
        surveys: &[Survey; 2],
        manifest: Manifest,
        now: i64,
    ) -> Result<(), CommitError> {
        let unfinished: Vec<ChunkRow> = self.open.values().map(|(row, starts)| orphans(row, starts)).collect();
        self.batch.chunks.extend(unfinished);
        for survey in surveys {
            self.ends(disk, survey, &manifest, now)?;
        }
        self.batch.tails.push(manifest.tail);
        self.batch.meta.push(("manifest_hash", manifest.hash));
        self.flush()
    }

    /// The segments of a stream, and where it goes on.
    fn ends(&mut self, disk: &dyn Disk, survey: &Survey, manifest: &Manifest, now: i64) -> Result<(), CommitError> {
        let (stream, next_seq) = (survey.stream, survey.next_seq);
        let mut tail = TailRow { stream, next_seq, segment: 0, bytes: 0, lines: 0, opened_ms: now };
        for (nth, found) in survey.segments.iter().enumerate() {
            let grows = nth + 1 == survey.segments.len() && !found.sealed;
            if grows && found.lines == 0 && found.length > 0 {
                keep_apart(disk, &stream.segment(found.first))?;
            } else if grows {
                (tail.segment, tail.bytes, tail.lines) = (found.first, found.bytes, found.lines);
            } else {
                self.batch.seals.push(SealRow {
                    stream,
                    segment: found.first,
                    bytes: found.bytes,
                    lines: found.lines,
                    last_seq: (found.first + found.lines).saturating_sub(1),
                    closed_ms: now,
                    sealed: manifest.names.contains(&stream.segment(found.first)),
                    live: found.live,
                    damaged: false,
                });
            }
        }
        self.batch.tails.push(tail);
        Ok(())
    }
}

/// A segment as it was found.
struct Segment {
    first: u64,
    /// Bytes and number of the whole lines in their order.
    bytes: u64,
    lines: u64,
    /// Bytes of the file.
    length: u64,
    sealed: bool,
    live: bool,
}

struct Survey {
    stream: Stream,
    next_seq: u64,
    segments: Vec<Segment>,
}

struct Manifest {
    tail: TailRow,
    hash: String,
    names: BTreeSet<String>,
}

/// Segments by stream and first line; whether they stand in `sealed/` and in `live/`.
type Found = BTreeMap<(Stream, u64), (bool, bool)>;

/// What stands in the two folders.
fn segments(disk: &dyn Disk) -> Result<Found, CommitError> {
    let mut found: Found = BTreeMap::new();
    for (folder, is_sealed) in [("sealed", true), ("live", false)] {
        let names =
            disk.list(folder).map_err(|source| SinkError::Disk { doing: "list", name: folder.into(), source })?;
        for key in names.iter().filter_map(|name| Stream::parse(name)) {
            let entry = found.entry(key).or_default();
            if is_sealed { entry.0 = true } else { entry.1 = true }
        }
    }
    Ok(found)
}

/// Reads every line of a stream in order. Lines count as long as they are whole, are JSON and carry the next number.
fn survey(
    disk: &dyn Disk,
    found: &Found,
    stream: Stream,
    each: &mut dyn FnMut(&[u8]) -> Result<(), CommitError>,
) -> Result<Survey, CommitError> {
    #[derive(Deserialize)]
    struct Numbered {
        seq: u64,
    }
    let mut survey = Survey { stream, next_seq: 1, segments: Vec::new() };
    for (&(of, first), &(sealed, live)) in found {
        if of != stream {
            continue;
        }
        let name = if sealed { stream.sealed(first) } else { stream.live(first) };
        if first != survey.next_seq && !survey.segments.is_empty() {
            tracing::error!(name, expected = survey.next_seq, "lines are missing before this segment");
        }
        let length =
            disk.len(&name).map_err(|source| SinkError::Disk { doing: "look at", name: name.clone(), source })?;
        let mut segment = Segment { first, bytes: 0, lines: 0, length: length.unwrap_or(0), sealed, live };
        let mut lines = Lines::of(disk, &name, 0);
        while let Some(line) = lines.next_line()? {
            if !serde_json::from_slice::<Numbered>(line).is_ok_and(|l| l.seq == first + segment.lines) {
                break;
            }
            each(line)?;
            segment.lines += 1;
            segment.bytes += line.len() as u64 + 1;
        }
        if sealed && segment.bytes < segment.length {
            tracing::error!(name, at = segment.bytes, "sealed segment is damaged; `wenliu verify` says more");
        }
        survey.next_seq = survey.next_seq.max(first + segment.lines);
        survey.segments.push(segment);
    }
    Ok(survey)
}

/// Reads the manifest as far as its chain holds.
fn read_manifest(disk: &dyn Disk) -> Result<Manifest, CommitError> {
    let name = Stream::Manifest.live(1);
    let mut tail = TailRow { stream: Stream::Manifest, next_seq: 1, segment: 0, bytes: 0, lines: 0, opened_ms: 0 };
    let (mut hash, mut names) = (String::new(), BTreeSet::new());
    let there = disk.len(&name).map_err(|source| SinkError::Disk { doing: "look at", name: name.clone(), source })?;
    if there.is_some() {
        tail.segment = 1;
        let mut lines = Lines::of(disk, &name, 0);
        while let Some(line) = lines.next_line()? {
            let Ok(told) = serde_json::from_slice::<ManifestLine>(line) else { break };
            if told.previous != hash {
                break;
            }
            hash = hex(&Sha256::digest(line));
            names.insert(told.name);
            (tail.bytes, tail.lines, tail.next_seq) =
                (tail.bytes + line.len() as u64 + 1, tail.lines + 1, tail.next_seq + 1);
        }
    }
    Ok(Manifest { tail, hash, names })
}

/// A growing segment without one whole line, whose name the next line needs: nobody can have read a line from it.
fn keep_apart(disk: &dyn Disk, segment: &str) -> Result<(), CommitError> {
    let failed = |source| SinkError::Disk { doing: "set aside", name: segment.to_owned(), source };
    disk.make_folder("damaged").map_err(failed)?;
    let mut nth = 1;
    while disk.len(&format!("damaged/{segment}.{nth}")).map_err(failed)?.is_some() {
        nth += 1;
    }
    Ok(disk.rename(&format!("live/{segment}"), &format!("damaged/{segment}.{nth}")).map_err(failed)?)
}

fn new_row(id: DropId, name: &str, admitted_ms: i64, supersedes: String) -> DropRow {
    DropRow {
        id,
        name: name.into(),
        bytes: 0,
        admitted_ms,
        finished_ms: admitted_ms,
        evidence: "rebuilt from the output".into(),
        state: State::Running,
        reason: String::new(),
        next_chunk: 0,
        next_offset: 0,
        carry: Carry::default(),
        articles: 0,
        supersedes,
        rebuilt: true,
        receipts: 0,
    }
}

/// An unfinished drop as it will run: from its start.
fn again(row: &DropRow) -> DropRow {
    DropRow { next_chunk: 0, next_offset: 0, articles: 0, ..row.clone() }
}

/// All records that an unfinished drop is known to have, as the chunk that has no receipt yet.
fn orphans(row: &DropRow, starts: &[u64]) -> ChunkRow {
    ChunkRow {
        drop: row.id,
        chunk: row.receipts,
        start: 0,
        bytes: 0,
        starts: starts.to_vec(),
        first_seq: 0,
        receipt_seq: 0,
        finished_ms: row.finished_ms,
    }
}

/// A time as records write it.
fn millis(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

fn key(id: &str) -> u64 {
    rapidhash::v3::rapidhash_v3(id.as_bytes())
}
