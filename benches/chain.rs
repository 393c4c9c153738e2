//! What the chain and each annotator cost, on the project's own pages.
//!
//! `cargo bench --bench chain`, or with `--profile ci`. Figures are of raw text for the chain, of article text for an
//! annotator.

use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use divan::Bencher;
use divan::counter::BytesCount;
use wenliu::config::Config;
use wenliu::enrich::anchor::Anchor;
use wenliu::enrich::entities::Named;
use wenliu::enrich::marks::Pair;
use wenliu::enrich::statements::Said;
use wenliu::enrich::{
    View, anchor, dates, entities, fingerprint, keywords, language, marks, quality, quantities, quotes, statements,
    subjects, summary,
};
use wenliu::pipeline::stages::Stages;
use wenliu::record::article::{Article, Segmented};
use wenliu::record::drop::{Carry, Chunk, DropId, DropInfo};
use wenliu::record::mention::{DateMention, Quantity};
use wenliu::record::remark::Remarks;

fn main() {
    divan::main();
}

fn stages() -> &'static Stages {
    static STAGES: OnceLock<Stages> = OnceLock::new();
    STAGES.get_or_init(|| Stages::build(&Config::default()).expect("the built-in tables are legal"))
}

fn chunks() -> &'static Vec<Chunk> {
    static CHUNKS: OnceLock<Vec<Chunk>> = OnceLock::new();
    CHUNKS.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/pages");
        let mut files: Vec<_> = fs::read_dir(folder).expect("the corpus").flatten().map(|e| e.path()).collect();
        files.sort();
        files
            .iter()
            .filter(|path| path.is_file())
            .map(|path| {
                let bytes = fs::read(path).expect("readable");
                let info = DropInfo {
                    id: DropId([0; 32]),
                    name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                    bytes: bytes.len() as u64,
                    admitted_ms: 1_725_500_000_000,
                    mtime_ms: 1_725_500_000_000,
                };
                Chunk { drop: Arc::new(info), index: 0, start: 0, bytes, last: true }
            })
            .collect()
    })
}

/// An article with what the annotators before have found.
struct Ready {
    page: &'static Segmented,
    article: &'static Article,
    language: String,
    anchor: Anchor,
    dates: Vec<DateMention>,
    quantities: Vec<Quantity>,
    named: Named,
    pairs: Vec<Pair>,
    said: Vec<Said>,
    words: Vec<String>,
}

impl Ready {
    fn view(&self) -> View<'_> {
        static CONFIG: OnceLock<Config> = OnceLock::new();
        View {
            text: self.page.text(self.article),
            article: self.article,
            clean: &self.page.clean,
            lexicon: &stages().lexicon,
            config: &CONFIG.get_or_init(Config::default).enrich,
            language: &self.language,
        }
    }
}

fn ready() -> &'static Vec<(Ready, View<'static>)> {
    static READY: OnceLock<Vec<(Ready, View<'static>)>> = OnceLock::new();
    READY.get_or_init(|| {
        let mut all = Vec::new();
        for chunk in chunks() {
            let cleaned = stages().cleaner.clean(chunk.clone(), Carry::default(), Remarks::default());
            let Ok((clean, _)) = cleaned else { continue };
            let page: &'static Segmented = Box::leak(Box::new(stages().segmenter.segment(clean)));
            for article in &page.articles {
                let mut one = Ready {
                    page,
                    article,
                    language: language::find(page.text(article), &stages().lexicon.scripts),
                    anchor: Anchor::default(),
                    dates: Vec::new(),
                    quantities: Vec::new(),
                    named: Named::default(),
                    pairs: marks::pairs(page.text(article), article),
                    said: Vec::new(),
                    words: Vec::new(),
                };
                let mut none = Remarks::default();
                one.anchor = anchor::find(&one.view(), &mut Vec::new(), &mut none);
                one.dates = dates::find(&one.view(), &one.anchor, &mut none);
                one.quantities = quantities::find(&one.view(), &one.dates, &mut none);
                one.named = entities::find(&one.view(), &one.dates, &one.quantities, &mut none);
                one.said = statements::find(&one.view(), &one.named, &one.pairs, &mut none);
                one.words = keywords::find(&one.view(), &one.named);
                let tag: &'static str = Box::leak(one.language.clone().into_boxed_str());
                let config = Box::leak(Box::new(Config::default()));
                let (text, clean, lexicon) = (page.text(article), &page.clean, &*stages().lexicon);
                let view = View { text, article, clean, lexicon, config: &config.enrich, language: tag };
                all.push((one, view));
            }
        }
        all
    })
}

fn each<T>(bencher: Bencher<'_, '_>, annotate: impl Fn(&Ready, &View<'static>) -> T + Sync) {
    let all = ready();
    let bytes: usize = all.iter().map(|(_, view)| view.text.len()).sum();
    bencher.counter(BytesCount::new(bytes)).bench(|| {
        for (one, view) in all {
            divan::black_box(annotate(one, view));
        }
    });
}

#[divan::bench]
fn chain(bencher: Bencher<'_, '_>) {
    let bytes: usize = chunks().iter().map(|c| c.bytes.len()).sum();
    bencher.counter(BytesCount::new(bytes)).bench(|| {
        for chunk in chunks() {
            let read = stages().read(chunk.clone(), Carry::default(), Remarks::default());
            divan::black_box(read.map(|(enriched, _)| stages().lines(&enriched))).ok();
        }
    });
}

#[divan::bench_group]
mod annotators {
    use super::*;

    #[divan::bench]
    fn language_and_script(bencher: Bencher<'_, '_>) {
        each(bencher, |_, view| language::find(view.text, &view.lexicon.scripts));
    }

    #[divan::bench]
    fn anchor_of_dates(bencher: Bencher<'_, '_>) {
        each(bencher, |_, view| anchor::find(view, &mut Vec::new(), &mut Remarks::default()));
    }

    #[divan::bench]
    fn dates_and_times(bencher: Bencher<'_, '_>) {
        each(bencher, |one, view| dates::find(view, &one.anchor, &mut Remarks::default()));
    }

    #[divan::bench]
    fn quantities_and_units(bencher: Bencher<'_, '_>) {
        each(bencher, |one, view| quantities::find(view, &one.dates, &mut Remarks::default()));
    }

    #[divan::bench]
    fn named_entities(bencher: Bencher<'_, '_>) {
        each(bencher, |one, view| entities::find(view, &one.dates, &one.quantities, &mut Remarks::default()));
    }

    #[divan::bench]
    fn quotation_marks(bencher: Bencher<'_, '_>) {
        each(bencher, |_, view| marks::pairs(view.text, view.article));
    }

    #[divan::bench]
    fn attributed_statements(bencher: Bencher<'_, '_>) {
        each(bencher, |one, view| statements::find(view, &one.named, &one.pairs, &mut Remarks::default()));
    }

    #[divan::bench]
    fn quoted_speech(bencher: Bencher<'_, '_>) {
        each(bencher, |one, view| quotes::find(view, &one.named, &one.pairs, &one.said));
    }

    #[divan::bench]
    fn key_phrases(bencher: Bencher<'_, '_>) {
        each(bencher, |one, view| keywords::find(view, &one.named));
    }

    #[divan::bench]
    fn title_and_summary(bencher: Bencher<'_, '_>) {
        each(bencher, |one, view| summary::find(view, &one.dates, &one.words));
    }

    #[divan::bench]
    fn users_subjects(bencher: Bencher<'_, '_>) {
        each(bencher, |_, view| subjects::find(view));
    }

    #[divan::bench]
    fn quality_signals(bencher: Bencher<'_, '_>) {
        each(bencher, |_, view| quality::find(view));
    }

    #[divan::bench]
    fn near_duplicate_fingerprint(bencher: Bencher<'_, '_>) {
        each(bencher, |_, view| fingerprint::find(view));
    }
}
