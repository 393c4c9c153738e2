//! Many files at once: all found, none twice, in little memory.
//!
//! `WENLIU_BURST=100000` makes it as large.

use std::collections::HashSet;
use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use wenliu::config::WatchConfig;
use wenliu::watch::{NothingKnown, Watcher};

/// Measures in a process of its own.
#[test]
fn a_burst_costs_little_memory() {
    let me = std::env::current_exe().expect("a test binary");
    let output =
        Command::new(me).args(["--exact", "burst::measure", "--ignored", "--nocapture"]).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    eprintln!("{}", said.trim());
    assert!(output.status.success(), "{said}");
}

fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmRSS")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
}

#[test]
#[ignore = "run by the test above, alone in its process"]
fn measure() {
    let files = std::env::var("WENLIU_BURST").ok().and_then(|n| n.parse().ok()).unwrap_or(5_000_usize);
    let folder = tempfile::tempdir().expect("a temp folder");
    let config = WatchConfig { folder: folder.path().into(), ..WatchConfig::default() };
    let watcher = Watcher::open(&config, Arc::new(NothingKnown)).expect("it starts");
    while !watcher.idle() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let before = resident_kib();
    let began = Instant::now();
    for n in 0..files {
        fs::write(folder.path().join(format!("page-{n:07}.txt")), "本报讯").expect("written");
    }
    let written = began.elapsed();
    // Nobody asks for anything meanwhile: the worst case for whoever must remember what waits.
    std::thread::sleep(Duration::from_secs(2));
    let waiting = watcher.health();
    let (mut seen, mut most) = (HashSet::new(), resident_kib());
    // The test's own list of what it saw is not the watcher's.
    seen.reserve(files);
    let own = resident_kib() - most;
    let began = Instant::now();
    while seen.len() < files {
        let found = watcher.next(Duration::from_secs(30)).expect("one more");
        let number: u32 =
            found.name.chars().filter(char::is_ascii_digit).collect::<String>().parse().expect("a number");
        assert!(seen.insert(number), "doubled: {}", found.name);
        if seen.len() % 1000 == 0 {
            most = most.max(resident_kib());
        }
    }
    assert_eq!(watcher.next(Duration::from_millis(1500)), None, "doubled");
    let health = watcher.health();
    eprintln!(
        "{files} files written in {written:.1?}, then found in {:.1?}; {before} KiB resident before, {most} at most \
         ({own} of them the test's); {} listings, {} overflows; while they waited: {waiting:?}",
        began.elapsed(),
        health.listings,
        health.overflows,
    );
}
