//! Reloads under load: nothing is lost, and no drop is read half by one set of settings and half by another.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::daemon::{Daemon, page};

const SOON: Duration = Duration::from_secs(10);

fn reloads(daemon: &Daemon, outcome: &str) -> u64 {
    daemon.metric(&format!("wenliu_settings_reloads_total{{outcome=\"{outcome}\"}}")).map_or(0, |n| n as u64)
}

fn settings(daemon: &Daemon, text: &str) {
    fs::write(daemon.root.join("wenliu.toml"), text).expect("written");
}

fn started(text: &str) -> Daemon {
    Daemon::start_with(&[], &[], |root| fs::write(root.join("wenliu.toml"), text).expect("written"))
}

#[test]
fn many_reloads_under_load_lose_nothing() {
    let count: u64 = std::env::var("WENLIU_RELOADS").ok().and_then(|n| n.parse().ok()).unwrap_or(15);
    let mut daemon = started("[enrich]\nkeywords_max = 3\n");
    let mut dropped = 0_usize;
    for turn in 0..count {
        settings(&daemon, &format!("[enrich]\nkeywords_max = {}\n", 2 + turn % 2));
        for _ in 0..4 {
            daemon.put(&format!("r{dropped}.txt"), page(dropped));
            dropped += 1;
        }
        daemon.signal(Signal::HUP);
        daemon.until("the reload is counted", SOON, |d| reloads(d, "done") > turn);
    }
    daemon.until("every drop is done", SOON * 6, |d| d.done() == dropped as u64);
    assert_eq!(daemon.stop(), Some(0));
    assert!(daemon.verb(&["verify"]).status.success());
    let mut of_drop: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in fs::read_dir(daemon.root.join("out/sealed")).expect("sealed").flatten() {
        if entry.file_name().to_string_lossy().starts_with("articles-") {
            for line in fs::read_to_string(entry.path()).expect("lines").lines() {
                let record: Value = serde_json::from_str(line).expect("a record");
                let word =
                    |pointer: &str| record.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
                let config = word("/metadata/pipeline/config");
                let keywords = record["keywords"].as_array().map_or(0, Vec::len);
                assert!(keywords <= 3, "{record}");
                of_drop.entry(word("/metadata/drop/sha256")).or_default().insert(config);
            }
        }
    }
    assert_eq!(of_drop.len(), dropped);
    assert!(of_drop.values().all(|configs| configs.len() == 1), "a drop was read by two sets of settings");
    let all: BTreeSet<&String> = of_drop.values().flatten().collect();
    assert!(all.len() == 2 || count < 2, "both settings were in force: {all:?}");
}

#[test]
fn wrong_settings_change_nothing_and_are_told_everywhere() {
    let daemon = started("");
    let lexicon = daemon.root.join("lexicon");
    fs::create_dir_all(&lexicon).expect("made");
    fs::write(lexicon.join("scripts.tsv"), "no such header\nx\ty\tz\tw\n").expect("written");
    let wrong = [
        ("[enrich]\nkeywrds_max = 3\n".to_owned(), "keywrds_max"),
        ("[http]\nlisten = \":0\"\ntoken = \"new\"\n".to_owned(), "http.token cannot change"),
        (format!("[enrich]\nlexicon_folders = [{:?}]\n", lexicon.display().to_string()), "scripts.tsv"),
        ("[log]\nlevel = \"loud\"\n".to_owned(), "log.level"),
    ];
    for (turn, (text, says)) in wrong.iter().enumerate() {
        settings(&daemon, text);
        daemon.signal(Signal::HUP);
        daemon.until("the refusal is counted", SOON, |d| reloads(d, "refused") == turn as u64 + 1);
        let told = daemon.json("/api/status")["reload"].as_str().unwrap_or_default().to_owned();
        assert!(told.contains("nothing was changed") && told.contains(says), "{told}");
        assert!(daemon.log().contains(says), "{}", daemon.log());
        assert_eq!(daemon.get("/readyz").0, 200);
    }
    settings(&daemon, "[log]\nlevel = \"debug\"\n");
    daemon.signal(Signal::HUP);
    daemon.until("the right ones are taken over", SOON, |d| reloads(d, "done") == 1);
    let told = daemon.json("/api/status")["reload"].as_str().unwrap_or_default().to_owned();
    assert!(told.contains("taken over: log.level"), "{told}");
    daemon.put("page.txt", page(1));
    daemon.until("work goes on", SOON, |d| d.done() == 1);
}
