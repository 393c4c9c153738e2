//! Fits the weights of reflow to pages whose paragraphs are known, and tells how good they are.
//!
//! `cargo test --profile ci --test fit -- write` fits and writes `config/lexicon/reflow.tsv`;
//! `… -- report` measures what is there; `… -- predict FILE` writes one line a drop for the corpus's own scorer.
//! Every fourth drop is held out of the fit. The same pages give the same weights.

mod crf;
mod gold;
#[path = "../typeset/mod.rs"]
mod typeset;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use wenliu::clean::Cleaner;
use wenliu::clean::reflow;
use wenliu::config::CleanConfig;
use wenliu::lexicon::Lexicon;
use wenliu::record::drop::Carry;
use wenliu::record::remark::Remarks;

use crate::gold::Sample;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).filter(|a| !a.starts_with("--")).collect();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if words.is_empty() {
        return;
    }
    if !corpus.is_dir() {
        eprintln!("no corpus at {}; nothing to fit", corpus.display());
        return;
    }
    let cleaner = Cleaner::new(&CleanConfig::default(), Arc::new(Lexicon::builtin()));
    match words.as_slice() {
        ["write"] => write(&cleaner, &corpus),
        ["report"] => report(&cleaner, &gold::samples(&cleaner, &corpus)),
        ["errors", rest @ ..] => errors(&cleaner, &gold::samples(&cleaner, &corpus), rest),
        ["speed"] => speed(&cleaner, &corpus),
        ["predict", file] => predict(&cleaner, &corpus, Path::new(file)),
        _ => eprintln!("usage: fit write | report | errors [DROP…] | speed | predict FILE"),
    }
}

fn write(cleaner: &Cleaner, corpus: &Path) {
    let samples = gold::samples(cleaner, corpus);
    let reset = gold::reset(cleaner, corpus, 300);
    eprintln!("{} drops and {} pages set anew", samples.len(), reset.len());
    let weights = crf::fit(&samples.iter().filter(|s| !s.held_out).chain(&reset).collect::<Vec<_>>());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/lexicon/reflow.tsv");
    std::fs::write(&path, crf::table(&weights)).expect("the weights can be written");
    eprintln!("wrote {}", path.display());
    let fitted = reflow::Weights { values: weights };
    for held_out in [false, true] {
        let part: Vec<&Sample> = samples.iter().filter(|s| s.held_out == held_out).collect();
        eprintln!("{} {}", if held_out { "held out" } else { "fitted  " }, measure(&part, &fitted));
    }
    eprintln!("set anew {}", measure(&reset.iter().collect::<Vec<_>>(), &fitted));
}

fn report(cleaner: &Cleaner, samples: &[Sample]) {
    for held_out in [false, true] {
        let part: Vec<&Sample> = samples.iter().filter(|s| s.held_out == held_out).collect();
        eprintln!("{} {}", if held_out { "held out" } else { "fitted  " }, measure(&part, cleaner.weights()));
    }
}

/// Prints every boundary that was decided wrongly.
fn errors(cleaner: &Cleaner, samples: &[Sample], names: &[&str]) {
    for sample in samples.iter().filter(|s| names.is_empty() || names.iter().any(|n| s.name.starts_with(n))) {
        let decisions = reflow::best_path(&sample.page.evidence, cleaner.weights());
        for (index, decision) in decisions.iter().enumerate() {
            if sample.ends.get(index).copied().flatten().is_some_and(|end| end != decision.ends) {
                let line = |i: usize| sample.page.kept.get(i).map_or("", |k| sample.page.sheet.text(&k.line));
                let next = sample.page.kept.get(index + 1).map(|k| k.line).unwrap_or_default();
                let e = &sample.page.evidence[index];
                println!(
                    "{}{} {} {:+.1} col {} missing {} slack {} blank {} indent {}\n    {}\n    {}\n    {}",
                    sample.name,
                    if sample.held_out { "*" } else { "" },
                    if decision.ends { "SPLIT" } else { "JOIN " },
                    decision.margin,
                    e.column,
                    e.missing,
                    e.slack,
                    next.blank_before,
                    next.indent,
                    index.checked_sub(1).map_or("", line),
                    line(index),
                    line(index + 1)
                );
                for f in e.unary.iter() {
                    print!(
                        " {}={:.1}",
                        wenliu::clean::features::name(usize::from(*f)),
                        cleaner.weights().values[usize::from(*f)]
                    );
                }
                println!();
            }
        }
    }
}

fn measure(samples: &[&Sample], weights: &reflow::Weights) -> String {
    let (mut right, mut missed, mut false_ends, mut joins) = (0, 0, 0, 0);
    for sample in samples {
        let decisions = reflow::best_path(&sample.page.evidence, weights);
        for (decision, end) in decisions.iter().zip(&sample.ends) {
            match (end, decision.ends) {
                (Some(true), true) => right += 1,
                (Some(true), false) => missed += 1,
                (Some(false), true) => false_ends += 1,
                (Some(false), false) => joins += 1,
                (None, _) => {}
            }
        }
    }
    let f1 = 2.0 * f64::from(right) / f64::from(2 * right + missed + false_ends).max(1.0);
    format!(
        "{} drops: F1 {f1:.4}, ends {right} found {missed} missed, {false_ends} false of {joins} joins",
        samples.len()
    )
}

/// Cleans the corpus over and over on one thread.
fn speed(cleaner: &Cleaner, corpus: &Path) {
    let paths: Vec<PathBuf> =
        std::fs::read_dir(corpus.join("drops")).expect("drops").flatten().map(|e| e.path()).collect();
    let chunks: Vec<_> = paths.iter().map(|p| gold::chunk(p)).collect();
    let bytes: usize = chunks.iter().map(|c| c.bytes.len()).sum();
    for _ in 0..3 {
        let start = cpu_seconds();
        for _ in 0..20 {
            for chunk in &chunks {
                let cleaned = cleaner.clean(chunk.clone(), Carry::default(), Remarks::default());
                assert!(cleaned.is_ok(), "every drop is text");
            }
        }
        let seconds = cpu_seconds() - start;
        eprintln!("{:.1} MB a CPU second", bytes as f64 * 20.0 / seconds / 1e6);
    }
}

/// Time that this thread has had on a core: a busy machine does not change it.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

fn predict(cleaner: &Cleaner, corpus: &Path, file: &Path) {
    let mut names: Vec<PathBuf> =
        std::fs::read_dir(corpus.join("drops")).expect("drops").flatten().map(|e| e.path()).collect();
    names.sort();
    let mut out = String::new();
    for path in names {
        let chunk = gold::chunk(&path);
        let name = chunk.drop.name.clone();
        let (clean, _) = cleaner.clean(chunk, Carry::default(), Remarks::default()).expect("every drop is text");
        let paragraphs: Vec<&str> = clean.paras.iter().map(|p| p.span.of(&clean.text)).collect();
        let line = serde_json::json!({
            "drop": name,
            "encoding": clean.encoding,
            "warnings": clean.warnings,
            "articles": [{"headline": null, "byline": null, "paragraphs": paragraphs}],
        });
        out.push_str(&format!("{line}\n"));
    }
    std::fs::write(file, out).expect("the predictions can be written");
}
