//! Wrong settings: the message names the place, and what would be right.

use std::fs;
use std::process::Command;

use crate::daemon::binary;

/// Settings, where they are wrong (`line:column`, or a key), and what the message says must be done.
const WRONG: &[(&str, &str, &str)] = &[
    ("[wacth]\nsettle_ms = 5\n", ":1:2:", "did you mean `watch`?"),
    ("[watch]\nsetle_ms = 5\n", ":2:1:", "did you mean `settle_ms`?"),
    ("[watch]\nfsync = \"none\"\n", ":2:1:", "it belongs in [ledger]"),
    ("settle_ms = 5\n", ":1:1:", "it belongs in [watch]"),
    ("[watch]\nzzz = 5\n", ":2:1:", "wenliu config --keys"),
    ("[watch]\nsettle_ms = \"500ms\"\n", ":2:13:", "given in milliseconds, without a unit"),
    ("[watch]\nsettle_ms = -1\n", ":2:13:", "0 or more"),
    ("[watch]\nsettle_ms = 0.5\n", ":2:13:", "a whole number"),
    ("[watch]\nmax_bytes = \"16GiB\"\n", ":2:13:", "given in bytes"),
    ("[watch]\ninclude = \"*.txt\"\n", ":2:11:", "a list"),
    ("[watch]\nwhen_done = \"moove\"\n", ":2:13:", "did you mean \"move\"?"),
    ("[watch]\nwhen_done = \"burn\"\n", ":2:13:", "\"keep\", \"move\", \"delete\""),
    ("[watch]\nsettle_ms = 5\nsettle_ms = 6\n", ":3:1:", "duplicate key"),
    ("[watch\nsettle_ms = 5\n", ":1:7:", "unclosed table"),
    ("[watch]\nfolder = in\n", ":2:10:", "strings stand in \"quotes\""),
    ("[watch]\nfolder = \"in\n", ":2:13:", "strings stand in \"quotes\""),
    ("[watch]\nfolder \"in\"\n", ":2:8:", "one setting a line"),
    ("[watch]\ninclude = [\"[a\"]\n", ":2:11:", "cannot be read"),
    ("[watch]\nchunk_bytes = 5\n", ":2:15:", "must lie between 4096 and 1073741824"),
    ("[watch]\nrescan_ms = 0\n", ":2:13:", "must be at least 1"),
    ("[watch]\nwhen_done = \"delete\"\n[ledger]\nfsync = \"none\"\n", ":2:13:", "would lose drops"),
    ("[watch]\nfolder = \"\"\n", ":2:10:", "names no folder"),
    ("[watch]\nfolder = \"data\"\n[sink]\nfolder = \"data/out\"\n", ":4:10:", "what is written would be read"),
    ("[watch]\nwhen_done = \"move\"\ndone_folder = \"wenliu-data/in/done\"\n", ":3:15:", "found again"),
    ("[clean]\nencoding = \"gb2132\"\n", ":2:12:", "a WHATWG name such as"),
    ("[clean]\nundecodable_max = 5\n", ":2:19:", "between 0 and 1"),
    ("[enrich]\nmask = [\"phone\"]\n", ":2:8:", "did you mean \"PHONE\"?"),
    ("[enrich]\ntokens = \"yes\"\n", ":2:10:", "true or false"),
    ("[sink]\nmax_line_bytes = 100\n", ":2:18:", "at least 16384"),
    ("[http]\nlisten = \"7878\"\n", ":2:10:", "127.0.0.1:7878"),
    ("[http]\nlisten = \"127.0.0.l:7878\"\n", ":2:10:", "an address and a port"),
    ("[http]\ntoken = \"a b\"\n", ":2:9:", "no client can send"),
    ("[http]\nreader = 1\n", ":2:10:", "true or false"),
    ("[log]\nlevel = \"debgu\"\n", ":2:9:", "did you mean \"debug\"?"),
    ("[log]\nformat = \"xml\"\n", ":2:10:", "\"auto\", \"human\", \"json\""),
    ("[pipeline]\nqueue_max = 0\n", ":2:13:", "must be at least 1"),
];

fn wenliu(arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let output = Command::new(binary()).args(arguments).envs(variables.iter().copied()).output().expect("it runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn every_wrong_setting_is_shown_with_its_place_and_its_cure() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wenliu.toml");
    let mut bad = Vec::new();
    for (text, place, cure) in WRONG {
        fs::write(&path, text).expect("written");
        let (code, said) = wenliu(&["check", "--config", &path.display().to_string()], &[]);
        let number: usize = place.trim_matches(':').split(':').next().and_then(|n| n.parse().ok()).expect("a line");
        let line = text.lines().nth(number - 1).unwrap_or_default();
        let shown = said.contains(&format!("{number} | {line}")) && said.contains('^');
        if !(code == Some(78) && said.contains(place) && said.contains(cure) && shown && said.contains("hint:")) {
            bad.push(format!("{text}wanted {place} … {cure}\ngot {code:?}: {said}"));
        }
    }
    assert!(bad.is_empty(), "{} of {}:\n{}", bad.len(), WRONG.len(), bad.join("\n"));
}

#[test]
fn wrong_variables_and_flags_are_named() {
    let (code, said) = wenliu(&["config"], &[("WENLIU_WATCH__SETTLE_MS", "soon")]);
    assert!(code == Some(78) && said.contains("WENLIU_WATCH__SETTLE_MS: expected a whole number"), "{said}");
    let (code, said) = wenliu(&["config"], &[("WENLIU_WACTH__FOLDER", "x")]);
    assert!(
        code == Some(78) && said.contains("WENLIU_WACTH__FOLDER") && said.contains("did you mean `watch`?"),
        "{said}"
    );
    let (code, said) = wenliu(&["config", "--set", "sink.max_line_bytes=1"], &[]);
    assert!(code == Some(78) && said.contains("sink.max_line_bytes: must be at least"), "{said}");
    let (code, said) = wenliu(&["config", "--set", "nonsense"], &[]);
    assert!(code == Some(64) && said.contains("section.key=value"), "{said}");
    let (code, said) = wenliu(&["config", "--config", "/no/such/file.toml"], &[]);
    assert!(code == Some(78) && said.contains("/no/such/file.toml"), "{said}");
}

#[test]
fn a_mistyped_verb_key_or_file_is_met_with_the_right_one() {
    let (code, said) = wenliu(&["onec", "page.txt"], &[]);
    assert!(code == Some(64) && said.contains("once"), "{said}");
    let (code, said) = wenliu(&["config", "setle_ms"], &[]);
    assert!(code == Some(64) && said.contains("did you mean `watch.settle_ms`?"), "{said}");
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("page-01.txt"), "x").expect("written");
    let (code, said) = wenliu(&["once", &folder.path().join("page-1.txt").display().to_string()], &[]);
    assert!(code == Some(66) && said.contains("page-01.txt?"), "{said}");
    let (code, said) = wenliu(&["man", "exprot"], &[]);
    assert!(code == Some(64) && said.contains("did you mean `export`?"), "{said}");
}

#[test]
fn every_verb_has_examples_or_says_what_its_exit_code_means() {
    let help = Command::new(binary()).arg("--help").output().expect("it runs");
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    let verbs = help.lines().skip_while(|l| *l != "Commands:").skip(1).take_while(|l| !l.is_empty());
    let named = |l: &&str| l.starts_with("  ") && !l.starts_with("   ");
    let verbs: Vec<&str> =
        verbs.filter(named).filter_map(|l| l.split_whitespace().next()).filter(|v| *v != "help").collect();
    assert!(verbs.len() > 12, "{help}");
    for verb in verbs {
        let help = Command::new(binary()).args([verb, "--help"]).output().expect("it runs");
        let text = String::from_utf8_lossy(&help.stdout).into_owned();
        assert!(help.status.success() && (text.contains("Example") || text.contains("Exit code")), "{verb}:\n{text}");
    }
}
