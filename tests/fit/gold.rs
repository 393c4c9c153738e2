//! Pages with their truth: at which line ends a paragraph ends.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use wenliu::clean::{Cleaner, Page};
use wenliu::record::drop::{Carry, Chunk, DropId, DropInfo};

use crate::typeset::{self, Dice, Layout, Story};

/// A page up to reflow, and what is true of it.
pub struct Sample {
    pub name: String,
    pub page: Page,
    /// For each kept line, whether a paragraph ends with it; `None` where the truth does not say.
    pub ends: Vec<Option<bool>>,
    pub held_out: bool,
}

/// The file as one chunk.
pub fn chunk(path: &Path) -> Chunk {
    let bytes = std::fs::read(path).expect("a drop can be read");
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let info = DropInfo { id: DropId([0; 32]), name, bytes: bytes.len() as u64, admitted_ms: 0, mtime_ms: 0 };
    Chunk { drop: Arc::new(info), index: 0, start: 0, bytes, last: true }
}

/// Every drop of the corpus with its truth, but for those whose columns are interleaved.
pub fn samples(cleaner: &Cleaner, corpus: &Path) -> Vec<Sample> {
    let mut files: Vec<_> = std::fs::read_dir(corpus.join("gold")).expect("gold").flatten().map(|e| e.path()).collect();
    files.sort();
    let mut out = Vec::new();
    for (number, file) in files.iter().enumerate() {
        let gold: Value =
            serde_json::from_slice(&std::fs::read(file).expect("gold can be read")).expect("gold is JSON");
        if gold["features"].as_array().is_some_and(|f| f.iter().any(|f| f == "pdf-layout")) {
            continue;
        }
        let name = gold["drop"].as_str().unwrap_or_default().to_owned();
        let mut chunk = chunk(&corpus.join("drops").join(&name));
        let page = cleaner.page(&mut chunk, &Carry::default()).expect("every drop is text");
        let ends = align(&page, &units(&gold));
        let unknown = ends.iter().filter(|e| e.is_none()).count();
        if unknown > 0 {
            eprintln!("{name}: {unknown} lines of {} have no truth", ends.len());
        }
        out.push(Sample { name, page, ends, held_out: number % 4 == 3 });
    }
    out
}

/// Pages that the typesetter makes of the articles of drops that are not held out, in layouts of all kinds.
pub fn reset(cleaner: &Cleaner, corpus: &Path, count: u64) -> Vec<Sample> {
    let stories = stories(corpus);
    let mut out = Vec::new();
    for seed in 1..=count {
        let mut dice = Dice::new(seed);
        let latin = dice.chance(20);
        let kind: Vec<&Story> = stories.iter().filter(|(l, _)| *l == latin).map(|(_, s)| s).collect();
        let page: Vec<Story> = (0..dice.between(1, 4)).map(|_| dice.pick(&kind).clone()).collect();
        let layout = Layout::roll(&mut dice, latin);
        let text = typeset::set(&mut dice, &page, &layout);
        let name = format!("set{seed}");
        let info = DropInfo { id: DropId([0; 32]), name: name.clone(), bytes: 0, admitted_ms: 0, mtime_ms: 0 };
        let mut chunk = Chunk { drop: Arc::new(info), index: 0, start: 0, bytes: text.into_bytes(), last: true };
        let Ok(page_read) = cleaner.page(&mut chunk, &Carry::default()) else { continue };
        let ends = align(&page_read, &story_units(&page));
        out.push(Sample { name, page: page_read, ends, held_out: false });
    }
    out
}

fn story_units(stories: &[Story]) -> Vec<String> {
    let mut out = Vec::new();
    for story in stories {
        out.push(normal(&story.headline));
        out.push(normal(&story.byline));
        out.extend(story.paragraphs.iter().map(|p| normal(p)));
        if !story.credit.is_empty() {
            out.push(normal(&format!("（{}）", story.credit)));
        }
    }
    out.retain(|unit| !unit.is_empty());
    out
}

/// The articles of all drops that are not held out, and whether they are English.
fn stories(corpus: &Path) -> Vec<(bool, Story)> {
    let mut files: Vec<_> = std::fs::read_dir(corpus.join("gold")).expect("gold").flatten().map(|e| e.path()).collect();
    files.sort();
    let mut out = Vec::new();
    for file in files.iter().enumerate().filter(|(number, _)| number % 4 != 3).map(|(_, file)| file) {
        let gold: Value =
            serde_json::from_slice(&std::fs::read(file).expect("gold can be read")).expect("gold is JSON");
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        for article in gold["articles"].as_array().into_iter().flatten() {
            let place = article["byline_place"].as_str().unwrap_or_default();
            let story = Story {
                headline: text(&article["headline"]),
                byline: if place == "head" { text(&article["byline_raw"]) } else { String::new() },
                paragraphs: article["paragraphs"].as_array().into_iter().flatten().map(text).collect(),
                credit: if place.starts_with("tail") { text(&article["byline"]) } else { String::new() },
                credit_alone: place == "tailline",
            };
            out.push((gold["lang"] == "en", story));
        }
    }
    out
}

/// The pieces that must stay apart, in order: headlines, bylines, paragraphs.
fn units(gold: &Value) -> Vec<String> {
    let text = |v: &Value| normal(v.as_str().unwrap_or_default());
    let mut out = Vec::new();
    for article in gold["articles"].as_array().into_iter().flatten() {
        let place = article["byline_place"].as_str().unwrap_or_default();
        out.push(text(&article["headline"]));
        if place == "head" {
            out.push(text(&article["byline_raw"]));
        }
        out.extend(article["paragraphs"].as_array().into_iter().flatten().map(text));
        if place.starts_with("tail") {
            out.push(text(&article["byline_raw"]));
        }
    }
    out.retain(|unit| !unit.is_empty());
    out
}

/// Characters as the comparison sees them: no blanks, nothing invisible, one width.
fn normal(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{ad}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{e000}'..='\u{f8ff}'))
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            c => c,
        })
        .collect()
}

fn align(page: &Page, units: &[String]) -> Vec<Option<bool>> {
    let gold: Vec<char> = units.concat().chars().collect();
    let mut at = 0;
    let unit_ends: HashSet<usize> = units
        .iter()
        .map(|unit| {
            at += unit.chars().count();
            at
        })
        .collect();
    let mut here = 0;
    page.kept
        .iter()
        .map(|kept| {
            let line: Vec<char> = normal(page.sheet.text(&kept.line)).chars().collect();
            let starts = |at: usize, line: &[char]| gold.get(at..at + line.len()).is_some_and(|g| g == line);
            let mended = line.strip_suffix(&['-']).unwrap_or(&line);
            // A line that furniture ate before this one leaves a gap in the truth.
            for skip in 0..200 {
                if skip > 0 && line.len() < 6 {
                    break;
                }
                for piece in [line.as_slice(), mended] {
                    if starts(here + skip, piece) {
                        here += skip + piece.len();
                        return Some(unit_ends.contains(&here));
                    }
                }
            }
            None
        })
        .collect()
}
