//! The five floors: every import points down, and the columns do not know each other.

use std::fs;
use std::path::{Path, PathBuf};

const GROUND: &[&str] = &["record", "lexicon", "config", "disk"];
const COLUMNS: &[&str] = &["watch", "clean", "segment", "enrich", "sink", "ledger", "cluster", "telemetry"];
const JOINTS: &[&str] = &["pipeline", "status"];

/// What a module of the crate may import, besides itself.
fn allowed(module: &str) -> Vec<&'static str> {
    match module {
        "record" | "config" | "disk" => vec![],
        "lexicon" => vec!["record"],
        m if COLUMNS.contains(&m) => GROUND.to_vec(),
        m if JOINTS.contains(&m) => [GROUND, COLUMNS, JOINTS].concat(),
        "cli" => [GROUND, COLUMNS, JOINTS].concat(),
        "main" => vec!["cli"],
        _ => vec![],
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("src is readable").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn sources() -> Vec<(String, String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&src, &mut found);
    found
        .iter()
        .map(|path| {
            let name = path.strip_prefix(&src).expect("below src").display().to_string();
            let module = name.split(['/', '.']).next().unwrap_or_default().to_owned();
            (name, module, fs::read_to_string(path).expect("readable"))
        })
        .collect()
}

#[test]
fn imports_point_down() {
    let mut wrong = Vec::new();
    for (name, module, text) in sources() {
        for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.trim_start().starts_with("//")) {
            for part in line.split("crate::").skip(1) {
                let target = part.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
                let known = GROUND.iter().chain(COLUMNS).chain(JOINTS).any(|m| *m == target) || target == "cli";
                if known && target != module && !allowed(&module).contains(&target) {
                    wrong.push(format!("src/{name}:{}: `{module}` may not import `{target}`", number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "imports that leave the plan:\n{}", wrong.join("\n"));
}

#[test]
fn the_runtime_stays_on_its_floors() {
    for (name, module, text) in sources() {
        let upper = ["pipeline", "status", "cluster", "cli", "main"].contains(&module.as_str());
        assert!(
            upper || !text.contains("tokio::"),
            "src/{name} names the runtime; it belongs to pipeline, status, cluster and cli"
        );
    }
}

#[test]
fn text_stages_touch_neither_clock_nor_disk() {
    const OUTSIDE: &[&str] =
        &["SystemTime::now", "Instant::now", "Timestamp::now", "Zoned::now", "std::fs", "std::net", "std::env::"];
    for (name, module, text) in sources() {
        if ["record", "clean", "segment", "enrich"].contains(&module.as_str()) {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for word in OUTSIDE {
                assert!(!code.contains(word), "src/{name} uses {word}; a text stage is a function of its input");
            }
        }
    }
}
