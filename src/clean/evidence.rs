//! What speaks for and against a paragraph's end between two lines.
//!
//! The features have their names in `features.rs`, and their weights in `config/lexicon/reflow.tsv`.

use crate::clean::around::{Grid, Indents, Inside};
use crate::clean::columns;
use crate::clean::features::{
    BIAS, BLANK_END, BLANK_START, END_START, ENDS, End, FLAG, Features, Flag, INNER, MISSING, SLACK, STARTS, Start,
};
use crate::clean::glyphs::{Line, Sheet};
use crate::clean::look::{Facts, is_han};
use crate::lexicon::dictionary::Dictionary;
use crate::lexicon::furniture::FurnitureWords;

/// The evidence at the end of one line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// Unary features that are there.
    pub unary: Features,
    /// Shapes of the line, which count differently for a first line.
    pub shapes: [u16; 3],
    /// The line stands in no column, or is the last: its end is the paragraph's end.
    pub sure_end: bool,
    /// The next line begins with a mark that nothing begins with.
    pub sure_join: bool,
    /// For people: cells missing to the column, and room left if the next word had been set here.
    pub column: u16,
    pub missing: i32,
    pub slack: i32,
}

/// A line that is text, with the furniture between it and the line before already gone.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    pub line: Line,
    pub after_furniture: bool,
}

/// Collects the evidence at the end of every line.
pub fn collect(sheet: &Sheet, kept: &[Kept], words: &FurnitureWords, dictionary: &Dictionary) -> Vec<Evidence> {
    let mut facts: Vec<Facts> = kept.iter().map(|k| Facts::of(sheet, k, words)).collect();
    let widths = columns::widths(&facts, sheet.cjk);
    for (fact, width) in facts.iter_mut().zip(widths) {
        fact.column = width;
    }
    let inside = Inside::of(&facts);
    let grid = Grid::of(&facts);
    let indents = Indents::of(&facts);
    (0..facts.len())
        .map(|index| match (facts.get(index), facts.get(index + 1)) {
            (Some(this), Some(next)) => {
                boundary(sheet, &facts, this, next, index, &inside, &grid, &indents, dictionary)
            }
            (Some(this), None) => Evidence { sure_end: true, column: this.column, ..Evidence::default() },
            _ => Evidence::default(),
        })
        .collect()
}

#[expect(clippy::too_many_arguments, reason = "one boundary is seen from all sides at once")]
fn boundary(
    sheet: &Sheet,
    facts: &[Facts],
    this: &Facts,
    next: &Facts,
    index: usize,
    inside: &Inside,
    grid: &Grid,
    indents: &Indents,
    dictionary: &Dictionary,
) -> Evidence {
    let mut unary = Features::default();
    unary.push(BIAS);
    let (blank, end, start) = (next.blank(), this.end as usize, next.start as usize);
    unary.push(BLANK_END + blank * ENDS + end);
    unary.push(BLANK_START + blank * STARTS + start);
    unary.push(END_START + end * STARTS + start);
    let mut flag = |flag: Flag, set: bool| {
        if set {
            unary.push(FLAG + flag as usize * 2 + usize::from(this.stop));
        }
    };
    let after = facts.get(index + 2);
    let (quote_inside, quote_dangling, bracket) = inside.at(index);
    flag(Flag::QuoteInside, quote_inside);
    flag(Flag::QuoteDangling, quote_dangling);
    flag(Flag::BracketInside, bracket);
    flag(Flag::OpensNext, next.opens);
    flag(Flag::BylineThis, this.byline);
    flag(Flag::BylineNext, next.byline);
    flag(Flag::BracketLineThis, this.bracketed);
    flag(Flag::BracketLineNext, next.bracketed);
    flag(Flag::ColumnChange, this.column.abs_diff(next.column) > 3);
    flag(Flag::PageBreak, next.line.page_break);
    flag(Flag::FurnitureBetween, next.after_furniture);
    let base = indents.base(index + 1);
    let indent = i64::from(next.line.indent) - i64::from(base.indent);
    let least = if sheet.cjk { 3 } else { 2 };
    flag(Flag::IndentSmall, (1..least).contains(&indent));
    flag(Flag::Indent, (least..=6).contains(&indent));
    flag(Flag::IndentLarge, indent > 6);
    flag(Flag::Outdent, indent < 0);
    flag(Flag::IndentMissing, base.used && indent <= 0 && this.missing() < 6);
    flag(Flag::IndentBoth, indent > 0 && this.line.indent == next.line.indent);
    // A line between two blank lines is no column.
    let alone = this.blank() > 0 && blank > 0;
    let on_grid = grid.on(index + 1).filter(|_| !alone);
    flag(Flag::GridOn, blank > 0 && on_grid == Some(true));
    flag(Flag::GridOff, blank > 0 && on_grid == Some(false));
    let gap_after = after.is_none_or(|a| a.blank() > 0);
    flag(Flag::ThisAlone, alone);
    flag(Flag::NextAlone, blank > 0 && gap_after);
    let next_short = next.missing() >= 6;
    flag(Flag::NextShort, next_short);
    flag(Flag::NextShortThisShort, next_short && this.missing() >= 6);
    flag(Flag::NextNarrower, next.line.width <= this.line.width);
    flag(Flag::NumberAcross, this.end == End::Digit && next.start == Start::Digit);
    flag(Flag::HeadShape, this.head_shape());
    flag(Flag::NextHeadShape, next.head_shape());
    flag(Flag::Latin, !sheet.cjk);
    flag(Flag::NextFirst, (3..=6).contains(&next.missing()));
    let same = this.line.width.abs_diff(next.line.width) <= 2;
    flag(Flag::SameWidthShort, same && next_short && this.missing() >= 4);
    flag(Flag::NextPlain, !next.prose && !next.stop);
    flag(Flag::NextProse, next.prose);
    match base.lost {
        Some(true) if indent <= 0 => {
            flag(Flag::LostNextFirst, (3..=6).contains(&next.missing()));
            flag(Flag::LostNextFull, next.missing() <= 2);
        }
        Some(false) => flag(Flag::NeverLost, true),
        _ => {}
    }
    flag(Flag::BlankInside, this.blank_inside && !this.stop && !this.prose);
    flag(Flag::QuoteThere, next.start == Start::Quote && this.end == End::Colon);
    if this.end == End::Han && next.start == Start::Han && (blank > 0 || this.missing() >= 2 || this.line.indent > 0) {
        let across = word_across(sheet.text(&this.line), sheet.text(&next.line), dictionary);
        flag(Flag::WordAcross, across);
        flag(Flag::WordsApart, !across);
    }
    let missing = this.missing();
    let slack = missing - i32::try_from(next.atom).unwrap_or_default();
    let kind = usize::from(!sheet.cjk) * 2 + usize::from(this.stop);
    let stop = usize::from(this.stop);
    // On a ragged page a line with room for one more character is as full as any.
    let as_full = indents.ragged && (0..2).contains(&slack) && missing <= 3;
    let (slack_shape, missing_shape) = if as_full { (-1, 0) } else { (slack, missing) };
    let shapes = [
        SLACK + slack_class(slack_shape) * 4 + stop,
        MISSING + missing_class(missing_shape) * 4 + kind,
        INNER + usize::from(this.prose) * 4 + kind,
    ];
    Evidence {
        unary,
        shapes: shapes.map(|s| u16::try_from(s).unwrap_or_default()),
        sure_end: this.column == 0 || next.column == 0,
        sure_join: next.start == Start::Close && blank == 0 && !this.opens,
        column: this.column,
        missing,
        slack,
    }
}

fn slack_class(slack: i32) -> usize {
    match slack {
        ..-8 => 0,
        -8..-4 => 1,
        -4..-2 => 2,
        -2..0 => 3,
        0..2 => 4,
        2..4 => 5,
        4..6 => 6,
        6..10 => 7,
        10..20 => 8,
        _ => 9,
    }
}

fn missing_class(missing: i32) -> usize {
    match missing {
        ..-2 => 0,
        -2..1 => 1,
        1..3 => 2,
        3..5 => 3,
        5..7 => 4,
        7..9 => 5,
        9..13 => 6,
        13..21 => 7,
        _ => 8,
    }
}

/// Whether a word of the dictionary stands across the break.
fn word_across(left: &str, right: &str, dictionary: &Dictionary) -> bool {
    let mut head = left.char_indices().rev().take(2).take_while(|(_, c)| is_han(*c)).map(|(at, _)| at);
    let mut tail = right.char_indices().take(2).take_while(|(_, c)| is_han(*c)).map(|(at, c)| at + c.len_utf8());
    let (heads, tails) = ([head.next(), head.next()], [tail.next(), tail.next()]);
    let mut word = [0_u8; 16];
    for (before, after) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
        let (Some(start), Some(end)) = (heads[before], tails[after]) else { continue };
        let (a, b) =
            (left.as_bytes().get(start..).unwrap_or_default(), right.as_bytes().get(..end).unwrap_or_default());
        let (Some(first), len) = (word.get_mut(..a.len()), a.len() + b.len()) else { continue };
        first.copy_from_slice(a);
        let Some(second) = word.get_mut(a.len()..len) else { continue };
        second.copy_from_slice(b);
        let known = word.get(..len).and_then(|w| std::str::from_utf8(w).ok()).is_some_and(|w| dictionary.knows(w));
        if known {
            return true;
        }
    }
    false
}
