//! All writers at once, and what came of it: nothing premature, nothing missed, nothing doubled.
//!
//! `WENLIU_TORTURE=10000 cargo test --profile ci --test watching torture -- --nocapture` runs as many drops.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use wenliu::config::{Events, WatchConfig};
use wenliu::watch::Tuning;

use crate::dice::Dice;
use crate::stage::{Publication, Refusal, Stage, settings};
use crate::writers::{NameTruth, PATIENT_WRITERS, Place, Truth, WRITERS, Writer};

/// How many drops: `usual`, or more by the environment.
pub fn drops(usual: u64) -> u64 {
    std::env::var("WENLIU_TORTURE").ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

#[test]
fn by_events() {
    let writers = [WRITERS, PATIENT_WRITERS].concat();
    torture("events", settings(), Tuning::default(), &writers, drops(700));
}

#[test]
fn with_tiny_queues() {
    let writers = [WRITERS, PATIENT_WRITERS].concat();
    let tuning = Tuning { events_max: 4, settling_max: 24, ready_max: 4, window_max: 16, ..Tuning::default() };
    torture("tiny queues", settings(), tuning, &writers, drops(700) / 4);
}

#[test]
fn by_polling() {
    let writers = [WRITERS, PATIENT_WRITERS].concat();
    let config = WatchConfig { events: Events::Poll, ..settings() };
    torture("polling", config, Tuning::default(), &writers, drops(700) / 4);
}

/// Where neither leases nor events are to be had, as on most network file systems.
#[test]
fn by_polling_without_leases() {
    let config = WatchConfig { events: Events::Poll, settle_ms: 400, ..settings() };
    let tuning = Tuning { leases: false, ..Tuning::default() };
    torture("polling, no leases", config, tuning, WRITERS, drops(700) / 8);
}

#[test]
fn by_events_without_leases() {
    let config = WatchConfig { settle_ms: 400, ..settings() };
    let tuning = Tuning { leases: false, ..Tuning::default() };
    torture("events, no leases", config, tuning, WRITERS, drops(700) / 8);
}

fn torture(run: &str, config: WatchConfig, tuning: Tuning, writers: &[Writer], drops: u64) {
    let stage = Stage::with(config, tuning);
    let next = AtomicU64::new(0);
    let truths = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= drops {
                        return;
                    }
                    let mut dice = Dice::new(number);
                    let (_, write) = *dice.pick(writers);
                    let place = place(&stage, number, &mut dice);
                    let truth = write(&place, &mut dice);
                    truths.lock().expect("the truths").push(truth);
                }
            });
        }
    });
    stage.settle();
    let truths = truths.into_inner().expect("the truths");
    let verdict = judge(&truths, &stage.published(), &stage.refused());
    eprintln!("{run}: {}\n{:?}", verdict.summary(drops), stage.watcher.health());
    assert!(verdict.faults.is_empty(), "{run}: {}\n{:#?}", verdict.summary(drops), verdict.faults);
}

/// A path for a drop: some folders are made at the last moment, some names are awkward.
fn place(stage: &Stage, number: u64, dice: &mut Dice) -> Place {
    let folder = match dice.from(0, 9) {
        0 => PathBuf::from(format!("new-{number}/deep/er")),
        1..=4 => PathBuf::from(format!("folder-{}", dice.from(0, 5))),
        _ => PathBuf::new(),
    };
    fs::create_dir_all(stage.folder().join(&folder)).expect("made");
    let name: Vec<u8> = match dice.from(0, 9) {
        0 => [b"\xb1\xa8\xd6\xbd-".as_slice(), number.to_string().as_bytes()].concat(),
        1 => format!("two\nlines {number}").into_bytes(),
        2 => format!("{}{number}", "长".repeat(70)).into_bytes(),
        _ => format!("page-{number}.txt").into_bytes(),
    };
    let rel = folder.join(OsString::from_vec(name));
    Place {
        folder: stage.folder().into(),
        outside: stage.outside(),
        rel,
        settle: Duration::from_millis(stage.config.settle_ms),
        large: true,
    }
}

#[derive(Default)]
pub struct Verdict {
    pub faults: Vec<String>,
    premature: u64,
    missed: u64,
    doubled: u64,
    reread: u64,
    latencies: BTreeMap<&'static str, Vec<Duration>>,
}

impl Verdict {
    fn summary(&self, drops: u64) -> String {
        let mut text = format!(
            "{drops} drops: {} premature, {} missed, {} doubled ({} read again after a touch)",
            self.premature, self.missed, self.doubled, self.reread
        );
        for (writer, latencies) in &self.latencies {
            let mut sorted = latencies.clone();
            sorted.sort();
            let (median, most) = (sorted[sorted.len() / 2], sorted[sorted.len() - 1]);
            text += &format!("\n  {writer:24} {:5} drops, median {median:9.1?}, most {most:9.1?}", sorted.len());
        }
        text
    }
}

/// Compares what was read with what was written.
pub fn judge(truths: &[Truth], published: &[Publication], refused: &[Refusal]) -> Verdict {
    let mut verdict = Verdict::default();
    let names: HashMap<&Path, &NameTruth> =
        truths.iter().flat_map(|t| &t.names).map(|n| (n.rel.as_path(), n)).collect();
    let writers: HashMap<&Path, &str> =
        truths.iter().flat_map(|t| t.names.iter().map(|n| (n.rel.as_path(), t.writer))).collect();
    let mut last: HashMap<&Path, &Publication> = HashMap::new();
    let (mut states, mut contents) = (HashSet::new(), HashSet::new());
    for publication in published {
        let rel = publication.rel.as_path();
        if !names.get(rel).is_some_and(|n| n.whole.contains(&publication.id)) {
            verdict.premature += 1;
            let writer = writers.get(rel).unwrap_or(&"?");
            verdict.faults.push(format!("premature: {writer} {publication:?}"));
        }
        if !states.insert((rel, publication.identity)) {
            verdict.doubled += 1;
            verdict.faults.push(format!("doubled: {} {publication:?}", writers.get(rel).unwrap_or(&"?")));
        } else if !contents.insert((rel, publication.id)) {
            verdict.reread += 1;
        }
        last.insert(rel, publication);
    }
    for refusal in refused {
        verdict.premature += 1;
        verdict.faults.push(format!("refused: {} {refusal:?}", writers.get(refusal.rel.as_path()).unwrap_or(&"?")));
    }
    for truth in truths {
        for name in truth.names.iter().filter(|n| n.last.is_some()) {
            match last.get(name.rel.as_path()) {
                Some(publication) if Some(publication.id) == name.last => {
                    let latency = publication.at.saturating_duration_since(truth.whole_at);
                    verdict.latencies.entry(truth.writer).or_default().push(latency);
                }
                other => {
                    verdict.missed += 1;
                    verdict.faults.push(format!(
                        "missed: {} {} (last read: {other:?})",
                        truth.writer,
                        name.rel.display()
                    ));
                }
            }
        }
    }
    verdict
}
