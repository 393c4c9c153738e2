//! What it costs to watch a folder in which nothing happens.
//!
//! `WENLIU_IDLE_SECONDS=60 cargo test --profile ci --test watching idle -- --nocapture` measures for a minute.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use wenliu::config::WatchConfig;
use wenliu::watch::{NothingKnown, Watcher};

const FILES: usize = 20_000;

/// Measures in a process of its own, where no other test runs.
#[test]
fn twenty_thousand_files_lying_there() {
    let me = std::env::current_exe().expect("a test binary");
    let output =
        Command::new(me).args(["--exact", "idle::measure", "--ignored", "--nocapture"]).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    eprintln!("{}", said.trim());
    assert!(output.status.success(), "{said}");
}

/// CPU seconds, wake-ups, resident kilobytes and open files of this process.
fn costs() -> (f64, u64, u64, usize) {
    let stat = fs::read_to_string("/proc/self/stat").expect("proc");
    let fields: Vec<&str> = stat.rsplit(')').next().expect("fields").split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>().expect("ticks") + fields[12].parse::<f64>().expect("ticks");
    let number = |text: &str, key: &str| -> u64 {
        let line = text.lines().find(|l| l.starts_with(key)).unwrap_or("0 0");
        line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
    };
    let wakes = fs::read_dir("/proc/self/task")
        .expect("proc")
        .flatten()
        .filter_map(|task| fs::read_to_string(task.path().join("status")).ok())
        .map(|status| number(&status, "voluntary_ctxt_switches"))
        .sum();
    let status = fs::read_to_string("/proc/self/status").expect("proc");
    let open = fs::read_dir("/proc/self/fd").expect("proc").count();
    (ticks / 100.0, wakes, number(&status, "VmRSS"), open)
}

#[test]
#[ignore = "run by the test above, alone in its process"]
fn measure() {
    if !std::path::Path::new("/proc/self/stat").exists() {
        eprintln!("no /proc: nothing is measured");
        return;
    }
    let seconds = std::env::var("WENLIU_IDLE_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(5_u64);
    let folder = tempfile::tempdir().expect("a temp folder");
    for n in 0..FILES {
        let below = folder.path().join(format!("{}", n % 40));
        fs::create_dir_all(&below).expect("made");
        fs::write(below.join(format!("page-{n}.txt")), "本报讯").expect("written");
    }
    let config = WatchConfig { folder: folder.path().into(), ..WatchConfig::default() };
    let watcher = Watcher::open(&config, Arc::new(NothingKnown)).expect("it starts");
    let began = Instant::now();
    let mut found = 0;
    while found < FILES {
        found += usize::from(watcher.next(Duration::from_secs(20)).is_some());
    }
    eprintln!("{FILES} files found in {:.2?}", began.elapsed());
    while !watcher.idle() {
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_millis(500));
    let before = costs();
    let until = Instant::now() + Duration::from_secs(seconds);
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        assert_eq!(watcher.next(left), None, "nothing was dropped");
    }
    let after = costs();
    let share = (after.0 - before.0) / seconds as f64 * 100.0;
    let wakes = (after.1 - before.1) as f64 / seconds as f64;
    eprintln!(
        "idle for {seconds} s: {share:.3} % CPU, {wakes:.2} wake-ups a second, {} to {} KiB resident, {} descriptors; {:?}",
        before.2,
        after.2,
        after.3,
        watcher.health()
    );
    assert!(share < 2.0 && wakes < 20.0 && after.3 < 50, "watching costs too much");
}
