//! `wenliu show`: the raw page beside its articles, in the terminal.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use unicode_width::UnicodeWidthChar;

use crate::cli::Common;
use crate::cli::drop_file::{DropFile, RawLine};
use crate::cli::fault::{self, Fault};
use crate::pipeline::stages::Stages;
use crate::record::article::Role;
use crate::record::mention::Enriched;
use crate::record::span::Span;

/// Arguments of `show`.
#[derive(Args)]
#[command(after_help = "Example:
  wenliu show page.txt | less -R

Left: the lines of the drop, furniture in grey. Right: the articles, people, places, organisations, dates and
quantities in colour (people blue, posts cyan, organisations magenta, places green, dates yellow).")]
pub struct Show {
    /// The drop
    file: PathBuf,
    /// Cells of the terminal; 0 = as it is
    #[arg(long, default_value_t = 0)]
    width: usize,
}

const GREY: &str = "90";
const BOLD: &str = "1";

/// A line of cells with the colours switched on and off inside.
#[derive(Default)]
struct Painted {
    text: String,
    cells: usize,
}

impl Show {
    /// Prints the drop and its articles side by side, each article beside the line where it begins.
    pub fn run(&self, common: &Common) -> Result<ExitCode, Fault> {
        let (config, _) = common.settings()?;
        let stages = Stages::build(&config).map_err(|e| Fault::config(&e))?;
        let drop = DropFile::read(&self.file, &stages)?;
        let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let lines = drop.raw_lines();
        let left = left_column(&drop, &lines, colour);
        let left_width = left.iter().map(|l| l.cells).max().unwrap_or(0).min(60);
        let width = if self.width > 0 { self.width } else { terminal_width() };
        let right = right_column(&drop.enriched, &lines, width.saturating_sub(left_width + 3).max(20), colour);
        let mut out = String::new();
        for index in 0..left.len().max(right.len()) {
            let (text, cells) = left.get(index).map_or(("", 0), |l| (l.text.as_str(), l.cells));
            out.push_str(text);
            out.extend(std::iter::repeat_n(' ', left_width.saturating_sub(cells)));
            out.push_str(" │ ");
            out.push_str(right.get(index).map_or("", |r| r.as_str()));
            out.truncate(out.trim_end().len());
            out.push('\n');
        }
        fault::written(std::io::stdout().write_all(out.as_bytes()))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn left_column(drop: &DropFile, lines: &[RawLine], colour: bool) -> Vec<Painted> {
    let clean = &drop.enriched.segmented.clean;
    let aside = |line: &RawLine| {
        clean.set_aside.iter().any(|a| {
            let (start, end) = (clean.chunk_start + u64::from(a.raw.start), clean.chunk_start + u64::from(a.raw.end));
            start < line.end && line.start < end && line.end - line.start <= end - start + 6
        })
    };
    let mut column = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        for (part, piece) in wrap(&line.text, 52).into_iter().enumerate() {
            let number = if part == 0 { format!("{:>4}  ", index + 1) } else { "      ".into() };
            let cells = number.len() + piece.chars().map(cells).sum::<usize>();
            let text = if aside(line) { paint(&format!("{number}{piece}"), GREY, colour) } else { number + &piece };
            column.push(Painted { text, cells });
        }
    }
    column
}

fn right_column(enriched: &Enriched, lines: &[RawLine], width: usize, colour: bool) -> Vec<String> {
    let segmented = &enriched.segmented;
    let clean = &segmented.clean;
    let mut column: Vec<String> = Vec::new();
    for (article, mentions) in segmented.articles.iter().zip(&enriched.mentions) {
        let byte = clean.chunk_start + u64::from(clean.origins.raw(article.span).start);
        let beside = lines.partition_point(|l| l.end <= byte);
        while column.len() < beside {
            column.push(String::new());
        }
        let text = segmented.text(article);
        for para in &article.paras {
            let code = match para.role {
                Role::Headline | Role::Subhead => Some(BOLD),
                Role::Byline | Role::Caption => Some(GREY),
                Role::Lead | Role::Body => None,
            };
            let colours: Vec<(Span, &str)> = match code {
                Some(code) => vec![(para.span, code)],
                None => mentions.ents.iter().filter_map(|e| Some((e.span, label_colour(e.label)?))).collect(),
            };
            column.extend(wrap_painted(text, para.span, &colours, width, colour));
        }
        let people: Vec<String> =
            mentions.people.iter().map(|p| format!("{} {}", p.name, p.titles.join("、")).trim().to_owned()).collect();
        if !people.is_empty() {
            column.extend(wrap(&format!("— {}", people.join("；")), width).iter().map(|l| paint(l, GREY, colour)));
        }
        column.push(String::new());
    }
    column
}

fn label_colour(label: &str) -> Option<&'static str> {
    Some(match label {
        "PERSON" => "94",
        "TITLE" => "36",
        "ORG" => "35",
        "GPE" | "LOC" | "FAC" => "32",
        "DATE" | "TIME" => "33",
        "EVENT" | "WORK_OF_ART" | "LAW" => "95",
        "MONEY" | "PERCENT" | "QUANTITY" | "ORDINAL" | "CARDINAL" => "93",
        _ => return None,
    })
}

/// Wraps a paragraph and paints the spans in it; a colour that a line end cuts goes on in the next line.
fn wrap_painted(text: &str, para: Span, colours: &[(Span, &str)], width: usize, colour: bool) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    let mut inside: Option<&str> = None;
    for (at, c) in para.of(text).char_indices() {
        let byte = para.start + u32::try_from(at).expect("a text is below 4 GiB");
        let wanted =
            colours.iter().find(|(s, _)| s.start <= byte && byte < s.end).map(|(_, code)| *code).filter(|_| colour);
        let line_end = used + cells(c) > width;
        if inside.is_some() && (wanted != inside || line_end) {
            lines.last_mut().expect("never empty").push_str("\u{1b}[0m");
            inside = None;
        }
        if line_end {
            lines.push(String::new());
            used = 0;
        }
        let line = lines.last_mut().expect("never empty");
        if let Some(code) = wanted.filter(|_| inside.is_none()) {
            line.push_str(&format!("\u{1b}[{code}m"));
            inside = wanted;
        }
        line.push(safe(c));
        used += cells(c);
    }
    if inside.is_some() {
        lines.last_mut().expect("never empty").push_str("\u{1b}[0m");
    }
    lines
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for c in text.chars().map(safe) {
        if used + cells(c) > width {
            lines.push(String::new());
            used = 0;
        }
        used += cells(c);
        lines.last_mut().expect("never empty").push(c);
    }
    lines
}

/// A drop may hold anything; what could move the cursor or turn the direction of writing is shown as a dot.
fn safe(c: char) -> char {
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if c.is_control() || turns { '·' } else { c }
}

fn cells(c: char) -> usize {
    c.width().unwrap_or(0)
}

fn paint(text: &str, code: &str, colour: bool) -> String {
    if colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

fn terminal_width() -> usize {
    rustix::termios::tcgetwinsize(std::io::stdout()).map_or(120, |size| usize::from(size.ws_col)).max(60)
}
