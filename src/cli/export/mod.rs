//! `wenliu export`: records in the formats of other tools, one line in, one or more lines out.

mod csv;
mod dolma;
pub(super) mod input;
mod ninjs;
mod spacy;
mod webanno;

use std::io::{BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::cli::Common;
use crate::cli::export::input::Lines;
use crate::cli::fault::{self, Fault, USAGE};
use crate::record::line::{Record, to_json};

/// Arguments of `export`.
#[derive(Args)]
#[command(after_help = "Examples:
  wenliu export --to csv > articles.csv                     everything in the output folder
  wenliu export --to ninjs out/sealed/articles-*.jsonl > news.jsonl
  wenliu once page.txt | wenliu export --to spacy | head -1
  wenliu tail --follow | wenliu export --to dolma >> dolma/documents.jsonl
  wenliu export --to csv --explode ents | grep PERSON

Without PATH: standard input when it is no terminal, else sink.folder. A folder means its segments, sealed and growing.")]
pub struct Export {
    /// The format
    #[arg(long, value_name = "FORMAT")]
    to: Format,
    /// Segments, output folders, or - for standard input
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// For csv: one row a sentence or a mention instead of one an article
    #[arg(long, value_name = "WHAT")]
    explode: Option<Explode>,
    /// Leave out fragments (text that is neither prose nor furniture)
    #[arg(long)]
    articles: bool,
}

/// What other tools call an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// IPTC ninjs 3.1, one news item a line
    Ninjs,
    /// Dolma documents
    Dolma,
    /// Dolma attributes, to go with the documents
    DolmaAttributes,
    /// spaCy's Doc.from_json; nested names are in spans["wenliu"]
    Spacy,
    /// W3C Web Annotations, one mention a line
    Webanno,
    /// A table with a header line
    Csv,
}

/// What a row of a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Explode {
    Sentences,
    Ents,
}

impl Export {
    /// Reads every record and prints it in the other format.
    pub fn run(&self, common: &Common) -> Result<ExitCode, Fault> {
        if self.explode.is_some() && self.to != Format::Csv {
            return Err(Fault::plain(USAGE, "--explode makes rows, so it goes with --to csv only"));
        }
        let mut paths = self.paths.clone();
        if paths.is_empty() {
            let piped = !std::io::stdin().is_terminal();
            paths.push(if piped { PathBuf::from("-") } else { common.settings()?.0.sink.folder });
        }
        let mut out = BufWriter::new(std::io::stdout());
        let mut row = Vec::new();
        if self.to == Format::Csv {
            csv::header(self.explode, &mut row);
        }
        fault::written(out.write_all(&row))?;
        for record in Lines::open(&paths)? {
            let record = record?;
            if self.articles && record.r#type != "article" {
                continue;
            }
            row.clear();
            self.write(&record, &mut row);
            fault::written(out.write_all(&row))?;
        }
        fault::written(out.flush())?;
        Ok(ExitCode::SUCCESS)
    }

    fn write(&self, record: &Record<'_>, out: &mut Vec<u8>) {
        match self.to {
            Format::Ninjs => line(&ninjs::item(record), out),
            Format::Dolma => line(&dolma::document(record), out),
            Format::DolmaAttributes => line(&dolma::attributes(record), out),
            Format::Spacy => line(&spacy::doc(record), out),
            Format::Webanno => webanno::annotations(record).for_each(|a| line(&a, out)),
            Format::Csv => csv::rows(record, self.explode, out),
        }
    }
}

fn line(value: &serde_json::Value, out: &mut Vec<u8>) {
    out.extend_from_slice(&to_json(value));
    out.push(b'\n');
}

/// A text by code points, as the record counts them.
struct Points<'a> {
    text: &'a str,
    /// Byte of every code point, and of the end.
    bytes: Vec<usize>,
}

impl<'a> Points<'a> {
    fn new(text: &'a str) -> Points<'a> {
        Points { text, bytes: text.char_indices().map(|(at, _)| at).chain([text.len()]).collect() }
    }

    /// Code points in the text.
    fn count(&self) -> u64 {
        self.bytes.len() as u64 - 1
    }

    /// The text from code point `start` to before `end`; what lies outside is left out.
    fn slice(&self, start: u64, end: u64) -> &'a str {
        let byte = |point: u64| {
            let point = usize::try_from(point).unwrap_or(usize::MAX);
            self.bytes.get(point).copied().unwrap_or(self.text.len())
        };
        self.text.get(byte(start)..byte(end)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::record::line::{EntOut, ParaOut, PersonOut, Range, SentOut};

    /// A small record with a nested name, a line break and a character beyond the BMP.
    pub(super) fn sample() -> Record<'static> {
        let ent = |start, end, label, text: &'static str| EntOut {
            start,
            end,
            label: Cow::from(label),
            text: text.into(),
            norm: text.into(),
            reference: "".into(),
        };
        Record {
            seq: 7,
            id: "568c35b588f6cee42c50a1d05632d843-1".into(),
            r#type: "article".into(),
            source: "inbox".into(),
            added: "2026-11-22T11:49:22Z".into(),
            created: "2024-09-04".into(),
            language: "zh-Hans".into(),
            title: "王𬭎在无锡市北大街".into(),
            headline: "王𬭎在无锡市".into(),
            text: "王𬭎在无锡市\n无锡市北大街新开一店。".into(),
            body: Range { start: 7, end: 19 },
            summary: "无锡市北大街新开一店。".into(),
            keywords: vec!["无锡".into()],
            paras: vec![
                ParaOut { start: 0, end: 6, role: "headline".into() },
                ParaOut { start: 7, end: 18, role: "lead".into() },
            ],
            sents: vec![SentOut { start: 7, end: 18, para: 1 }],
            ents: vec![
                ent(0, 2, "PERSON", "王𬭎"),
                ent(3, 6, "GPE", "无锡市"),
                ent(7, 13, "FAC", "无锡市北大街"),
                ent(7, 10, "GPE", "无锡市"),
            ],
            people: vec![PersonOut {
                name: "王𬭎".into(),
                rel: "mentions".into(),
                mentions: vec![0],
                ..PersonOut::default()
            }],
            ..Record::default()
        }
    }

    #[test]
    fn points_count_characters_not_bytes() {
        let record = sample();
        let points = Points::new(&record.text);
        for ent in &record.ents {
            assert_eq!(points.slice(ent.start, ent.end), ent.text);
        }
        assert_eq!(points.slice(17, 99), "。");
    }

    #[test]
    fn every_format_writes_whole_lines_of_the_sample() {
        for to in Format::value_variants() {
            let export = Export { to: *to, paths: Vec::new(), explode: None, articles: false };
            let mut out = Vec::new();
            export.write(&sample(), &mut out);
            assert_eq!(out.last(), Some(&b'\n'), "{to:?}");
            if *to != Format::Csv {
                for line in String::from_utf8(out).expect("utf-8").lines() {
                    serde_json::from_str::<serde_json::Value>(line).expect("JSON");
                }
            }
        }
    }
}
