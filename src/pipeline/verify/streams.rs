//! Every line, every number, every hash of an output folder.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::Report;
use crate::disk::Disk;
use crate::record::drop::hex;
use crate::record::line::{Receipt, Record};
use crate::record::stream::{ManifestLine, Stream};
use crate::sink::SinkError;
use crate::sink::lines::Lines;
use crate::sink::seal;

/// Reads the whole folder. `alive`: a daemon writes to it meanwhile, so the end may be in motion.
///
/// # Errors
/// The folder cannot be read; what is wrong *in* it is a finding.
pub fn verify(disk: &dyn Disk, alive: bool, report: &mut Report) -> Result<(), SinkError> {
    let manifest = manifest(disk, report)?;
    // Receipts first: an article is visible before its receipt, so none of those read here can be without one.
    let mut told: HashMap<u64, u64> = HashMap::new();
    let mut chunks: HashMap<String, u64> = HashMap::new();
    stream(disk, Stream::Drops, alive, report, &mut |name, line, report| {
        report.receipts += 1;
        match serde_json::from_slice::<Receipt>(line) {
            Ok(receipt) => self::receipt(name, &receipt, &mut told, &mut chunks, report),
            Err(error) => report.find(name, format!("a line is no receipt: {error}")),
        }
    })?;
    let mut seen: HashSet<u64> = HashSet::new();
    let mut untold = 0_u64;
    stream(disk, Stream::Articles, alive, report, &mut |name, line, report| {
        report.articles += 1;
        match serde_json::from_slice::<Record<'_>>(line) {
            Ok(record) => {
                let id = key(&record.id);
                if !seen.insert(id) {
                    report.find(name, format!("line {}: id {} was given before", record.seq, record.id));
                }
                untold += u64::from(told.remove(&id).is_none());
                self::record(name, &record, report);
            }
            Err(error) => report.find(name, format!("a line is no record: {error}")),
        }
    })?;
    if untold > 0 && !alive {
        report.find("drops", format!("{untold} records are in no receipt"));
    }
    if let Some(receipt) = told.values().min() {
        report.find(
            "drops",
            format!("receipts name {} records that do not exist (first in receipt {receipt})", told.len()),
        );
    }
    sealed(disk, &manifest, alive, report)
}

fn receipt(
    name: &str,
    receipt: &Receipt,
    told: &mut HashMap<u64, u64>,
    chunks: &mut HashMap<String, u64>,
    report: &mut Report,
) {
    for id in &receipt.ids {
        if told.insert(key(id), receipt.seq).is_some() {
            report.find(name, format!("receipt {}: id {id} is in an earlier receipt", receipt.seq));
        }
    }
    if receipt.outcome != "done" {
        return;
    }
    let due = chunks.entry(receipt.sha256.clone()).or_default();
    if receipt.chunk != *due {
        report.find(
            name,
            format!("receipt {}: chunk {} of {} came when {due} was due", receipt.seq, receipt.chunk, receipt.name),
        );
    }
    *due = receipt.chunk + 1;
    if receipt.last {
        chunks.remove(&receipt.sha256);
    }
}

fn record(name: &str, record: &Record<'_>, report: &mut Report) {
    let mut wrong = |what: String| report.find(name, format!("line {}: {what}", record.seq));
    if hex(&Sha256::digest(record.text.as_bytes())) != record.text_sha256 {
        wrong("text does not have the hash it states".into());
    }
    let chars = record.text.chars().count() as u64;
    if chars != record.chars {
        wrong(format!("text has {chars} characters and states {}", record.chars));
    }
    let map = &record.source_map;
    let runs = map.text.len();
    if map.raw.len() != runs || map.len.len() != runs {
        wrong("source_map has columns of different lengths".into());
    } else if runs > 0 && (map.text[0] != 0 || !map.text.is_sorted_by(|a, b| a < b) || map.text[runs - 1] >= chars) {
        wrong("source_map does not cover the text in order".into());
    }
    let short = record.metadata.drop.sha256.get(..32).unwrap_or_default();
    if record.id != format!("{short}-{}", record.metadata.drop.start) {
        wrong(format!("id {} is not made of its drop and start", record.id));
    }
}

/// Reads the lines of all segments of a stream in order.
fn stream(
    disk: &dyn Disk,
    stream: Stream,
    alive: bool,
    report: &mut Report,
    each: &mut dyn FnMut(&str, &[u8], &mut Report),
) -> Result<(), SinkError> {
    #[derive(Deserialize)]
    struct Numbered {
        seq: u64,
    }
    let segments = segments(disk, stream)?;
    let mut due = segments.keys().next().copied().unwrap_or(1);
    let last = segments.keys().next_back().copied();
    for (first, name) in &segments {
        report.segments += 1;
        if *first != due {
            report.find(name, format!("begins with line {first} where line {due} was due"));
        }
        due = *first;
        let mut lines = Lines::of(disk, name, 0);
        while let Some(line) = lines.next_line()? {
            match serde_json::from_slice::<Numbered>(line) {
                Ok(Numbered { seq }) if seq == due => {}
                Ok(Numbered { seq }) => report.find(name, format!("line {seq} stands where line {due} was due")),
                Err(error) => {
                    report.find(name, format!("line {due} is no JSON: {error}"));
                    break;
                }
            }
            due += 1;
            each(name, line, report);
        }
        let length = length(disk, name)?;
        let moving = alive && Some(*first) == last;
        if length > lines.end() && !moving {
            report.find(
                name,
                format!("{} bytes behind the last whole line, at byte {}", length - lines.end(), lines.end()),
            );
        }
    }
    Ok(())
}

/// The manifest as far as its chain holds, by file name.
fn manifest(disk: &dyn Disk, report: &mut Report) -> Result<Vec<ManifestLine>, SinkError> {
    let name = Stream::Manifest.live(1);
    let mut listed = Vec::new();
    if length_or_none(disk, &name)?.is_none() {
        return Ok(listed);
    }
    let mut previous = String::new();
    let mut lines = Lines::of(disk, &name, 0);
    while let Some(line) = lines.next_line()? {
        let nth = listed.len() + 1;
        match serde_json::from_slice::<ManifestLine>(line) {
            Ok(told) if told.previous == previous => listed.push(told),
            Ok(told) => {
                report.find(&name, format!("line {nth} does not follow from the line before it: the chain is broken"));
                listed.push(told);
            }
            Err(error) => {
                report.find(&name, format!("line {nth} is no manifest line: {error}"));
                break;
            }
        }
        previous = hex(&Sha256::digest(line));
    }
    report.manifest_lines = listed.len() as u64;
    Ok(listed)
}

/// Every sealed file against the manifest, and the manifest against what is there.
fn sealed(disk: &dyn Disk, manifest: &[ManifestLine], alive: bool, report: &mut Report) -> Result<(), SinkError> {
    let mut listed: BTreeMap<(Stream, u64), &ManifestLine> = BTreeMap::new();
    for line in manifest {
        if let Some(key) = Stream::parse(&line.name)
            && listed.insert(key, line).is_some()
        {
            report.find("manifest.jsonl", format!("{} is listed twice", line.name));
        }
    }
    let names = folder(disk, "sealed")?;
    let there: Vec<(Stream, u64)> = names.iter().filter_map(|n| Stream::parse(n)).collect();
    for name in names.iter().filter(|n| Stream::parse(n).is_none()) {
        report.find(&format!("sealed/{name}"), "no file of ours");
    }
    for (stream, first) in &there {
        let name = stream.sealed(*first);
        let Some(told) = listed.get(&(*stream, *first)) else {
            // The manifest line comes in the commit after the link.
            if !alive {
                report.find(&name, "sealed, but not in the manifest (the next start lists it)");
            }
            continue;
        };
        let bytes = length(disk, &name)?;
        if bytes != told.bytes {
            report.find(&name, format!("has {bytes} bytes, the manifest says {}", told.bytes));
        } else if hex(&seal::hash(disk, &name, bytes)?) != told.sha256 {
            report.find(&name, "bytes were altered after it was sealed: it does not have the hash in the manifest");
        }
        if told.first_seq != *first || told.last_seq + 1 != told.first_seq + told.lines {
            report.find(&name, "the manifest's numbers do not add up");
        }
    }
    for stream in Stream::SEGMENTED {
        // Retention takes the oldest first, so a hole in the middle is a loss.
        let oldest = there.iter().filter(|(s, _)| *s == stream).map(|(_, first)| *first).min();
        for (key, told) in listed.range((stream, oldest.unwrap_or(u64::MAX))..).filter(|((s, _), _)| *s == stream) {
            if !there.contains(key) {
                report.find(&format!("sealed/{}", told.name), "is in the manifest and not in the folder");
            }
        }
        if oldest.is_none() && listed.keys().any(|(s, _)| *s == stream) {
            report.find(
                "sealed",
                format!("no sealed segment of {} is left, though the manifest lists some", stream.word()),
            );
        }
    }
    Ok(())
}

/// The best name of each segment of a stream: the sealed one where there is one.
fn segments(disk: &dyn Disk, stream: Stream) -> Result<BTreeMap<u64, String>, SinkError> {
    let mut found = BTreeMap::new();
    for (name, is_sealed) in [("live", false), ("sealed", true)] {
        for (of, first) in folder(disk, name)?.iter().filter_map(|n| Stream::parse(n)) {
            if of == stream {
                found.insert(first, if is_sealed { stream.sealed(first) } else { stream.live(first) });
            }
        }
    }
    Ok(found)
}

fn folder(disk: &dyn Disk, name: &str) -> Result<Vec<String>, SinkError> {
    match disk.list(name) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other.map_err(|source| SinkError::Disk { doing: "list", name: name.into(), source }),
    }
}

fn length_or_none(disk: &dyn Disk, name: &str) -> Result<Option<u64>, SinkError> {
    disk.len(name).map_err(|source| SinkError::Disk { doing: "look at", name: name.into(), source })
}

fn length(disk: &dyn Disk, name: &str) -> Result<u64, SinkError> {
    Ok(length_or_none(disk, name)?.unwrap_or(0))
}

fn key(id: &str) -> u64 {
    rapidhash::v3::rapidhash_v3(id.as_bytes())
}
