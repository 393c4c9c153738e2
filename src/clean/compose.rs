//! Lines become paragraphs: joined, blanks set right, hyphens mended.

use std::collections::HashSet;

use crate::clean::evidence::Kept;
use crate::clean::glyphs::Sheet;
use crate::clean::look::is_han;
use crate::clean::reflow::Decision;
use crate::record::span::{Origins, Span, Way};
use crate::record::text::CleanPara;

/// The clean text, led back to the text of the sheet.
#[derive(Debug, Default)]
pub struct Composed {
    pub text: String,
    pub origins: Origins,
    pub paras: Vec<CleanPara>,
}

/// Sets the kept lines as paragraphs.
pub fn compose(sheet: &Sheet, decoded: &str, kept: &[Kept], columns: &[u16], decisions: &[Decision]) -> Composed {
    let words = hyphen_words(sheet, kept, decisions);
    let mut setter = Setter { sheet, out: Composed::default() };
    setter.out.text.reserve(sheet.text.len() + kept.len());
    let mut start = 0;
    while start < kept.len() {
        let more = decisions.iter().skip(start).take_while(|d| !d.ends).count();
        let end = (start + more + 1).min(kept.len());
        let lines = kept.get(start..end).unwrap_or_default();
        setter.paragraph(lines, columns.get(start).copied().unwrap_or_default(), decoded, &words);
        start = end;
    }
    setter.out
}

struct Setter<'a> {
    sheet: &'a Sheet,
    out: Composed,
}

impl Setter<'_> {
    fn paragraph(&mut self, lines: &[Kept], column: u16, decoded: &str, words: &Words) {
        let Some(first) = lines.first().map(|k| k.line) else { return };
        if !self.out.text.is_empty() {
            self.insert('\n', first.span.start);
        }
        let start = self.out.text.len();
        let prose = self.is_prose(lines);
        for (index, kept) in lines.iter().enumerate() {
            let mut span = kept.line.span;
            let next = lines.get(index + 1).map(|k| k.line);
            let mut blank = false;
            if let Some(next) = next {
                let (left, right) = (self.sheet.text(&kept.line), self.sheet.text(&next));
                match join(left, right, words) {
                    Join::Mend => span = Span::new(span.start, span.end - 1),
                    Join::Blank => blank = !is_full_width(decoded, kept.line.source),
                    Join::Nothing => {}
                }
            }
            self.line(span, prose, index == 0, next.is_none());
            if blank && let Some(next) = next {
                self.insert(' ', next.span.start);
            }
        }
        let narrow = |cells: u32| u16::try_from(cells).unwrap_or(u16::MAX);
        self.out.paras.push(CleanPara {
            span: Span::at(start, self.out.text.len()),
            lines: u32::try_from(lines.len()).unwrap_or(u32::MAX),
            column,
            widest: narrow(lines.iter().map(|k| k.line.width).max().unwrap_or_default()),
            indent: narrow(first.indent),
            blank_before: first.blank_before,
            page_break_before: first.page_break || lines.first().is_some_and(|k| k.after_furniture),
        });
    }

    /// Running Chinese, where a blank means nothing; in a headline it parts two phrases.
    fn is_prose(&self, lines: &[Kept]) -> bool {
        self.sheet.cjk && lines.iter().any(|k| self.sheet.text(&k.line).contains(['，', '。', '；', '、']))
    }

    fn copy(&mut self, span: Span) {
        if !span.is_empty() {
            self.out.text.push_str(span.of(&self.sheet.text));
            self.out.origins.push(span.len(), span.start, span.len(), Way::Copy);
        }
    }

    fn insert(&mut self, c: char, at: u32) {
        self.out.text.push(c);
        self.out.origins.push_inserted(1, at);
    }

    /// Copies a line; in Chinese prose without the blanks that mean nothing.
    fn line(&mut self, span: Span, prose: bool, first: bool, last: bool) {
        let text = span.of(&self.sheet.text);
        if !prose {
            self.copy(span);
            return;
        }
        let mut from = span.start;
        for at in memchr::memchr_iter(b' ', text.as_bytes()) {
            let (left, right) = (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
            if !means_something(left, right, first, last) {
                let at = span.start + u32::try_from(at).expect("a line is below 4 GiB");
                self.copy(Span::new(from, at));
                from = at + 1;
            }
        }
        self.copy(Span::new(from, span.end));
    }
}

const ROLES: [&str; 12] =
    ["记者", "記者", "通讯员", "通訊員", "实习生", "見習", "摄影", "攝影", "编译", "整理", "报道", "報道"];

/// Whether a blank inside Chinese prose says something: after `本报讯`, beside a role, before the credit at the end.
fn means_something(left: &str, right: &str, first: bool, last: bool) -> bool {
    let (Some(before), Some(after)) = (left.chars().next_back(), right.chars().next()) else { return false };
    if !is_wide(before) && !is_wide(after) {
        // Between digits a blank is a stray; between Latin words it is theirs.
        return true;
    }
    if first && left.len() < 90 && matches!(before, '讯' | '訊' | '电' | '電' | '】') {
        return true;
    }
    if ROLES.iter().any(|role| left.ends_with(role) || right.starts_with(role)) {
        return true;
    }
    if last && matches!(after, '（' | '(') && right.ends_with(['）', ')']) && right.len() < 120 {
        return matches!(before, '。' | '！' | '？' | '”' | '…');
    }
    let bracket = left.rfind(['（', '(']);
    let credit = bracket.and_then(|at| left.get(at..)).is_some_and(|inside| {
        !inside.contains(['）', ')']) && inside.len() < 120 && ROLES.iter().any(|role| inside.contains(role))
    });
    // Between two whole names in a credit; `李 明` is one name.
    let whole = |text: &str, back: bool| {
        let han = |c: &char| is_han(*c);
        let run = if back { text.chars().rev().take_while(han).count() } else { text.chars().take_while(han).count() };
        run >= 2
    };
    if credit {
        return whole(left, true) && whole(right, false);
    }
    // A Latin word keeps its distance from Chinese as it was set; digits do not.
    (before.is_ascii_alphabetic() && is_han(after)) || (is_han(before) && after.is_ascii_alphabetic())
}

fn is_wide(c: char) -> bool {
    is_han(c) || matches!(c, '\u{2010}'..='\u{2027}' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}' | '·' | '×')
}

/// Whether a line ends in a full-width letter or digit: such letters break anywhere.
fn is_full_width(decoded: &str, source: Span) -> bool {
    source.of(decoded).trim_end().chars().next_back().is_some_and(|c| matches!(c, '\u{ff10}'..='\u{ff5a}'))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Join {
    Nothing,
    Blank,
    /// The hyphen at the line's end goes.
    Mend,
}

/// How two lines of one paragraph are joined.
fn join(left: &str, right: &str, words: &Words) -> Join {
    let (Some(before), Some(after)) = (left.chars().next_back(), right.chars().next()) else { return Join::Nothing };
    let open = |c: char| matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}');
    if is_wide(before) || is_wide(after) || open(before) || open(after) {
        return Join::Nothing;
    }
    if before == '-' || before == '\u{2010}' {
        let head = left.get(..left.len() - before.len_utf8()).unwrap_or_default();
        if !head.ends_with(char::is_alphanumeric) {
            return Join::Blank;
        }
        let mend =
            before == '-' && after.is_lowercase() && head.ends_with(char::is_alphabetic) && words.mends(head, right);
        return if mend { Join::Mend } else { Join::Nothing };
    }
    if before == '/' || (before.is_ascii_digit() && after.is_ascii_digit() && words.cjk) {
        return Join::Nothing;
    }
    Join::Blank
}

/// Words of the chunk, asked when a word is broken with a hyphen.
#[derive(Debug, Default)]
struct Words {
    seen: HashSet<String>,
    cjk: bool,
}

impl Words {
    /// Whether `head-` and `tail` are one word: unless the chunk writes it with the hyphen elsewhere, or both halves
    /// are words of their own in it.
    fn mends(&self, head: &str, tail: &str) -> bool {
        let head = last_word(head).to_lowercase();
        let tail = first_word(tail).to_lowercase();
        let end = head.rsplit('-').next().unwrap_or_default();
        if self.seen.contains(&format!("{end}{tail}")) {
            return true;
        }
        let both = self.seen.contains(end) && self.seen.contains(&tail);
        let hyphened = self.seen.contains(&format!("{head}-{tail}"));
        let compound = head.contains('-')
            || matches!(
                end,
                "self"
                    | "non"
                    | "ex"
                    | "well"
                    | "half"
                    | "so"
                    | "one"
                    | "two"
                    | "long"
                    | "short"
                    | "high"
                    | "low"
                    | "full"
                    | "part"
                    | "multi"
                    | "anti"
                    | "pre"
                    | "post"
                    | "mid"
            );
        !(both || hyphened || (compound && self.seen.contains(&tail)))
    }
}

fn last_word(text: &str) -> &str {
    let start = text
        .rfind(|c: char| !(c.is_alphanumeric() || c == '-' || c == '\''))
        .map_or(0, |at| at + text.get(at..).and_then(|t| t.chars().next()).map_or(1, char::len_utf8));
    text.get(start..).unwrap_or_default()
}

fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '\'')).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// The words of the chunk, if any joined line ends in a hyphen.
fn hyphen_words(sheet: &Sheet, kept: &[Kept], decisions: &[Decision]) -> Words {
    let broken = |(k, d): (&Kept, &Decision)| !d.ends && sheet.text(&k.line).ends_with('-');
    let mut words = Words { cjk: sheet.cjk, ..Words::default() };
    if kept.iter().zip(decisions).any(broken) {
        for kept in kept {
            let text = sheet.text(&kept.line);
            let whole = text.trim_end_matches('-').len() == text.len();
            let mut parts: Vec<&str> = text
                .split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '\''))
                .filter(|w| !w.is_empty())
                .collect();
            if !whole {
                parts.pop();
            }
            words.seen.extend(parts.into_iter().filter(|w| w.len() < 40).map(str::to_lowercase));
        }
    }
    words
}
