//! `wenliu replay`: what would this version make of the drops at hand, compared with what stands in the output?

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Args;
use serde_json::{Value, json};

use crate::cli::Common;
use crate::cli::export::input::segments;
use crate::cli::fault::{self, FINDINGS, Fault, IO, NO_INPUT};
use crate::config::{Config, WatchConfig};
use crate::pipeline::stages::Stages;
use crate::record::drop::{Carry, Chunk, DropInfo};
use crate::record::line::Splice;
use crate::record::remark::Remarks;
use crate::watch::{DONE, Found, Reading};

/// What depends on what was committed before, or names the version: no difference in the reading.
const APART: &[&str] =
    &["/seq", "/near_dup", "/jump/continues", "/supersedes", "/metadata/drop/article", "/metadata/pipeline"];

/// Arguments of `replay`.
#[derive(Args)]
#[command(after_help = "Examples:
  wenliu replay                          every drop that is still in the watched folder (or done_folder)
  wenliu replay --from archive/2024      drops that lie elsewhere by now
  wenliu replay --json | jq .fields      how often each field would change
  wenliu replay --set 'enrich.home_place=\"无锡市\"'   the same with another setting

It writes nothing. Exit code 0 if nothing would change, 1 if something would.")]
pub struct Replay {
    /// Drops, or folders of drops, instead of those in the watched folder
    #[arg(long, value_name = "PATH")]
    from: Vec<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Drops read at the same time; 0 = one a core
    #[arg(long, default_value_t = 0)]
    jobs: usize,
}

/// Where a line of the output lies.
struct Place {
    segment: usize,
    start: u64,
    bytes: usize,
}

/// The lines of the output, by the first half of their drop's hash.
struct Standing {
    segments: Vec<File>,
    by_drop: HashMap<String, Vec<Place>>,
}

/// What would change in one drop.
#[derive(Debug, Default)]
struct Change {
    name: String,
    articles: usize,
    changed: usize,
    gone: usize,
    new: usize,
    fields: BTreeMap<String, usize>,
    refused: String,
}

/// The sum of all.
#[derive(Debug, Default)]
struct Report {
    compared: usize,
    same: usize,
    unknown: usize,
    changes: Vec<Change>,
    fields: BTreeMap<String, usize>,
    articles: usize,
    kept_ids: usize,
    drops: HashSet<String>,
}

impl Replay {
    /// Reads every drop anew and tells what would be different.
    pub fn run(&self, common: &Common) -> Result<ExitCode, Fault> {
        let (config, _) = common.settings()?;
        let stages = Stages::build(&config).map_err(|e| Fault::config(&e))?;
        let standing = Standing::read(&config.sink.folder)?;
        let files = self.files(&config)?;
        let mut report = Report::default();
        let bar = crate::cli::once::progress(files.len());
        self.each(&files, &config.watch, &stages, &standing, |outcome| {
            bar.inc(1);
            report.add(outcome);
        });
        bar.finish_and_clear();
        let unseen = standing.by_drop.len().saturating_sub(report.compared);
        let text = if self.json { report.json(unseen) } else { report.text(unseen) };
        fault::written(std::io::stdout().write_all(text.as_bytes()))?;
        Ok(if report.changes.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(FINDINGS) })
    }

    /// The drops at hand: the folder each belongs to, and its path below it.
    fn files(&self, config: &Config) -> Result<Vec<(PathBuf, PathBuf)>, Fault> {
        let mut files = Vec::new();
        let watch = &config.watch;
        let usual = [watch.folder.clone(), watch.folder.join(DONE), watch.done_folder.clone()];
        let roots = if self.from.is_empty() {
            usual.into_iter().filter(|f| !f.as_os_str().is_empty() && f.is_dir()).collect()
        } else {
            self.from.clone()
        };
        for root in roots {
            if root.is_file() {
                let (folder, name) = (root.parent().unwrap_or(Path::new(".")), root.file_name().unwrap_or_default());
                files.push((folder.to_owned(), PathBuf::from(name)));
            } else if root.is_dir() {
                walk(&root, Path::new(""), &mut files)?;
            } else {
                return Err(Fault::not_there(&root));
            }
        }
        match files.is_empty() {
            true => Err(Fault::plain(NO_INPUT, "no drop is at hand to compare with the output")
                .hint("say where the drops lie by now: `wenliu replay --from FOLDER`")),
            false => Ok(files),
        }
    }

    /// Compares on several threads; outcomes come in the order of the files.
    fn each(
        &self,
        files: &[(PathBuf, PathBuf)],
        watch: &WatchConfig,
        stages: &Stages,
        standing: &Standing,
        mut take: impl FnMut(Outcome),
    ) {
        let jobs = match self.jobs {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        };
        let next = AtomicUsize::new(0);
        let (sender, receiver) = std::sync::mpsc::sync_channel(jobs * 2);
        std::thread::scope(|scope| {
            for _ in 0..jobs {
                let (sender, next) = (sender.clone(), &next);
                scope.spawn(move || {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some((folder, rel)) = files.get(index) else { break };
                        let outcome = compare(folder, rel, watch, stages, standing);
                        if sender.send((index, outcome)).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            let (mut waiting, mut turn) = (BTreeMap::new(), 0);
            for (index, outcome) in receiver {
                waiting.insert(index, outcome);
                while let Some(outcome) = waiting.remove(&turn) {
                    turn += 1;
                    take(outcome);
                }
            }
        });
    }
}

/// What came of one file.
enum Outcome {
    /// Its bytes are in no line, or it cannot be read.
    Unknown,
    Compared {
        short: String,
        change: Change,
    },
}

fn walk(root: &Path, below: &Path, files: &mut Vec<(PathBuf, PathBuf)>) -> Result<(), Fault> {
    let folder = root.join(below);
    let list =
        std::fs::read_dir(&folder).map_err(|e| Fault::plain(IO, format!("cannot list {}: {e}", folder.display())))?;
    let mut names: Vec<PathBuf> = list.filter_map(|e| Some(PathBuf::from(e.ok()?.file_name()))).collect();
    names.sort();
    for name in names.into_iter().filter(|n| !n.as_os_str().as_encoded_bytes().starts_with(b".")) {
        let rel = below.join(name);
        if root.join(&rel).is_dir() {
            walk(root, &rel, files)?;
        } else {
            files.push((root.to_owned(), rel));
        }
    }
    Ok(())
}

impl Standing {
    /// Finds every line, without keeping it.
    fn read(out: &Path) -> Result<Standing, Fault> {
        let mut standing = Standing { segments: Vec::new(), by_drop: HashMap::new() };
        for path in segments(out)? {
            let cannot = |e: std::io::Error| Fault::plain(IO, format!("cannot read {}: {e}", path.display()));
            let file = File::open(&path).map_err(cannot)?;
            let mut reader = BufReader::with_capacity(1 << 18, file.try_clone().map_err(cannot)?);
            let (mut start, mut line) = (0, Vec::new());
            loop {
                line.clear();
                let bytes = reader.read_until(b'\n', &mut line).map_err(cannot)?;
                if bytes == 0 || line.last() != Some(&b'\n') {
                    break;
                }
                if let Some(short) = drop_of(&line) {
                    let place = Place { segment: standing.segments.len(), start, bytes };
                    standing.by_drop.entry(short).or_default().push(place);
                }
                start += bytes as u64;
            }
            standing.segments.push(file);
        }
        Ok(standing)
    }

    fn records(&self, short: &str) -> Option<BTreeMap<String, Value>> {
        let read = |place: &Place| {
            let mut line = vec![0; place.bytes];
            self.segments[place.segment].read_exact_at(&mut line, place.start).ok()?;
            let record: Value = serde_json::from_slice(&line).ok()?;
            Some((record["id"].as_str()?.to_owned(), record))
        };
        Some(self.by_drop.get(short)?.iter().filter_map(read).collect())
    }
}

/// The first half of the drop's hash, out of the first keys of a line.
fn drop_of(line: &[u8]) -> Option<String> {
    const KEY: &[u8] = b"\"id\":\"";
    let at = memchr::memmem::find(line.get(..64)?, KEY)? + KEY.len();
    let short = std::str::from_utf8(line.get(at..at + 32)?).ok()?;
    Some(short.to_owned())
}

fn compare(folder: &Path, rel: &Path, watch: &WatchConfig, stages: &Stages, standing: &Standing) -> Outcome {
    let watch = WatchConfig { folder: folder.to_owned(), max_bytes: u64::MAX, ..watch.clone() };
    let Some(mut reading) = Found::at(folder, rel).ok().and_then(|f| Reading::open(&f, &watch).ok()) else {
        return Outcome::Unknown;
    };
    let short = reading.id().short();
    let Some(old) = standing.records(&short) else { return Outcome::Unknown };
    let first = old.values().next();
    let word = |pointer: &str| first.and_then(|r| r.pointer(pointer)).and_then(Value::as_str).unwrap_or_default();
    // Name and day of admission are part of what was read then.
    let added: Option<jiff::Timestamp> = word("/added").parse().ok();
    let drop = Arc::new(DropInfo {
        id: reading.id(),
        name: word("/metadata/drop/name").to_owned(),
        bytes: reading.bytes(),
        admitted_ms: added.map_or(0, |t| t.as_millisecond()),
        mtime_ms: reading.mtime_ms(),
    });
    let mut change = Change { name: drop.name.clone(), articles: old.len(), ..Change::default() };
    match read_anew(&mut reading, &drop, stages) {
        Ok(new) => change.weigh(&old, &new),
        Err(why) => change.refused = why,
    }
    Outcome::Compared { short, change }
}

fn read_anew(reading: &mut Reading, drop: &Arc<DropInfo>, stages: &Stages) -> Result<BTreeMap<String, Value>, String> {
    let mut records = BTreeMap::new();
    let mut carry = Carry::default();
    while let Some(piece) = reading.next_chunk().map_err(|e| e.to_string())? {
        let chunk =
            Chunk { drop: drop.clone(), index: piece.index, start: piece.start, bytes: piece.bytes, last: piece.last };
        let (enriched, left) = stages.read(chunk, carry, Remarks::default()).map_err(|e| e.to_string())?;
        carry = left;
        for line in stages.lines(&enriched).lines {
            let mut bytes = Vec::new();
            line.write(&Splice::default(), &mut bytes);
            let record = serde_json::from_slice(&bytes).map_err(|e| e.to_string())?;
            records.insert(line.id.clone(), record);
        }
    }
    Ok(records)
}

impl Change {
    fn weigh(&mut self, old: &BTreeMap<String, Value>, new: &BTreeMap<String, Value>) {
        self.gone = old.keys().filter(|id| !new.contains_key(*id)).count();
        self.new = new.keys().filter(|id| !old.contains_key(*id)).count();
        for (id, before) in old {
            let Some(after) = new.get(id) else { continue };
            let fields = differing(before, after);
            self.changed += usize::from(!fields.is_empty());
            for field in fields {
                *self.fields.entry(field).or_default() += 1;
            }
        }
    }

    fn is_none(&self) -> bool {
        self.changed + self.gone + self.new == 0 && self.refused.is_empty()
    }

    fn text(&self) -> String {
        if !self.refused.is_empty() {
            return format!("{}: would be refused: {}\n", self.name, self.refused);
        }
        let fields: Vec<&str> = self.fields.keys().map(String::as_str).collect();
        let mut parts = Vec::new();
        if self.changed > 0 {
            parts.push(format!("{} of {} articles change ({})", self.changed, self.articles, fields.join(", ")));
        }
        for (number, what) in [(self.gone, "no longer there"), (self.new, "new")] {
            if number > 0 {
                parts.push(format!("{number} {what}"));
            }
        }
        format!("{}: {}\n", self.name, parts.join("; "))
    }
}

/// The keys in which two records differ, one level down.
fn differing(before: &Value, after: &Value) -> Vec<String> {
    let (before, after) = (without(before), without(after));
    let keys = |v: &Value| v.as_object().map(|o| o.keys().cloned().collect::<BTreeSet<_>>()).unwrap_or_default();
    let all: BTreeSet<String> = keys(&before).union(&keys(&after)).cloned().collect();
    all.into_iter().filter(|key| before.get(key) != after.get(key)).collect()
}

fn without(record: &Value) -> Value {
    let mut record = record.clone();
    for pointer in APART {
        if let Some(value) = record.pointer_mut(pointer) {
            *value = Value::Null;
        }
    }
    record
}

impl Report {
    fn add(&mut self, outcome: Outcome) {
        // A drop that lies there twice is compared once.
        let Outcome::Compared { short, change } = outcome else {
            self.unknown += 1;
            return;
        };
        if !self.drops.insert(short) {
            return;
        }
        self.compared += 1;
        self.articles += change.articles;
        self.kept_ids += if change.refused.is_empty() { change.articles - change.gone } else { 0 };
        for (field, n) in &change.fields {
            *self.fields.entry(field.clone()).or_default() += n;
        }
        if change.is_none() {
            self.same += 1;
        } else {
            self.changes.push(change);
        }
    }

    fn json(&self, unseen: usize) -> String {
        let changes: Vec<Value> = self
            .changes
            .iter()
            .map(|c| {
                json!({ "drop": c.name, "articles": c.articles, "changed": c.changed, "gone": c.gone, "new": c.new,
                    "fields": c.fields, "refused": c.refused })
            })
            .collect();
        format!(
            "{:#}\n",
            json!({ "version": env!("CARGO_PKG_VERSION"), "compared": self.compared, "same": self.same,
                "articles": self.articles, "kept_ids": self.kept_ids, "fields": self.fields, "changes": changes,
                "files_in_no_line": self.unknown, "drops_not_at_hand": unseen })
        )
    }

    fn text(&self, unseen: usize) -> String {
        let mut text: String = self.changes.iter().map(Change::text).collect();
        text.push_str(&format!(
            "{} drops compared, {} the same; {} of {} ids stay\n",
            self.compared, self.same, self.kept_ids, self.articles
        ));
        let mut fields: Vec<(&String, &usize)> = self.fields.iter().collect();
        fields.sort_by_key(|(name, n)| (std::cmp::Reverse(**n), *name));
        for (field, n) in fields {
            text.push_str(&format!("{n:>8} records differ in {field}\n"));
        }
        if unseen > 0 {
            text.push_str(&format!("{unseen} drops of the output are not at hand (--from says where they lie)\n"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_depends_on_the_commit_is_no_difference() {
        let old = json!({ "seq": 7, "text": "a", "near_dup": { "of": "x" }, "metadata": { "drop": { "article": 3 }, "part": 1 } });
        let new = json!({ "seq": 0, "text": "b", "near_dup": { "of": "" }, "metadata": { "drop": { "article": 0 }, "part": 1 } });
        assert_eq!(differing(&old, &new), ["text"]);
        assert_eq!(
            drop_of(b"{\"seq\":12,\"id\":\"568c35b588f6cee42c50a1d05632d843-1\",\"schema_version\":\"1.0.0\"")
                .as_deref(),
            Some("568c35b588f6cee42c50a1d05632d843")
        );
    }
}
