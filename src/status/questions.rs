//! Questions about drops and articles, answered from the ledger and the segments. Everything here may block on a disk.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::pipeline::commit::view::{Fate, Ledger};
use crate::record::drop::{DropId, hex};
use crate::record::line::{Receipt, Record};
use crate::record::stream::Stream;
use crate::status::house::House;
use crate::watch::{self, DONE, Found, QUARANTINE, Reading};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    #[error("{0}")]
    Unknown(String),
    #[error("recovery is under way; ask again")]
    Recovering,
    #[error("cannot read the output: {0}")]
    Disk(#[from] std::io::Error),
    #[error("cannot ask the ledger: {0}")]
    Ledger(#[from] crate::ledger::JournalError),
    #[error("cannot read a line: {0}")]
    Line(#[from] serde_json::Error),
}

/// A page of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub before: u64,
    pub limit: u64,
    pub outcome: String,
    pub q: String,
}

impl Asked {
    fn max(&self) -> usize {
        let limit = if self.limit == 0 { 100 } else { self.limit.min(1000) };
        usize::try_from(limit).unwrap_or(1000)
    }
}

fn ledger(house: &House) -> Result<&Ledger, NoAnswer> {
    house.view().map(|v| &v.ledger).ok_or(NoAnswer::Recovering)
}

/// Receipts, newest first.
pub fn drops(house: &House, asked: &Asked) -> Result<Value, NoAnswer> {
    let found = house.segments.before(Stream::Drops, asked.before, asked.max(), |_, line| {
        let receipt: Receipt = serde_json::from_slice(line).ok()?;
        let wanted = (asked.outcome.is_empty() || receipt.outcome == asked.outcome) && receipt.name.contains(&asked.q);
        wanted.then_some(receipt)
    })?;
    let drops: Vec<Value> = found.items.iter().map(|receipt| with_time(house, receipt)).collect();
    Ok(json!({ "drops": drops, "next": found.next }))
}

/// Receipts after a number, oldest first, as events are told.
pub fn receipts_after(house: &House, seq: u64, max: usize) -> Result<Vec<(u64, Value)>, NoAnswer> {
    let lines = house.segments.after(Stream::Drops, seq, max)?;
    let read = |(seq, line): (u64, Vec<u8>)| Some((seq, with_time(house, &serde_json::from_slice(&line).ok()?)));
    Ok(lines.into_iter().filter_map(read).collect())
}

/// A receipt with the number of its articles and how long it took. A list needs neither ids beyond the first nor what
/// was set aside.
fn with_time(house: &House, receipt: &Receipt) -> Value {
    let chunk = house.view().filter(|_| receipt.outcome == "done").and_then(|view| {
        let fate = view.ledger.why(&receipt.sha256, 1).ok()?.pop()?;
        let chunk = fate.chunks.iter().find(|c| c.receipt_seq == receipt.seq)?;
        Some(chunk.finished_ms - fate.drop.admitted_ms)
    });
    let mut value = serde_json::to_value(receipt).expect("a receipt is plain data");
    if let Some(object) = value.as_object_mut() {
        object.remove("set_aside");
        object.insert("ids".into(), receipt.ids.iter().take(1).cloned().collect());
        object.insert("articles".into(), receipt.ids.len().into());
        object.insert("ms".into(), chunk.unwrap_or(0).max(0).into());
    }
    value
}

/// Everything known of one drop.
pub fn drop(house: &House, sha: &str) -> Result<Value, NoAnswer> {
    let fate = fate(house, sha)?;
    let mut receipts = Vec::new();
    for chunk in &fate.chunks {
        if let Some(line) = house.segments.line(Stream::Drops, chunk.receipt_seq)? {
            receipts.push(serde_json::from_slice::<Value>(&line)?);
        }
    }
    Ok(json!({
        "sha256": fate.drop.id.to_string(),
        "name": fate.drop.name,
        "names": fate.names.iter().map(|n| &n.name).collect::<Vec<_>>(),
        "outcome": fate.drop.state.word(),
        "reason": fate.drop.reason,
        "evidence": fate.drop.evidence,
        "bytes": fate.drop.bytes,
        "articles": fate.drop.articles,
        "supersedes": fate.drop.supersedes,
        "receipts": receipts,
        "quarantined": places(house, &fate).iter().any(|(folder, rel)| folder.ends_with(QUARANTINE) && folder.join(rel).is_file()),
    }))
}

fn fate(house: &House, sha: &str) -> Result<Fate, NoAnswer> {
    let legal = sha.len() >= 8 && sha.len() <= 64 && sha.bytes().all(|b| b.is_ascii_hexdigit());
    let unknown = || NoAnswer::Unknown(format!("no drop {sha}; ask by the first digits of its SHA-256"));
    if !legal {
        return Err(unknown());
    }
    ledger(house)?.why(sha, 1)?.into_iter().find(|f| f.drop.id.to_string().starts_with(sha)).ok_or_else(unknown)
}

/// Where the file of a drop may lie: as it was dropped, done, or refused.
fn places(house: &House, fate: &Fate) -> Vec<(PathBuf, PathBuf)> {
    let watch = &house.config.watch;
    let done =
        if watch.done_folder.as_os_str().is_empty() { watch.folder.join(DONE) } else { watch.done_folder.clone() };
    let folders = [watch.folder.clone(), done, watch.folder.join(QUARANTINE)];
    let names: Vec<&str> = fate.names.iter().map(|n| n.name.as_str()).chain([fate.drop.name.as_str()]).collect();
    // A name that leads out of its folder was never given by the watcher.
    let inside = |name: &&&str| !name.split('/').any(|part| part == "..") && !name.starts_with('/');
    folders
        .iter()
        .flat_map(|folder| names.iter().filter(inside).map(|name| (folder.clone(), PathBuf::from(*name))))
        .collect()
}

/// The drop's file, open and checked to hold the same bytes.
pub fn raw(house: &House, sha: &str) -> Result<Reading, NoAnswer> {
    let fate = fate(house, sha)?;
    let mut config = house.config.watch.clone();
    config.max_bytes = u64::MAX;
    for (folder, rel) in places(house, &fate) {
        config.folder = folder.clone();
        let reading = Found::at(&folder, &rel).ok().and_then(|found| Reading::open(&found, &config).ok());
        if let Some(reading) = reading.filter(|r| r.id() == fate.drop.id) {
            return Ok(reading);
        }
    }
    Err(NoAnswer::Unknown("the file of this drop is no longer there, or has changed".into()))
}

/// Puts a refused drop back, so that it is read again.
pub fn retry(house: &House, sha: &str) -> Result<Value, NoAnswer> {
    let folder = &house.config.watch.folder;
    let view = house.view().ok_or(NoAnswer::Recovering)?;
    let held = watch::quarantined(folder)?.into_iter().find(|p| p.reason.sha256 == sha);
    // Forgiven first: a drop that lies there before it is forgiven would be refused unread.
    let forgiven = view.ledger.forgive(sha)?;
    match &held {
        Some(prisoner) => {
            watch::release(folder, prisoner)?;
            view.watcher.again(&prisoner.rel);
        }
        None if forgiven > 0 => view.watcher.rescan(),
        None => return Err(NoAnswer::Unknown(format!("no refused drop {sha}"))),
    }
    tracing::info!(drop = sha.get(..32), "drop put back by hand");
    Ok(json!({ "put_back": true }))
}

/// One record.
pub fn article(house: &House, id: &str) -> Result<Vec<u8>, NoAnswer> {
    let unknown = || NoAnswer::Unknown(format!("no article {id}"));
    let (short, start) = id.split_once('-').ok_or_else(unknown)?;
    let start: u64 = start.parse().map_err(|_| unknown())?;
    let fate = fate(house, short).map_err(|e| if matches!(e, NoAnswer::Unknown(_)) { unknown() } else { e })?;
    let seq = fate.chunks.iter().find_map(|c| Some(c.first_seq + c.starts.iter().position(|s| *s == start)? as u64));
    let line = house.segments.line(Stream::Articles, seq.ok_or_else(unknown)?)?.ok_or_else(unknown)?;
    // The number is a place, the id is the proof.
    let record: Record<'_> = serde_json::from_slice(&line)?;
    if record.id == id { Ok(line) } else { Err(unknown()) }
}

/// Recent articles, newest first; with words, those that have all of them.
pub fn articles(house: &House, asked: &Asked) -> Result<Value, NoAnswer> {
    let words: Vec<&str> = asked.q.split_whitespace().collect();
    let found = house.segments.before(Stream::Articles, asked.before, asked.max(), |seq, line| {
        // Most lines lack the words: looking for their bytes first spares the parsing.
        if words.iter().any(|w| !w.contains(['"', '\\']) && memchr::memmem::find(line, w.as_bytes()).is_none()) {
            return None;
        }
        let record: Record<'_> = serde_json::from_slice(line).ok()?;
        let has = |w: &&str| record.text.contains(*w) || record.title.contains(*w) || record.by.contains(*w);
        words.iter().all(has).then(|| {
            let mut row = Map::new();
            let cells: [(&str, Value); 7] = [
                ("id", record.id.into()),
                ("seq", seq.into()),
                ("title", record.title.into()),
                ("by", record.by.into()),
                ("created", record.created.into()),
                ("language", record.language.into()),
                ("drop", record.metadata.drop.name.into()),
            ];
            row.extend(cells.map(|(key, value)| (key.to_owned(), value)));
            Value::Object(row)
        })
    })?;
    Ok(json!({ "articles": found.items, "next": found.next }))
}

/// The identity in a path: 64 hex digits.
pub fn drop_id(sha: &str) -> Option<DropId> {
    DropId::parse(sha).filter(|id| hex(&id.0) == sha)
}
