//! How long a whole file waits for its reader.
//!
//! The medians are printed; the bounds asserted are loose, because the machine may be busy with other things.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::stage::Stage;

/// Median time from the moment a file is whole until it has been read, of those from `skip` on.
fn check(what: &str, drops: usize, skip: usize, bound: Duration, write: impl Fn(&Stage, &str)) {
    let stage = Stage::new();
    stage.settle();
    let mut latencies = Vec::new();
    for n in 0..drops {
        let name = format!("{n}.txt");
        write(&stage, &name);
        let whole = Instant::now();
        let read = stage.await_reading(PathBuf::from(&name), 1).at;
        if n >= skip {
            latencies.push(read.saturating_duration_since(whole));
        }
    }
    latencies.sort();
    let median = latencies[latencies.len() / 2];
    eprintln!("{what}: median {median:.2?}, p99 {:.2?}", latencies[latencies.len() * 99 / 100]);
    assert!(median < bound, "{what}: median {median:?}");
}

#[test]
fn renamed_in() {
    check("renamed in", 200, 0, Duration::from_millis(100), |stage, name| {
        let outside = stage.outside().join(name);
        fs::write(&outside, "本报讯").expect("written");
        fs::rename(outside, stage.folder().join(name)).expect("renamed");
    });
}

fn write(stage: &Stage, name: &str) {
    fs::write(stage.folder().join(name), "本报讯").expect("written");
}

#[test]
fn closed_by_a_stranger() {
    check("closed by a stranger", 40, 0, Duration::from_millis(400), write);
}

#[test]
fn closed_in_a_folder_that_earned_trust() {
    check("closed, trusted", 300, 150, Duration::from_millis(100), write);
}
