//! `wenliu explain`: line by line, why a drop was joined, cut, set aside and tagged so.

use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::cli::Common;
use crate::cli::drop_file::{DropFile, RawLine};
use crate::cli::fault::{self, Fault};
use crate::pipeline::stages::Stages;
use crate::record::remark::Remark;
use crate::record::span::Span;

/// Arguments of `explain`.
#[derive(Args)]
#[command(after_help = "Examples:
  wenliu explain page.txt
  wenliu explain page.txt --rule reflow        only rules whose name begins so
  wenliu explain page.txt --json | jq 'select(.stage == \"clean\")'")]
pub struct Explain {
    /// The drop
    file: PathBuf,
    /// Only rules whose name begins with this
    #[arg(long, default_value = "", value_name = "PREFIX")]
    rule: String,
    /// One JSON object a remark
    #[arg(long)]
    json: bool,
}

/// One remark, placed in the drop and in the text.
#[derive(serde::Serialize)]
struct Row<'a> {
    stage: &'static str,
    rule: &'a str,
    /// Number of the raw line where it begins, from 1.
    line: usize,
    /// Byte of the drop where it begins.
    byte: u64,
    /// The text it speaks of.
    text: String,
    note: &'a str,
}

impl Explain {
    /// Prints every remark under the raw line where it begins.
    pub fn run(&self, common: &Common) -> Result<ExitCode, Fault> {
        let (config, _) = common.settings()?;
        let stages = Stages::build(&config).map_err(|e| Fault::config(&e))?;
        let drop = DropFile::read(&self.file, &stages)?;
        let lines = drop.raw_lines();
        let mut rows = rows(&drop, &lines);
        rows.retain(|r| r.rule.starts_with(&self.rule));
        let out = if self.json { as_json(&rows) } else { self.as_text(&drop, &lines, &rows) };
        fault::written(std::io::stdout().write_all(out.as_bytes()))?;
        Ok(ExitCode::SUCCESS)
    }

    fn as_text(&self, drop: &DropFile, lines: &[RawLine], rows: &[Row<'_>]) -> String {
        let mut out = String::new();
        let clean = &drop.enriched.segmented.clean;
        // A string takes any text.
        let _fits = writeln!(
            out,
            "{}: {}, {} articles",
            self.file.display(),
            clean.encoding,
            drop.enriched.segmented.articles.len()
        );
        for (index, line) in lines.iter().enumerate() {
            let _fits = writeln!(out, "{:>5}  {}", index + 1, line.text);
            for row in rows.iter().filter(|r| r.line == index + 1) {
                let _fits = writeln!(
                    out,
                    "         {:<8} {:<28} {}  {}",
                    row.stage,
                    row.rule,
                    shorten(&row.text, 20),
                    row.note
                );
            }
        }
        out
    }
}

fn rows<'a>(drop: &'a DropFile, lines: &[RawLine]) -> Vec<Row<'a>> {
    let segmented = &drop.enriched.segmented;
    let clean = &segmented.clean;
    let line_of = |byte: u64| lines.partition_point(|l| l.end <= byte).min(lines.len().saturating_sub(1)) + 1;
    let mut rows = Vec::new();
    let mut push = |stage, remark: &'a Remark, byte: u64, text: String| {
        rows.push(Row { stage, rule: remark.rule.0, line: line_of(byte), byte, text, note: &remark.note });
    };
    for remark in &clean.remarks.list {
        let byte = clean.chunk_start + u64::from(remark.span.start);
        let text = String::from_utf8_lossy(drop.bytes.get(remark.span.range()).unwrap_or_default()).trim().to_owned();
        push("clean", remark, byte, if clean.encoding == "utf-8" { text } else { String::new() });
    }
    let in_clean = |span: Span| clean.chunk_start + u64::from(clean.origins.raw(span).start);
    for remark in &segmented.remarks.list {
        push("segment", remark, in_clean(remark.span), remark.span.of(&clean.text).to_owned());
    }
    for (article, mentions) in segmented.articles.iter().zip(&drop.enriched.mentions) {
        for remark in &mentions.remarks.list {
            let text = remark.span.of(segmented.text(article)).to_owned();
            push("enrich", remark, in_clean(remark.span.plus(article.span.start)), text);
        }
    }
    rows.sort_by_key(|r| r.byte);
    rows
}

fn as_json(rows: &[Row<'_>]) -> String {
    rows.iter().map(|row| serde_json::to_string(row).expect("a row is plain data") + "\n").collect()
}

/// The first characters of a text, on one line.
fn shorten(text: &str, max: usize) -> String {
    let flat = text.replace(['\n', '\r'], " ");
    match flat.char_indices().nth(max) {
        Some((at, _)) => format!("“{}…”", flat.get(..at).unwrap_or_default()),
        None => format!("“{flat}”"),
    }
}
