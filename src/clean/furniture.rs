//! Which lines belong to the page and not to an article.

use std::collections::HashMap;

use crate::clean::glyphs::{Line, Sheet};
use crate::clean::imprint::{self, Imprint, Part};
use crate::lexicon::furniture::FurnitureWords;
use crate::record::drop::Carry;
use crate::record::text::PageFacts;

/// What became of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// `folio`, `running_head`, `masthead`, `editors`, `rule`.
    pub kind: &'static str,
    /// The rule, such as `furniture.folio`.
    pub rule: &'static str,
    pub score: f64,
}

/// The page's lines sorted into furniture and text.
#[derive(Debug, Default)]
pub struct Sorted {
    /// One for each line of the sheet; `None` is text.
    pub verdicts: Vec<Option<Verdict>>,
    pub facts: PageFacts,
    /// Heads that were learnt in this chunk or before.
    pub running_heads: Vec<String>,
}

/// Lines that are longer than this are prose.
const WIDEST: u32 = 100;
/// Points that a group of neighbouring candidates needs.
const ENOUGH: f64 = 2.5;
/// Heads that are remembered, at most.
const HEADS_MAX: usize = 64;

/// Sorts the lines of a sheet.
pub fn sort(sheet: &Sheet, words: &FurnitureWords, carry: &Carry) -> Sorted {
    let heads = running_heads(sheet, carry);
    let candidates: Vec<Option<Candidate>> =
        sheet.lines.iter().map(|line| candidate(sheet.text(line), line, words, &heads)).collect();
    let mut out = Sorted { verdicts: vec![None; sheet.lines.len()], ..Sorted::default() };
    let mut start = 0;
    while start < candidates.len() {
        let end = start + candidates.iter().skip(start).take_while(|c| c.is_some()).count();
        for group in groups(&candidates, start..end) {
            judge(sheet, &candidates, group, &mut out);
        }
        start = end.max(start + 1);
    }
    out.running_heads = heads.into_keys().collect();
    out.running_heads.sort();
    out.running_heads.truncate(HEADS_MAX);
    out
}

/// The runs of candidates that are judged together. `（下转第7版）` and `（上接第1版）` with nothing but furniture between
/// stand in the middle of an article that goes on; a jump without its other half belongs to the article's text.
fn groups(candidates: &[Option<Candidate>], run: std::ops::Range<usize>) -> Vec<std::ops::Range<usize>> {
    let jump = |i: &usize| candidates.get(*i).and_then(Option::as_ref).is_some_and(|c| c.kind == "jump");
    let jumps: Vec<usize> = run.clone().filter(jump).collect();
    if jumps.len() == 2 {
        return vec![run];
    }
    let mut out = Vec::new();
    let mut start = run.start;
    for jump in jumps {
        out.push(start..jump);
        start = jump + 1;
    }
    out.push(start..run.end);
    out.retain(|group| !group.is_empty());
    out
}

struct Candidate {
    kind: &'static str,
    rule: &'static str,
    points: f64,
    facts: PageFacts,
}

fn candidate(text: &str, line: &Line, words: &FurnitureWords, heads: &HashMap<String, u32>) -> Option<Candidate> {
    if line.width > WIDEST {
        return None;
    }
    if is_rule(text) {
        return Some(Candidate { kind: "rule", rule: "furniture.rule", points: 3.0, facts: PageFacts::default() });
    }
    if !heads.is_empty() && heads.contains_key(&head_key(text)) {
        let facts = imprint::read(text, words).facts;
        return Some(Candidate { kind: "running_head", rule: "furniture.running_head", points: 3.0, facts });
    }
    if line.width <= 60 && is_jump(text) {
        return Some(Candidate { kind: "jump", rule: "furniture.jump", points: 2.0, facts: PageFacts::default() });
    }
    // Every imprint has a digit, a role, or a name from the tables in it; most lines of prose end here.
    let found = imprint::read(text, words);
    let points = points(&found);
    if points <= 0.0 {
        return None;
    }
    let (kind, rule) = kind(&found);
    Some(Candidate { kind, rule, points, facts: found.facts })
}

fn points(found: &Imprint) -> f64 {
    if found.explained < 0.7 {
        return 0.0;
    }
    let mut sum = 0.0;
    for part in &found.parts {
        sum += match part {
            Part::Folio => 2.0,
            Part::Editors => 3.0,
            Part::Imprint => 2.0,
            Part::Paper => 2.0,
            Part::Date => 1.5,
            Part::Weekday => 1.0,
            Part::Number | Part::Section => 1.0,
        };
    }
    // What the parts do not explain speaks against the line.
    sum - (1.0 - found.explained) * 6.0
}

fn kind(found: &Imprint) -> (&'static str, &'static str) {
    if found.has(Part::Editors) {
        ("editors", "furniture.editors")
    } else if found.has(Part::Paper) || found.has(Part::Date) || found.has(Part::Imprint) {
        ("masthead", "furniture.masthead")
    } else if found.has(Part::Section) && !found.has(Part::Folio) && !found.has(Part::Number) {
        ("running_head", "furniture.section")
    } else {
        ("folio", "furniture.folio")
    }
}

/// A line that only says on which page the article goes on, or from which it comes.
fn is_jump(text: &str) -> bool {
    let bare = text.trim_matches(['（', '）', '(', ')', '【', '】', '▲', '▼', '■', '●', ' ', '—']);
    let known = ["下转", "上接", "下轉", "紧接", "緊接", "转第", "轉第", "接第"].iter().any(|w| bare.starts_with(w));
    let english =
        ["Continued on", "Continued from", "continued on", "continued from"].iter().any(|w| bare.starts_with(w));
    (known || english)
        && bare.chars().count() <= 28
        && bare.contains(|c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c))
}

/// `——————`, `* * *`: a rule drawn with characters.
fn is_rule(text: &str) -> bool {
    let mut count = 0;
    for c in text.chars().filter(|c| *c != ' ') {
        if !"-_=*~─━═－＿＝＊—–.·+#".contains(c) {
            return false;
        }
        count += 1;
    }
    count >= 3 && !text.chars().all(|c| matches!(c, '.' | '—'))
}

/// Decides over a run of neighbouring candidates, on their points and on where they stand.
fn judge(sheet: &Sheet, candidates: &[Option<Candidate>], range: std::ops::Range<usize>, out: &mut Sorted) {
    let mut sum: f64 = candidates.get(range.clone()).unwrap_or_default().iter().flatten().map(|c| c.points).sum();
    let lines = &sheet.lines;
    let before = range.start.checked_sub(1).and_then(|i| lines.get(i));
    let after = lines.get(range.end);
    let blank_before = lines.get(range.start).is_some_and(|l| l.blank_before > 0 || l.page_break);
    let blank_after = after.is_some_and(|l| l.blank_before > 0 || l.page_break);
    let breaks = |l: &Line| l.page_break;
    let cut = after.is_some_and(breaks) || lines.get(range.start).is_some_and(breaks);
    // At the head or the foot of a text; a text that is nothing else has neither.
    let edge = cut || before.is_none() != after.is_none();
    if edge {
        sum += 1.5;
    }
    if blank_before && blank_after {
        sum += 1.0;
    }
    let open =
        before.is_some_and(|l| !sheet.text(l).ends_with(['。', '！', '？', '”', '）', '.', '!', '?', '"', '」', '…']));
    if open && blank_before {
        sum += 1.0;
    }
    if sum < ENOUGH {
        return;
    }
    for index in range {
        let Some(Some(found)) = candidates.get(index) else { continue };
        if let Some(slot) = out.verdicts.get_mut(index) {
            *slot = Some(Verdict { kind: found.kind, rule: found.rule, score: sum });
        }
        let facts = &mut out.facts;
        for (mine, theirs) in [
            (&mut facts.published, &found.facts.published),
            (&mut facts.paper, &found.facts.paper),
            (&mut facts.page, &found.facts.page),
            (&mut facts.section, &found.facts.section),
        ] {
            if mine.is_empty() {
                mine.clone_from(theirs);
            }
        }
        for editor in &found.facts.editors {
            if !facts.editors.contains(editor) {
                facts.editors.push(editor.clone());
            }
        }
    }
}

/// A line as it would stand on another page: its digits are one digit.
fn head_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for c in text.chars().filter(|c| *c != ' ') {
        let c = if c.is_ascii_digit() { '0' } else { c };
        if !(c == '0' && key.ends_with('0')) {
            key.push(c);
        }
    }
    key
}

/// Short lines that come again at the edges of pages.
fn running_heads(sheet: &Sheet, carry: &Carry) -> HashMap<String, u32> {
    let mut seen: HashMap<String, u32> = HashMap::new();
    let lines = &sheet.lines;
    for (index, line) in lines.iter().enumerate() {
        let next = lines.get(index + 1);
        let edge = line.page_break || next.is_some_and(|n| n.page_break);
        if !edge || line.width > 60 || line.width < 4 {
            continue;
        }
        let text = sheet.text(line);
        let prose = text.ends_with(['。', '！', '？', '，', '.', '!', '?', '”', '"', '）', ')']);
        if !prose && text.chars().filter(|c| c.is_alphabetic()).count() >= 2 {
            *seen.entry(head_key(text)).or_default() += 1;
        }
    }
    seen.retain(|_, count| *count >= 3);
    for head in &carry.running_heads {
        seen.insert(head.clone(), 3);
    }
    seen
}
