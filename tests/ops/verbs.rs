//! Verbs beside the daemon: what they print, and their exit codes.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::daemon::{Daemon, binary, page};

#[test]
fn replay_finds_nothing_to_change_unless_a_setting_did() {
    let mut daemon = Daemon::start(&["--set", "watch.when_done=move"]);
    for n in 0..4 {
        daemon.put(&format!("r{n}.txt"), page(n));
    }
    daemon.until("all are done", std::time::Duration::from_secs(10), |d| d.done() == 4);
    assert_eq!(daemon.stop(), Some(0));
    let before = fs::read_dir(daemon.root.join("out/sealed")).expect("sealed").count();
    let same = daemon.verb(&["replay", "--json"]);
    let report: Value = serde_json::from_slice(&same.stdout).expect("JSON");
    assert_eq!((same.status.code(), &report["compared"], &report["same"]), (Some(0), &4.into(), &4.into()), "{report}");
    let other = daemon.verb(&["replay", "--set", "sink.source=elsewhere"]);
    let said = String::from_utf8_lossy(&other.stdout);
    assert_eq!(other.status.code(), Some(1), "{said}");
    assert!(said.contains("records differ in source") && said.contains("4 of 4 ids stay"), "{said}");
    fs::remove_file(daemon.root.join("in/.done/r0.txt")).expect("removed");
    let fewer = daemon.verb(&["replay"]);
    assert!(String::from_utf8_lossy(&fewer.stdout).contains("1 drops of the output are not at hand"), "{fewer:?}");
    assert_eq!(fs::read_dir(daemon.root.join("out/sealed")).expect("sealed").count(), before, "it writes nothing");
}

#[test]
fn init_makes_what_run_needs_and_leaves_what_is_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let init = || Command::new(binary()).arg("init").arg(folder.path()).output().expect("it runs");
    assert!(init().status.success());
    let settings = folder.path().join("wenliu.toml");
    fs::write(&settings, "[log]\nlevel = \"warn\"\n").expect("written");
    assert!(init().status.success());
    assert_eq!(fs::read_to_string(&settings).expect("there"), "[log]\nlevel = \"warn\"\n");
    let check = Command::new(binary()).arg("check").current_dir(folder.path()).output().expect("it runs");
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
}

#[test]
fn export_reads_what_once_prints_and_names_a_wrong_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let (drop, lines) = (folder.path().join("page.txt"), folder.path().join("articles-1.jsonl"));
    fs::write(&drop, page(1)).expect("written");
    let once = Command::new(binary()).arg("once").arg(&drop).output().expect("it runs");
    fs::write(&lines, &once.stdout).expect("written");
    let export = |to: &str| Command::new(binary()).args(["export", "--to", to]).arg(&lines).output().expect("it runs");
    for to in ["ninjs", "dolma", "dolma-attributes", "spacy", "webanno"] {
        let output = export(to);
        assert!(output.status.success(), "{to}: {}", String::from_utf8_lossy(&output.stderr));
        let first = output.stdout.split(|b| *b == b'\n').next().unwrap_or_default();
        serde_json::from_slice::<Value>(first).unwrap_or_else(|e| panic!("{to}: {e}"));
    }
    let table = export("csv");
    assert!(String::from_utf8_lossy(&table.stdout).starts_with("seq,id,type,"), "{table:?}");
    fs::write(&lines, [&once.stdout[..], b"{\"type\":\"receipt\"}\n"].concat()).expect("written");
    let wrong = export("csv");
    let said = String::from_utf8_lossy(&wrong.stderr);
    assert!(
        wrong.status.code() == Some(65) && said.contains("articles-1.jsonl:") && said.contains("receipt"),
        "{said}"
    );
}
