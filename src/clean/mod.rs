//! CLEAN: a chunk of dropped bytes becomes clean paragraphs, each character led back to its bytes.

mod around;
mod charset;
mod columns;
mod compose;
mod decode;
pub mod evidence;
pub mod features;
mod furniture;
pub mod glyphs;
mod imprint;
mod interleave;
mod look;
mod mojibake;
pub mod reflow;
mod refuse;

use std::sync::Arc;

use crate::clean::charset::{Charset, Choice};
use crate::clean::decode::Decoded;
use crate::clean::evidence::{Evidence, Kept};
use crate::clean::furniture::Sorted;
use crate::clean::glyphs::Sheet;
use crate::clean::reflow::{Decision, Weights};
use crate::config::CleanConfig;
use crate::lexicon::Lexicon;
use crate::record::drop::{Carry, Chunk};
use crate::record::remark::Remarks;
use crate::record::span::Span;
use crate::record::text::{CleanText, PageFacts, SetAside};

/// Why a chunk cannot become text; its drop goes to quarantine.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum Refusal {
    #[error("the drop is empty; nothing to read")]
    Empty,
    #[error("not text: byte {at} is {byte:#04x}; drop plain text, or extract it first")]
    Binary { at: u64, byte: u8 },
    #[error(
        "{share:.1} % of the bytes cannot be decoded as {encoding}, the first at byte {at}; set clean.encoding if the encoding is known"
    )]
    Undecodable { encoding: String, at: u64, share: f64 },
}

/// The CLEAN stage: built once, shared by all workers.
#[derive(Debug)]
pub struct Cleaner {
    lexicon: Arc<Lexicon>,
    weights: Weights,
    /// The encoding that the settings demand.
    encoding: Option<Charset>,
    undecodable_max: f64,
}

/// A chunk as far as reflow: what the fit of the weights and `explain` look at.
#[derive(Debug)]
pub struct Page {
    choice: Choice,
    decoded: Decoded,
    /// The rule by which a wrong decoding was undone.
    mended: Option<&'static str>,
    pub sheet: Sheet,
    sorted: Sorted,
    /// The lines that are text.
    pub kept: Vec<Kept>,
    /// What stands at the end of each kept line.
    pub evidence: Vec<Evidence>,
}

impl Cleaner {
    /// Builds the stage.
    pub fn new(config: &CleanConfig, lexicon: Arc<Lexicon>) -> Cleaner {
        let weights = Weights::new(&lexicon.reflow);
        Cleaner {
            lexicon,
            weights,
            encoding: Charset::named(&config.encoding),
            undecodable_max: config.undecodable_max,
        }
    }

    /// The weights in force.
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// Cleans one chunk with what the chunk before left it.
    ///
    /// # Errors
    /// The chunk is no text; see [`Refusal`].
    pub fn clean(&self, mut chunk: Chunk, carry: Carry, mut remarks: Remarks) -> Result<(CleanText, Carry), Refusal> {
        let chunk_bytes = chunk.bytes.len() as u64;
        let page = self.page(&mut chunk, &carry)?;
        let decisions = reflow::best_path(&page.evidence, &self.weights);
        if remarks.wanted {
            explain(&page, &decisions, &self.weights, &mut remarks);
        }
        let columns: Vec<u16> = page.evidence.iter().map(|e| e.column).collect();
        let composed = compose::compose(&page.sheet, &page.decoded.text, &page.kept, &columns, &decisions);
        let to_bytes = page.decoded.origins.then(&page.sheet.origins);
        let set_aside = set_aside(&page, &to_bytes);
        let carry = carry_on(&page, &columns, carry);
        let facts = PageFacts {
            published: carry.published.clone(),
            paper: carry.paper.clone(),
            page: carry.page.clone(),
            section: carry.section.clone(),
            editors: page.sorted.facts.editors.clone(),
        };
        let mut warnings = Vec::new();
        if interleave::is_interleaved(&page.sheet) {
            warnings.push("columns_interleaved");
        }
        if page.mended.is_some() {
            warnings.push("mojibake_repaired");
        }
        let clean = CleanText {
            drop: chunk.drop,
            chunk: chunk.index,
            chunk_start: chunk.start,
            chunk_bytes,
            last: chunk.last,
            origins: to_bytes.then(&composed.origins),
            text: composed.text,
            paras: composed.paras,
            page: facts,
            set_aside,
            encoding: page.choice.charset.name(),
            replaced: page.decoded.replaced,
            warnings,
            remarks,
        };
        Ok((clean, carry))
    }

    /// Reads a chunk up to the evidence for reflow; takes the chunk's bytes.
    ///
    /// # Errors
    /// The chunk is no text; see [`Refusal`].
    pub fn page(&self, chunk: &mut Chunk, carry: &Carry) -> Result<Page, Refusal> {
        let bytes = std::mem::take(&mut chunk.bytes);
        refuse::magic(&bytes, chunk)?;
        let choice = match (Charset::named(&carry.encoding), self.encoding) {
            (Some(charset), _) => Choice { charset, rule: "decode.carried", evidence: "as the chunk before".into() },
            (None, Some(charset)) => Choice { charset, rule: "decode.demanded", evidence: "by the settings".into() },
            (None, None) => Charset::choose(&bytes, &self.lexicon.frequent),
        };
        let total = bytes.len();
        let decoded = decode::decode(bytes, choice.charset);
        refuse::undecodable(&decoded, choice.charset, total, self.undecodable_max, chunk)?;
        let (decoded, mended) = mojibake::repair(decoded, &self.lexicon.frequent);
        let sheet = glyphs::read(&decoded.text);
        refuse::controls(&sheet, &decoded, chunk)?;
        let sorted = furniture::sort(&sheet, &self.lexicon.furniture, carry);
        let kept = keep(&sheet, &sorted);
        let evidence = evidence::collect(&sheet, &kept, &self.lexicon.furniture, &self.lexicon.dictionary);
        Ok(Page { choice, decoded, mended, sheet, sorted, kept, evidence })
    }
}

/// The lines that are text; blank lines around furniture count for the line after it.
fn keep(sheet: &Sheet, sorted: &Sorted) -> Vec<Kept> {
    let mut kept = Vec::with_capacity(sheet.lines.len());
    let (mut blank, mut page_break, mut furniture) = (0_u16, false, false);
    for (line, verdict) in sheet.lines.iter().zip(&sorted.verdicts) {
        blank = blank.saturating_add(line.blank_before);
        page_break |= line.page_break;
        if verdict.is_some() {
            furniture = true;
            continue;
        }
        let line = glyphs::Line { blank_before: blank, page_break, ..*line };
        kept.push(Kept { line, after_furniture: furniture });
        (blank, page_break, furniture) = (0, false, false);
    }
    kept
}

/// Every byte that no paragraph holds, other than white space, invisible characters and hyphens at joined line ends.
fn set_aside(page: &Page, to_bytes: &crate::record::span::Origins) -> Vec<SetAside> {
    let mut out: Vec<SetAside> = Vec::new();
    for (line, verdict) in page.sheet.lines.iter().zip(&page.sorted.verdicts) {
        if let Some(verdict) = verdict {
            out.push(SetAside { raw: to_bytes.raw(line.span), kind: verdict.kind });
        }
    }
    let lines = out.len();
    for noise in &page.sheet.noise {
        let raw = page.decoded.origins.raw(*noise);
        let known = out.get(..lines).unwrap_or_default();
        let before = known.partition_point(|s| s.raw.start <= raw.start).checked_sub(1).and_then(|i| known.get(i));
        if !before.is_some_and(|s| s.raw.holds(raw)) {
            out.push(SetAside { raw, kind: "noise" });
        }
    }
    out.extend(page.decoded.escapes.iter().map(|raw| SetAside { raw: *raw, kind: "escape" }));
    out.sort_by_key(|s| s.raw);
    out
}

fn carry_on(page: &Page, columns: &[u16], carry: Carry) -> Carry {
    let keep = |old: String, new: &str| if old.is_empty() { new.to_owned() } else { old };
    let facts = &page.sorted.facts;
    Carry {
        encoding: page.choice.charset.name(),
        published: keep(carry.published, &facts.published),
        paper: keep(carry.paper, &facts.paper),
        page: keep(carry.page, &facts.page),
        section: keep(carry.section, &facts.section),
        column_width: columns.last().copied().unwrap_or_default(),
        column_height: 0,
        running_heads: page.sorted.running_heads.clone(),
    }
}

/// Says line by line what was done.
fn explain(page: &Page, decisions: &[Decision], weights: &Weights, remarks: &mut Remarks) {
    remarks.say(page.choice.rule, Span::default(), || page.choice.evidence.clone());
    if let Some(rule) = page.mended {
        remarks.say(rule, Span::default(), || "the text had been decoded wrongly once; undone".into());
    }
    let to_bytes = page.decoded.origins.then(&page.sheet.origins);
    for (line, verdict) in page.sheet.lines.iter().zip(&page.sorted.verdicts) {
        if let Some(verdict) = verdict {
            remarks.say(verdict.rule, to_bytes.raw(line.span), || format!("set aside, {:+.1}", verdict.score));
        }
    }
    for ((kept, evidence), decision) in page.kept.iter().zip(&page.evidence).zip(decisions) {
        let rule = match (decision.ends, evidence.sure_end) {
            (true, true) => "reflow.end.no_column",
            (true, false) => "reflow.end.scored",
            (false, _) => "reflow.join.scored",
        };
        remarks.say(rule, to_bytes.raw(kept.line.span), || {
            let mut note = format!("{:+.1}; width {} of {}", decision.margin, kept.line.reach(), evidence.column);
            for feature in evidence.unary.iter() {
                let weight = weights.values.get(usize::from(*feature)).copied().unwrap_or_default();
                if weight.abs() >= 0.1 {
                    note.push_str(&format!(", {} {weight:+.1}", features::name(usize::from(*feature))));
                }
            }
            note
        });
    }
    remarks.list.sort_by_key(|r| r.span);
}
