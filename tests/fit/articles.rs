//! Fits the weights of the article cutter on annotated pages, and holds them to a floor on pages it never saw.
//!
//! ```text
//! cargo test --profile ci --test fit_articles                 check the shipped weights on the pages held out
//! cargo test --profile ci --test fit_articles -- --fit        fit, and rewrite config/articles.tsv
//! cargo test --profile ci --test fit_articles -- --errors     also list what is cut wrong
//! cargo test --profile ci --test fit_articles -- --speed      bytes of the drops per second of CLEAN and of SEGMENT
//! ```
//!
//! Pages are the drops of the annotated corpus beside this checkout; every fourth (number % 4 == 3) is held out. A
//! group of paragraphs is one decision: an article begins at one of its places, or nowhere. The model is a conditional
//! logit over these, fitted by plain gradient ascent from zero with a penalty on large weights, so the same corpus
//! gives the same numbers on every machine.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use serde::Deserialize;
use wenliu::config::{CleanConfig, SegmentConfig};
use wenliu::lexicon::Lexicon;
use wenliu::record::drop::{Carry, Chunk, DropId, DropInfo};
use wenliu::record::remark::Remarks;
use wenliu::record::text::CleanText;
use wenliu::segment::blocks::{self, Block};
use wenliu::segment::cut::{self, COUNT, Evidence, NAMES, Piece, Place, Weights};
use wenliu::segment::{pieces, weights};

const HELD_OUT_MIN: f64 = 0.93;
const ROUNDS: usize = 4000;
const STEP: f64 = 0.5;
const PENALTY: f64 = 0.001;
/// Weight of a copy of every sure beginning without its cues: the hard case is rarer on the pages than in the world.
const BARE: f64 = 0.1;

#[derive(Deserialize)]
struct Gold {
    articles: Vec<GoldArticle>,
    features: Vec<String>,
}

#[derive(Deserialize)]
struct GoldArticle {
    headline: Option<String>,
    byline_raw: Option<String>,
    paragraphs: Vec<String>,
}

/// One decision: the places of a group, and which of them is right.
struct Group {
    places: Vec<Place>,
    right: Option<usize>,
    told: String,
}

struct Page {
    name: String,
    held_out: bool,
    groups: Vec<Group>,
    /// Beginnings that no place offers: CLEAN joined across them, or a look was wrong.
    unreachable: usize,
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !corpus.join("gold").is_dir() {
        eprintln!("no annotated corpus beside this checkout: the weights are neither fitted nor checked");
        return;
    }
    if args.iter().any(|a| a == "--speed") {
        speed(&corpus);
        return;
    }
    let pages = pages(&corpus);
    if args.iter().any(|a| a == "--fit") {
        let fitted = fit(&pages);
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("config/articles.tsv"), table(&fitted)).expect("written");
        report("fitted", &pages, &fitted, &args);
    }
    let score = report("shipped", &pages, &weights::builtin(), &args);
    assert!(
        args.len() > 1 || score >= HELD_OUT_MIN,
        "article beginnings on held-out pages: F1 {score:.4} is below {HELD_OUT_MIN}; fit again with -- --fit"
    );
}

fn pages(corpus: &Path) -> Vec<Page> {
    let lexicon = Arc::new(Lexicon::builtin());
    let cleaner = wenliu::clean::Cleaner::new(&CleanConfig::default(), lexicon.clone());
    let mut files: Vec<PathBuf> =
        fs::read_dir(corpus.join("drops")).expect("drops").flatten().map(|e| e.path()).collect();
    files.sort();
    let mut pages = Vec::new();
    for file in files {
        let stem = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let gold = fs::read_to_string(corpus.join("gold").join(format!("{stem}.json"))).expect("gold");
        let gold: Gold = serde_json::from_str(&gold).expect("gold is JSON");
        if gold.features.iter().any(|f| f == "pdf-layout") {
            continue;
        }
        let bytes = fs::read(&file).expect("readable");
        let Some(clean) = clean(&cleaner, &stem, bytes) else { continue };
        let clean = pieces::come_apart(&lexicon.press, clean, &mut Remarks::default());
        let number: u32 = stem.get(1..4).and_then(|n| n.parse().ok()).unwrap_or(0);
        pages.push(page(&lexicon, stem, number % 4 == 3, &clean, &gold));
    }
    pages
}

fn clean(cleaner: &wenliu::clean::Cleaner, name: &str, bytes: Vec<u8>) -> Option<CleanText> {
    let info =
        DropInfo { id: DropId([0; 32]), name: name.into(), bytes: bytes.len() as u64, admitted_ms: 0, mtime_ms: 0 };
    let chunk = Chunk { drop: Arc::new(info), index: 0, start: 0, bytes, last: true };
    cleaner.clean(chunk, Carry::default(), Remarks::default()).ok().map(|(clean, _)| clean)
}

/// Reads every drop a few times and tells how fast each stage is, on one thread.
fn speed(corpus: &Path) {
    let lexicon = Arc::new(Lexicon::builtin());
    let cleaner = wenliu::clean::Cleaner::new(&CleanConfig::default(), lexicon.clone());
    let segmenter = wenliu::segment::Segmenter::new(&SegmentConfig::default(), lexicon).expect("built-in weights");
    let drops: Vec<Vec<u8>> = fs::read_dir(corpus.join("drops"))
        .expect("drops")
        .flatten()
        .map(|e| fs::read(e.path()).expect("readable"))
        .collect();
    let bytes: usize = drops.iter().map(Vec::len).sum();
    for _ in 0..5 {
        let began = Instant::now();
        let texts: Vec<CleanText> = drops.iter().filter_map(|d| clean(&cleaner, "speed", d.clone())).collect();
        let cleaned = began.elapsed().as_secs_f64();
        let articles: usize = texts.into_iter().map(|t| segmenter.segment(t).articles.len()).sum();
        let both = began.elapsed().as_secs_f64();
        let rate = |seconds: f64| bytes as f64 / 1e6 / seconds;
        println!(
            "CLEAN {:.1} MB/s, SEGMENT {:.1} MB/s, both {:.1} MB/s ({articles} articles, {bytes} bytes)",
            rate(cleaned),
            rate(both - cleaned),
            rate(both)
        );
    }
}

/// Letters, digits and Chinese characters alone, so that folding and punctuation do not matter.
fn bare(text: &str) -> Vec<char> {
    let fold = |c: char| if ('！'..='～').contains(&c) { char::from_u32(c as u32 - 0xfee0).unwrap_or(c) } else { c };
    text.chars().map(fold).filter(|c| c.is_alphanumeric()).collect()
}

fn page(lexicon: &Lexicon, name: String, held_out: bool, clean: &CleanText, gold: &Gold) -> Page {
    let blocks = blocks::all(&lexicon.press, clean);
    let truth = truth(&blocks, gold);
    let mut groups = Vec::new();
    let mut reached = 0;
    cut::walk(lexicon, &blocks, |places| {
        let last = places.last().map_or(0, |p| p.block);
        let right = places.iter().position(|p| truth.contains(&p.block));
        reached += usize::from(right.is_some());
        let context = |i: usize| blocks.get(i).map_or("", |b| b.text);
        let told = format!(
            "{} ‖ {}",
            context(last.saturating_sub(1))
                .chars()
                .rev()
                .take(14)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect::<String>(),
            places
                .iter()
                .map(|p| context(p.block).chars().take(24).collect::<String>())
                .collect::<Vec<_>>()
                .join(" / ")
        );
        groups.push(Group { places: places.to_vec(), right, told });
        right
    });
    let unreachable = truth.len().saturating_sub(1).saturating_sub(reached);
    Page { name, held_out, groups, unreachable }
}

/// The blocks that begin an article according to the gold.
fn truth(blocks: &[Block<'_>], gold: &Gold) -> Vec<usize> {
    let bare_blocks: Vec<Vec<char>> = blocks.iter().map(|b| bare(b.text)).collect();
    let mut stream: Vec<char> = Vec::new();
    let mut owner: Vec<usize> = Vec::new();
    for (index, b) in bare_blocks.iter().enumerate() {
        stream.extend(b);
        owner.extend(std::iter::repeat_n(index, b.len()));
    }
    let mut from = 0;
    let mut starts = Vec::new();
    for article in &gold.articles {
        let first = bare(article.paragraphs.first().map_or("", String::as_str));
        let Some(at) = [24, 14, 8].iter().find_map(|n| find(&stream, first.get(..*n.min(&first.len()))?, from)) else {
            continue;
        };
        let body: usize = article.paragraphs.iter().map(|p| bare(p).len()).sum();
        from = at + body * 9 / 10;
        let lead = owner[at];
        let mut start = lead;
        let front = bare(&format!(
            "{}{}{}",
            article.headline.as_deref().unwrap_or_default(),
            article.byline_raw.as_deref().unwrap_or_default(),
            article.headline.as_deref().unwrap_or_default()
        ));
        while start > 0 && !bare_blocks[start - 1].is_empty() && find(&front, &bare_blocks[start - 1], 0).is_some() {
            start -= 1;
        }
        starts.push(start);
    }
    starts
}

fn find(stream: &[char], needle: &[char], from: usize) -> Option<usize> {
    if needle.is_empty() || from >= stream.len() {
        return None;
    }
    stream[from..].windows(needle.len()).position(|w| w == needle).map(|at| at + from)
}

fn fit(pages: &[Page]) -> Weights {
    let groups: Vec<&Group> = pages.iter().filter(|p| !p.held_out).flat_map(|p| &p.groups).collect();
    let bare: Vec<Group> = groups.iter().filter_map(|g| without_cues(g)).collect();
    let all: Vec<(&Group, f64)> = groups.iter().map(|g| (*g, 1.0)).chain(bare.iter().map(|g| (g, BARE))).collect();
    let mut weights = [0.0_f64; COUNT];
    let mut momentum = [0.0_f64; COUNT];
    for _ in 0..ROUNDS {
        let mut slope = [0.0_f64; COUNT];
        for (group, importance) in &all {
            let sums: Vec<f64> = group.places.iter().map(|p| dot(&weights, &p.evidence)).collect();
            let top = sums.iter().copied().fold(0.0, f64::max);
            let total: f64 = sums.iter().map(|s| (s - top).exp()).sum::<f64>() + (-top).exp();
            for (nth, place) in group.places.iter().enumerate() {
                let share = (sums[nth] - top).exp() / total;
                let error = importance * (f64::from(u8::from(group.right == Some(nth))) - share);
                for (s, e) in slope.iter_mut().zip(&place.evidence) {
                    *s += error * f64::from(*e);
                }
            }
        }
        for k in 0..COUNT {
            let gradient = slope[k] / groups.len() as f64 * 10.0 - PENALTY * (weights[k] - prior(k));
            momentum[k] = 0.9 * momentum[k] + 0.1 * gradient;
            weights[k] += STEP * momentum[k];
        }
    }
    weights[Piece::Bias as usize] += best_shift(&weights, &groups);
    let mut rounded = [0.0_f32; COUNT];
    for (r, w) in rounded.iter_mut().zip(weights) {
        *r = ((w * 100.0).round() / 100.0) as f32;
    }
    Weights(rounded)
}

/// A beginning as it would be without headline, dateline and credits.
fn without_cues(group: &Group) -> Option<Group> {
    const CUES: &[Piece] = &[
        Piece::DatelineOwn,
        Piece::DatelineAgency,
        Piece::DatelineUnknown,
        Piece::CreditHead,
        Piece::Line,
        Piece::LineSecond,
        Piece::LineMore,
        Piece::LineWrapped,
        Piece::LineWide,
        Piece::LineTiny,
        Piece::LineEnumerated,
        Piece::LineColon,
        Piece::LineAsks,
        Piece::LineInParts,
        Piece::LineBlankBefore,
        Piece::LineBlankAfter,
        Piece::LineUsual,
        Piece::LineEchoed,
        Piece::LineKnown,
        Piece::LineLeftBehind,
        Piece::ClosedApart,
        Piece::ClosedInline,
    ];
    group.right?;
    let mut place = group.places.last()?.clone();
    for cue in CUES {
        place.evidence[*cue as usize] = 0.0;
    }
    Some(Group { places: vec![place], right: Some(0), told: String::new() })
}

/// How far to move the bias so that as many beginnings are missed as invented: the fit counts likelihood, readers
/// count articles.
fn best_shift(weights: &[f64; COUNT], groups: &[&Group]) -> f64 {
    let mut best: (Vec<f64>, f64) = (Vec::new(), 0.0);
    for step in -10..=20 {
        let shift = f64::from(step) / 10.0;
        let (mut right, mut errors) = (0, 0);
        for group in groups {
            let sums = group.places.iter().map(|p| dot(weights, &p.evidence) + shift).enumerate();
            let top = sums.filter(|(_, s)| *s > 0.0).max_by(|a, b| a.1.total_cmp(&b.1)).map(|(i, _)| i);
            match (top, group.right) {
                (a, b) if a == b => right += usize::from(a.is_some()),
                (a, b) => errors += usize::from(a.is_some()) + usize::from(b.is_some()),
            }
        }
        let f1 = 2.0 * right as f64 / (2 * right + errors) as f64;
        if f1 > best.1 + 1e-9 {
            best = (vec![shift], f1);
        } else if f1 > best.1 - 1e-9 {
            best.0.push(shift);
        }
    }
    // Of equally good shifts the one in the middle has the most room on both sides.
    best.0.get(best.0.len() / 2).copied().unwrap_or(0.0)
}

/// What a weight is drawn to: nothing, but for what every reader of newspapers knows to be decisive.
fn prior(piece: usize) -> f64 {
    if piece == Piece::DatelineOwn as usize { 10.0 } else { 0.0 }
}

fn dot(weights: &[f64; COUNT], evidence: &Evidence) -> f64 {
    weights.iter().zip(evidence).map(|(w, e)| w * f64::from(*e)).sum()
}

/// Prints how well the beginnings are found, and answers the F1 on the pages held out.
fn report(which: &str, pages: &[Page], weights: &Weights, args: &[String]) -> f64 {
    let mut held_out = 0.0;
    for out in [false, true] {
        let (mut right, mut wrong, mut missed, mut unreachable) = (0, 0, 0, 0);
        for page in pages.iter().filter(|p| p.held_out == out) {
            unreachable += page.unreachable;
            for group in &page.groups {
                let best = weights.best(&group.places);
                match (best, group.right) {
                    (a, b) if a == b => right += usize::from(a.is_some()),
                    (a, b) => {
                        wrong += usize::from(a.is_some());
                        missed += usize::from(b.is_some());
                        if args.iter().any(|a| a == "--errors") {
                            let at = b.or(a).unwrap_or(0);
                            let why = weights.told(&group.places[at].evidence);
                            println!("  {} {a:?} for {b:?}: {}\n      {why}", page.name, group.told);
                        }
                    }
                }
            }
        }
        let f1 = 2.0 * right as f64 / (2 * right + wrong + missed + unreachable) as f64;
        let side = if out { "held out" } else { "fitted on" };
        println!(
            "{which} weights, pages {side}: F1 {f1:.4}, right {right}, wrong {wrong}, missed {missed}, unreachable {unreachable}"
        );
        if out {
            held_out = f1;
        }
    }
    held_out
}

fn table(weights: &Weights) -> String {
    let mut text = String::from(
        "# Weights of the evidence that an article begins; it begins where they add up to more than zero.\n\
         # Each piece is described where it is measured, in src/segment/cut.rs. Written by\n\
         # `cargo test --profile ci --test fit_articles -- --fit`.\n\
         evidence\tweight\n",
    );
    for (name, weight) in NAMES.iter().zip(weights.0) {
        writeln!(text, "{name}\t{weight}").expect("a string takes everything");
    }
    text
}
