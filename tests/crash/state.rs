//! State that is lost, damaged, or wanted by two.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use crate::daemon::{Place, wait};
use crate::pages::lay;
use crate::tailer::Tailer;

#[test]
fn a_second_daemon_is_refused_on_any_of_the_folders() {
    let place = Place::new();
    lay(&place.folder("in"), 3);
    let first = place.start("");
    let patience = Duration::from_secs(10);
    wait("the first daemon", &place, patience, || place.folder("state/control.sock").exists());
    for shared in ["in", "out", "state"] {
        let elsewhere = Place::new();
        fs::create_dir_all(&elsewhere.base).expect("a folder");
        std::os::unix::fs::symlink(place.folder(shared), elsewhere.folder(shared)).expect("linked");
        let refused = elsewhere.verb("run", &["--until-idle", "1s"]);
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(75), "sharing {shared}: {said}");
        assert!(said.contains("another wenliu holds"), "sharing {shared}: {said}");
    }
    assert!(first.stop().success());
}

#[test]
fn verbs_answer_beside_the_daemon_and_without_it() {
    let place = Place::new();
    lay(&place.folder("in"), 12);
    let daemon = place.start("");
    let why = |name: &str| {
        let said = place.verb("why", &[name, "--json"]);
        serde_json::from_slice::<serde_json::Value>(&said.stdout).unwrap_or_default()
    };
    wait("the last drop", &place, Duration::from_secs(20), || {
        why("p0011-2024-09-05.txt")["drops"][0]["outcome"] == "done"
    });
    let beside = why("p0007-2024-09-05.txt");
    assert_eq!(beside["drops"][0]["name"], "p0003-2024-09-05.txt", "{beside}");
    let status = place.verb("status", &["--json"]);
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stdout));
    place.verify();
    let lines = place.verb("tail", &["--after", "3"]);
    let first = lines.stdout.split(|b| *b == b'\n').next().unwrap_or_default();
    assert!(first.starts_with(b"{\"seq\":4,"), "{}", String::from_utf8_lossy(first));
    assert!(daemon.stop().success());
    assert_eq!(why("p0007-2024-09-05.txt"), beside);
    assert_eq!(place.verb("status", &[]).status.code(), Some(1), "nobody runs");
    assert_eq!(place.verb("why", &["never.txt"]).status.code(), Some(1));
    let cursor = place.folder("cursor").display().to_string();
    let all = place.verb("tail", &["--cursor", &cursor]).stdout;
    assert_eq!(all.iter().filter(|b| **b == b'\n').count(), place.lines("articles").len());
    assert!(place.verb("tail", &["--cursor", &cursor]).stdout.is_empty(), "all of it was seen");
    // A copy of the output alone says as much.
    let copy = Place::new();
    let copied = std::process::Command::new("cp").arg("-r").args([place.folder("out"), copy.folder("out")]).status();
    assert!(copied.is_ok_and(|s| s.success()));
    assert!(copy.verb("verify", &["--output-only"]).status.success());
}

#[test]
fn a_deleted_state_is_rebuilt_from_the_output() {
    let place = Place::new();
    lay(&place.folder("in"), 24);
    let tailer = Tailer::start(&place.folder("out"));
    // In the middle of it, right after lines became visible.
    let mut daemon = place.start("commit.visible:2");
    assert!(daemon.ended(Duration::from_secs(20)).is_some());
    fs::remove_dir_all(place.folder("state")).expect("removed");
    place.finish();
    // And once more, after a clean stop.
    fs::remove_dir_all(place.folder("state")).expect("removed");
    place.finish();
    let mut seen = tailer.stop();
    let whole = Place::new();
    lay(&whole.folder("in"), 24);
    whole.finish();
    assert_eq!(seen.lines("articles").len(), whole.lines("articles").len());
    assert!(seen.complaints.is_empty(), "{:?}", seen.complaints);
    assert_eq!(place.by_id(), whole.by_id());
    let receipts = place.lines("drops");
    assert_eq!(receipts.len(), 24, "a receipt a drop, and none twice");
    place.verify();
}

#[test]
fn a_flipped_byte_is_named() {
    let place = Place::new();
    lay(&place.folder("in"), 6);
    place.finish();
    place.verify();
    // In the output.
    let sealed = place.folder("out/sealed/articles-00000000000000000001.jsonl");
    let good = fs::read(&sealed).expect("readable");
    fs::set_permissions(&sealed, fs::Permissions::from_mode(0o644)).expect("allowed");
    let mut bad = good.clone();
    let at = bad.len() / 2;
    bad[at] ^= 1;
    fs::write(&sealed, &bad).expect("written");
    let report = place.verb("verify", &[]);
    let said = String::from_utf8_lossy(&report.stdout).into_owned();
    assert_eq!(report.status.code(), Some(1));
    assert!(said.contains("sealed/articles-00000000000000000001.jsonl: bytes were altered"), "{said}");
    fs::write(&sealed, &good).expect("written");
    place.verify();
    // In the ledger: the name of a drop, somewhere in the file.
    let journal = place.folder("state/journal.db");
    let mut bytes = fs::read(&journal).expect("readable");
    let places: Vec<usize> =
        bytes.windows(9).enumerate().filter(|(_, w)| w == b"p0004-202").map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at + 4] ^= 1;
    }
    fs::write(&journal, &bytes).expect("written");
    let report = place.verb("verify", &[]);
    let said = String::from_utf8_lossy(&report.stdout).into_owned();
    assert_eq!(report.status.code(), Some(1));
    assert!(said.contains("journal.db") && said.contains("altered"), "{said}");
    // Made unreadable, it stops the daemon with a sentence; without it the state is rebuilt.
    fs::write(&journal, vec![7_u8; 40_000]).expect("written");
    let refused = place.verb("run", &["--until-idle", "400ms"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(74), "{said}");
    assert!(said.contains("is damaged"), "{said}");
    fs::remove_dir_all(place.folder("state")).expect("removed");
    place.finish();
    place.verify();
}

#[test]
fn foreign_bytes_in_a_live_segment_are_kept_and_stepped_round() {
    let place = Place::new();
    lay(&place.folder("in"), 6);
    let mut daemon = place.start("commit.visible:1");
    assert!(daemon.ended(Duration::from_secs(20)).is_some());
    let live = place.folder("out/live/articles-00000000000000000001.jsonl");
    let mut bytes = fs::read(&live).expect("readable");
    bytes.extend_from_slice(b"not ours");
    fs::write(&live, &bytes).expect("written");
    place.finish();
    assert!(fs::read(&live).expect("kept").ends_with(b"not ours"));
    place.verify();
    let whole = Place::new();
    lay(&whole.folder("in"), 6);
    whole.finish();
    assert_eq!(place.lines("articles"), whole.lines("articles"));
}
