//! Whole pages of invented local news, and the lines that they become.
//!
//! `UPDATE_GOLDEN=1` rewrites `tests/golden/`; the difference is then read as text.

use std::fs;

use crate::common::{lines, pages, path, read, shared_drops, stages};

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

#[test]
fn the_real_page_has_its_articles_paragraphs_and_bylines() {
    let Some((name, bytes)) = shared_drops().into_iter().find(|(name, _)| name.starts_with("wuxi-2024-09-05")) else {
        return;
    };
    let records: Vec<serde_json::Value> = lines(&read(&name, &bytes).expect("it is text"))
        .iter()
        .map(|line| serde_json::from_str(line).expect("a record"))
        .collect();
    let bylines: Vec<&str> = records.iter().filter_map(|r| r["by"].as_str()).collect();
    assert_eq!(bylines, ["高美梅", "高美梅", "惠晓婧"]);
    let paragraphs = |r: &serde_json::Value| {
        r["paras"].as_array().map_or(0, |list| list.iter().filter(|p| p["role"] != "byline").count())
    };
    assert_eq!(records.iter().map(paragraphs).collect::<Vec<_>>(), [3, 3, 4], "paragraphs of each article");
}
