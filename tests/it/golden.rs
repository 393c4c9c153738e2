//! Whole pages of invented local news, and the lines that they become.
//!
//! `UPDATE_GOLDEN=1` rewrites `tests/golden/`; the difference is then read as text.

use std::fs;

use crate::common::{lines, pages, path, read, stages};

#[test]
fn every_page_becomes_its_golden_lines() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut wrong = Vec::new();
    let pages = pages();
    assert!(pages.len() >= 12, "the corpus has at least twelve pages");
    for (name, bytes) in pages {
        let got = match read(&name, &bytes) {
            // The hash over all settings and tables changes with every one of them; what it stands for is seen here.
            Ok(enriched) => lines(&enriched).concat().replace(&stages().render.config_hash, "0000000000000000"),
            Err(refusal) => format!("refused: {refusal}\n"),
        };
        let golden = path("tests/golden").join(&name).with_extension("jsonl");
        if update {
            fs::create_dir_all(path("tests/golden")).expect("a folder");
            fs::write(&golden, &got).expect("written");
        } else if fs::read_to_string(&golden).unwrap_or_default() != got {
            wrong.push(format!("{name}: {}", first_difference(&fs::read_to_string(&golden).unwrap_or_default(), &got)));
        }
    }
    assert!(
        wrong.is_empty(),
        "pages that read otherwise than before (UPDATE_GOLDEN=1 rewrites):\n{}",
        wrong.join("\n")
    );
}

/// Where two texts part, with a little of what follows in each.
fn first_difference(golden: &str, got: &str) -> String {
    let at = golden.chars().zip(got.chars()).take_while(|(a, b)| a == b).count();
    let piece = |text: &str| text.chars().skip(at.saturating_sub(30)).take(90).collect::<String>();
    format!("at character {at}\n    golden …{}…\n    got    …{}…", piece(golden), piece(got))
}
