//! Random acts upon a folder: what was read last is what lies there in the end.
//!
//! `WENLIU_TORTURE=10000` does that many acts; the seed of a run that fails is printed.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use wenliu::config::{Events, WatchConfig};
use wenliu::record::drop::{DropId, FileIdentity};
use wenliu::watch::{Tuning, identity_of};

use crate::dice::Dice;
use crate::stage::{Stage, id, settings};
use crate::torture::drops;

#[test]
fn by_events() {
    let only: Option<u64> = std::env::var("WENLIU_SEED").ok().and_then(|s| s.parse().ok());
    for seed in only.map_or(1..=drops(700) / 70, |s| s..=s) {
        run(seed, settings(), Tuning::default());
    }
}

#[test]
fn with_tiny_queues() {
    let tuning = Tuning { events_max: 2, settling_max: 8, ready_max: 2, window_max: 4, ..Tuning::default() };
    for seed in 101..=100 + drops(700) / 140 {
        run(seed, settings(), tuning.clone());
    }
}

#[test]
fn by_polling() {
    for seed in 201..=200 + drops(700) / 140 {
        run(seed, WatchConfig { events: Events::Poll, ..settings() }, Tuning::default());
    }
}

fn run(seed: u64, config: WatchConfig, tuning: Tuning) {
    let stage = Stage::with(config, tuning);
    let mut actor = Actor {
        root: stage.folder().into(),
        dice: Dice::new(seed),
        contents: HashSet::new(),
        linked: HashSet::new(),
        acts: Vec::new(),
    };
    for _ in 0..70 {
        actor.act();
        match actor.dice.from(0, 19) {
            0 => actor.dice.pause(100, 400),
            1..=9 => actor.dice.pause(0, 15),
            _ => {}
        }
    }
    stage.settle();
    // A file with two names that is written under one raises no event under the other: the next listing finds it.
    if stage.config.events == Events::Poll {
        stage.watcher.rescan();
        stage.settle();
    }
    let wrong: Vec<PathBuf> = compare(&stage, &actor, seed);
    let linked = |rel: &PathBuf| fs::metadata(stage.folder().join(rel)).is_ok_and(|m| actor.linked.contains(&m.ino()));
    let told = || format!("seed {seed}: {wrong:?} {:?}\n{}", stage.watcher.health(), actor.acts.join("\n"));
    assert!(wrong.iter().all(linked), "{}", told());
    stage.watcher.rescan();
    stage.settle();
    let wrong = compare(&stage, &actor, seed);
    assert!(wrong.is_empty(), "seed {seed}: {wrong:?} {:?}", stage.watcher.health());
}

/// The files of which something else was read last than what lies there.
fn compare(stage: &Stage, actor: &Actor, seed: u64) -> Vec<PathBuf> {
    let mut last: HashMap<PathBuf, (DropId, FileIdentity)> = HashMap::new();
    for publication in stage.published() {
        assert!(actor.contents.contains(&publication.id), "seed {seed}: premature: {publication:?}");
        last.insert(publication.rel, (publication.id, publication.identity));
    }
    let mut wrong = Vec::new();
    for path in files(stage.folder()) {
        let rel = path.strip_prefix(stage.folder()).expect("below").to_owned();
        let bytes = fs::read(&path).expect("readable");
        let lies = (id(&bytes), identity_of(&fs::metadata(&path).expect("there")));
        let right = match bytes.is_empty() {
            true => stage.refused().iter().any(|r| r.rel == rel),
            false => last.get(&rel) == Some(&lies),
        };
        if !right {
            wrong.push(rel);
        }
    }
    wrong
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("listed").flatten() {
        match entry.file_type().expect("a type") {
            kind if kind.is_dir() => found.extend(files(&entry.path())),
            kind if kind.is_file() && entry.file_name() != ".aside" => found.push(entry.path()),
            _ => {}
        }
    }
    found
}

struct Actor {
    root: PathBuf,
    dice: Dice,
    /// Every content that some file had when nobody was writing to it.
    contents: HashSet<DropId>,
    /// Files that had two names at some time.
    linked: HashSet<u64>,
    /// What was done, for when it goes wrong.
    acts: Vec<String>,
}

impl Actor {
    fn act(&mut self) {
        let (path, other) = (self.path(), self.path());
        let text = format!("{} {}\n", self.dice.next(), "行".repeat(self.dice.from(0, 3000) as usize)).into_bytes();
        // Whatever cannot be done, because something lies there or nothing does, is not done.
        let act = self.dice.from(0, 14);
        self.acts.push(format!("{:?} act {act} {path:?} {other:?}", std::time::SystemTime::now()));
        match act {
            0..=3 => self.keep(&path, fs::write(&path, &text)),
            4 => self.keep(
                &path,
                File::options().append(true).create(true).open(&path).and_then(|mut f| f.write_all(&text)),
            ),
            5 => self.keep(&path, File::options().write(true).open(&path).and_then(|f| f.write_all_at(b"x", 3))),
            6 => self.keep(&path, File::options().write(true).open(&path).and_then(|f| f.set_len(9))),
            7 | 8 => drop(fs::rename(&path, &other)),
            9 => drop(fs::remove_file(&path)),
            10 => {
                drop(fs::hard_link(&path, &other));
                self.linked.extend(fs::metadata(&path).map(|m| m.ino()));
            }
            11 => drop(fs::create_dir_all(&path)),
            12 => {
                let (from, to) = (self.folder(), self.folder());
                drop(fs::rename(from, to));
            }
            13 => {
                let folder = self.folder();
                if folder != self.root {
                    drop(fs::remove_dir_all(folder));
                }
            }
            _ => {
                let aside = path.with_file_name(".aside");
                if fs::write(&aside, &text).is_ok() {
                    self.contents.insert(id(&text));
                    drop(fs::rename(&aside, &path));
                }
            }
        }
    }

    fn keep(&mut self, path: &Path, outcome: std::io::Result<()>) {
        if let (Ok(()), Ok(bytes)) = (outcome, fs::read(path)) {
            self.contents.insert(id(&bytes));
        }
    }

    fn folder(&mut self) -> PathBuf {
        let names = ["", "a", "b", "a/c", "b/d", "a/c/e"];
        let name = *self.dice.pick(&names);
        self.root.join(name)
    }

    fn path(&mut self) -> PathBuf {
        let folder = self.folder();
        if self.dice.chance(70) {
            drop(fs::create_dir_all(&folder));
        }
        folder.join(format!("{}.txt", self.dice.from(0, 4)))
    }
}
