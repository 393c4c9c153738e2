//! A small run, ended at every step and in every way; what the next run makes of it must equal the unbroken run.
//!
//! A tailer has seen what was visible at the end. Drops that were answered are gone (as with `when_done = "delete"`), so
//! a line that was promised and lost cannot come back by accident.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::recover::recover;
use super::tests::{chunk_of, clock, drop_of};
use super::view::Standing;
use super::{ChunkResult, CommitError, Committer, Finding, Rules};
use crate::config::{Config, Fsync};
use crate::disk::Disk;
use crate::disk::memory::{Fuse, MemoryDisk, Survival};
use crate::ledger::model::ModelJournal;
use crate::record::drop::DropId;

const NEVER: u64 = u64::MAX - 1;

/// How coarsely the ways of dying are sampled; with `WENLIU_KILLS` set, not at all.
fn stride() -> u64 {
    if std::env::var_os("WENLIU_KILLS").is_some() { 1 } else { 10 }
}

struct Machine {
    disk: Arc<MemoryDisk>,
    journal: ModelJournal,
    fuse: Arc<Fuse>,
    boot: u32,
    /// Drops that were answered, by name and content.
    answered: HashSet<(String, DropId)>,
}

impl Machine {
    fn new(steps: u64) -> Machine {
        let fuse = Fuse::after(steps);
        let disk = Arc::new(MemoryDisk::new(fuse.clone()));
        Machine { disk, journal: ModelJournal::new(fuse.clone()), fuse, boot: 0, answered: HashSet::new() }
    }

    fn killed(&self, steps: u64) -> Machine {
        let fuse = Fuse::after(steps);
        let disk = Arc::new(self.disk.reopened(fuse.clone()));
        Machine {
            disk,
            journal: self.journal.reopened(fuse.clone()),
            fuse,
            boot: self.boot,
            answered: self.answered.clone(),
        }
    }

    fn power_cut(&self, writes: &[Survival], names: usize, batches: usize, steps: u64) -> Machine {
        let fuse = Fuse::after(steps);
        let disk = Arc::new(self.disk.after_power_cut(writes, names, fuse.clone()));
        let journal = self.journal.after_power_cut(batches, fuse.clone());
        Machine { disk, journal, fuse, boot: self.boot + 1, answered: self.answered.clone() }
    }

    /// Small limits, so that a short run rolls, syncs, seals and forgets.
    fn rules(grace_ms: i64) -> Rules {
        Rules {
            fsync: Fsync::Always,
            segment_bytes: 3_600,
            unsynced_bytes: 5_000,
            unsynced_ms: i64::MAX,
            live_grace_ms: grace_ms,
            ..Rules::of(&Config::default())
        }
    }

    fn run(&mut self, script: &[Vec<ChunkResult>], grace_ms: i64) -> Result<(), CommitError> {
        let boot = self.boot.to_string();
        let journal = Box::new(self.journal.clone());
        let (mut committer, _) = recover(journal, self.disk.clone(), Self::rules(grace_ms), clock(), &boot)?;
        for group in script {
            let todo = self.todo(&committer, group)?;
            for answer in committer.commit(&todo)? {
                if answer.last {
                    self.answered.insert((answer.name, answer.drop));
                }
            }
            committer.tick()?;
        }
        committer.seal()?;
        committer.tick()
    }

    /// What an intake would send: nothing that is gone, the rest of what is half done.
    fn todo(&self, committer: &Committer, group: &[ChunkResult]) -> Result<Vec<ChunkResult>, CommitError> {
        let mut todo = Vec::new();
        for result in group {
            if self.answered.contains(&(result.drop.name.clone(), result.drop.id)) {
                continue;
            }
            match committer.ledger().standing(&result.drop.id)? {
                Standing::Done => todo.push(ChunkResult { finding: Finding::Seen, ..result.clone() }),
                Standing::Resume { next_chunk, .. } if result.chunk < next_chunk => {}
                _ => todo.push(result.clone()),
            }
        }
        Ok(todo)
    }

    fn output(&self) -> BTreeMap<String, Vec<u8>> {
        let kept = |name: &String| name != "status.json" && !name.starts_with(".tmp/");
        self.disk.visible().into_iter().filter(|(name, _)| kept(name)).collect()
    }
}

fn script() -> Vec<Vec<ChunkResult>> {
    let big = "一\n二\n三\n四\n";
    let mut refused = drop_of("bad", "x\n");
    refused.finding = Finding::Refused("undecodable".into());
    vec![
        vec![drop_of("a", "甲\n乙\n"), chunk_of("big", big, 0, 0, 8, false)],
        vec![drop_of("b", "丙\n"), drop_of("twin of a", "甲\n乙\n"), refused],
        vec![chunk_of("big", big, 1, 8, 16, true)],
        vec![drop_of("a", "丁\n戊\n")],
    ]
}

/// The tailer's law: what was seen is still there, at the same place, in the same file.
fn check_seen(seen: &BTreeMap<String, Vec<u8>>, machine: &Machine, case: &str) {
    let output = machine.output();
    for (name, bytes) in seen {
        // A live name may be taken away once its segment is sealed.
        let now = output.get(name).or_else(|| output.get(&name.replace("live/", "sealed/")));
        let now = now.unwrap_or_else(|| panic!("{case}: {name} was seen and is gone"));
        assert!(now.starts_with(bytes), "{case}: {name} changed after it was seen");
    }
}

/// Nothing that was seen changed, and in the end everything is as if nothing had happened.
fn check(seen: &BTreeMap<String, Vec<u8>>, machine: &Machine, expected: &BTreeMap<String, Vec<u8>>, case: &str) {
    check_seen(seen, machine, case);
    let output = machine.output();
    for (name, bytes) in expected {
        let found = output.get(name).unwrap_or_else(|| panic!("{case}: {name} is missing"));
        assert!(
            found == bytes,
            "{case}: {name} differs:\n{}\n{}",
            String::from_utf8_lossy(found),
            String::from_utf8_lossy(bytes)
        );
    }
    assert_eq!(output.len(), expected.len(), "{case}: {:?}", output.keys());
}

fn unbroken(grace_ms: i64) -> (Machine, BTreeMap<String, Vec<u8>>) {
    let mut machine = Machine::new(NEVER);
    machine.run(&script(), grace_ms).expect("nothing fails");
    let output = machine.output();
    (machine, output)
}

#[test]
fn a_small_run_does_everything() {
    let (machine, output) = unbroken(i64::MAX);
    let names: Vec<&str> = output.keys().map(String::as_str).collect();
    assert!(names.iter().filter(|n| n.starts_with("sealed/articles")).count() >= 3, "{names:?}");
    assert!(names.iter().filter(|n| n.starts_with("sealed/drops")).count() >= 1, "{names:?}");
    assert!(machine.fuse.passed() > 60, "{}", machine.fuse.passed());
    let (_, output) = unbroken(0);
    assert!(output.keys().all(|n| !n.starts_with("live/")), "{:?}", output.keys());
}

#[test]
fn killed_at_every_step_and_again_at_every_step_of_the_next_run() {
    for grace_ms in [i64::MAX, 0] {
        let (whole, expected) = unbroken(grace_ms);
        for steps in 0..whole.fuse.passed() {
            let mut first = Machine::new(steps);
            // The last steps only tidy up; a run that cannot is not ended by it.
            drop(first.run(&script(), grace_ms));
            let seen = first.output();
            // The second kill may fall into the recovery, or far behind it.
            for again in (steps % stride()..40).step_by(stride() as usize).chain([NEVER]) {
                let mut second = first.killed(again);
                if second.run(&script(), grace_ms).is_err() {
                    check_seen(&seen, &second, &format!("killed at {steps}, then {again}"));
                }
                let mut third = second.killed(NEVER);
                third.run(&script(), grace_ms).unwrap_or_else(|e| panic!("killed at {steps}, then {again}: {e:?}"));
                let case = format!("killed at {steps}, then {again}, grace {grace_ms}");
                check_seen(&second.output(), &third, &case);
                check(&seen, &third, &expected, &case);
            }
        }
    }
}

#[test]
fn without_power_at_every_step_and_with_every_surviving_part() {
    for grace_ms in [i64::MAX, 0] {
        let (whole, expected) = unbroken(grace_ms);
        let mut tried = 0_u64;
        for steps in 0..whole.fuse.passed() {
            let mut first = Machine::new(steps);
            // The last steps only tidy up; a run that cannot is not ended by it.
            drop(first.run(&script(), grace_ms));
            let seen = first.output();
            let (writes, names) = first.disk.unsynced();
            let batches = first.journal.unsynced();
            let ways =
                3_u64.pow(u32::try_from(writes.min(12)).expect("small")) * (names as u64 + 1) * (batches as u64 + 1);
            // All of them where they are few, else a spread of them.
            let count = ways.min(120 / stride());
            for nth in 0..count {
                let mut way = if ways <= count { nth } else { nth * ways / count + nth % 3 };
                let mut digit = |base: u64| {
                    let digit = way % base;
                    way /= base;
                    digit
                };
                let survivals: Vec<Survival> = (0..writes)
                    .map(|_| [Survival::Lost, Survival::LengthOnly, Survival::Kept][digit(3) as usize])
                    .collect();
                let (names, batches) = (digit(names as u64 + 1) as usize, digit(batches as u64 + 1) as usize);
                let mut second = first.power_cut(&survivals, names, batches, NEVER);
                let case =
                    format!("no power at {steps}: {survivals:?}, {names} names, {batches} batches, grace {grace_ms}");
                second.run(&script(), grace_ms).unwrap_or_else(|e| panic!("{case}: {e:?}"));
                check(&seen, &second, &expected, &case);
                tried += 1;
            }
        }
        assert!(tried > 300, "only {tried} ways were tried");
    }
}

#[test]
fn a_check_that_never_fails_would_be_no_check() {
    let (_, expected) = unbroken(i64::MAX);
    let mut machine = Machine::new(NEVER);
    machine.run(&script()[..3], i64::MAX).expect("nothing fails");
    let caught = std::panic::catch_unwind(|| check(&BTreeMap::new(), &machine, &expected, "a drop is missing"));
    assert!(caught.is_err());
}

/// The lines of a stream as a tailer reads them: whole lines, segment after segment.
fn lines(output: &BTreeMap<String, Vec<u8>>, word: &str) -> Vec<serde_json::Value> {
    let names: Vec<&String> = output.keys().filter(|n| n.starts_with(&format!("sealed/{word}"))).collect();
    let text: Vec<u8> = names.iter().flat_map(|name| output[*name].clone()).collect();
    String::from_utf8(text).expect("utf-8").lines().map(|l| serde_json::from_str(l).expect("a line is JSON")).collect()
}

#[test]
fn a_lost_ledger_is_rebuilt_from_the_output_at_every_step() {
    // Without the last group: its drop overwrites an earlier one, which then could not come again.
    let script = &script()[..3];
    let mut whole = Machine::new(NEVER);
    whole.run(script, i64::MAX).expect("nothing fails");
    let expected = whole.output();
    let plain = |mut line: serde_json::Value| {
        line["seq"] = 0.into();
        line.to_string()
    };
    for steps in 0..=whole.fuse.passed() {
        let mut first = Machine::new(steps);
        drop(first.run(script, i64::MAX));
        let seen = first.output();
        // The input was kept, and all of it comes again.
        let mut second = first.killed(NEVER);
        second.journal = ModelJournal::new(second.fuse.clone());
        second.answered.clear();
        second.run(script, i64::MAX).unwrap_or_else(|e| panic!("ledger lost at {steps}: {e:?}"));
        let output = second.output();
        for word in ["articles", "drops"] {
            let (found, wanted) = (lines(&output, word), lines(&expected, word));
            let seqs: Vec<u64> = found.iter().filter_map(|l| l["seq"].as_u64()).collect();
            let titles: Vec<String> = found.iter().map(|l| format!("{}{}", l["id"], l["title"])).collect();
            assert_eq!(
                seqs,
                (1..=wanted.len() as u64).collect::<Vec<_>>(),
                "ledger lost at {steps}: {word} {titles:?}"
            );
            let sorted = |lines: Vec<serde_json::Value>| {
                let mut lines: Vec<String> = lines.into_iter().map(plain).collect();
                lines.sort();
                lines
            };
            assert_eq!(sorted(found), sorted(wanted), "ledger lost at {steps}: {word}");
        }
        for (name, bytes) in seen.iter().filter(|(_, bytes)| bytes.contains(&b'\n')) {
            let now = output.get(name).unwrap_or_else(|| panic!("ledger lost at {steps}: {name} is gone"));
            assert!(now.starts_with(bytes), "ledger lost at {steps}: {name} changed after it was seen");
        }
    }
}

#[test]
fn foreign_bytes_are_kept_and_stepped_round() {
    let (_, expected) = unbroken(i64::MAX);
    let mut machine = Machine::new(NEVER);
    {
        let (mut committer, _) =
            recover(Box::new(machine.journal.clone()), machine.disk.clone(), Machine::rules(i64::MAX), clock(), "0")
                .expect("opens");
        committer.commit(&script()[0]).expect("commits");
    }
    for name in ["live/articles-00000000000000000001.jsonl", "live/drops-00000000000000000001.jsonl"] {
        let end = machine.disk.len(name).expect("there").expect("there");
        machine.disk.write(name, end, b"foreign").expect("written");
    }
    machine.run(&script(), i64::MAX).expect("goes on");
    let output = machine.output();
    assert_eq!(lines(&output, "articles"), lines(&expected, "articles"));
    assert_eq!(lines(&output, "drops"), lines(&expected, "drops"));
    let kept = &output["live/drops-00000000000000000001.jsonl"];
    assert!(kept.ends_with(b"foreign"), "{}", String::from_utf8_lossy(kept));
}
