//! What speaks for and against a paragraph's end between two lines.
//!
//! Every piece of evidence is a feature with a number and a name; `config/lexicon/reflow.tsv` gives names their weights.

use crate::clean::columns;
use crate::clean::glyphs::{Line, Sheet};
use crate::lexicon::dictionary::Dictionary;
use crate::lexicon::furniture::FurnitureWords;

/// How a line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// `。！？…` or an English full stop.
    Stop,
    /// A closing mark after a full stop.
    StopClose,
    Colon,
    Semicolon,
    Comma,
    Open,
    Close,
    Han,
    Latin,
    Digit,
    Hyphen,
    /// A credit in brackets behind a full stop: `。（高美梅）`.
    Credit,
    Other,
}

/// How a line begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    Quote,
    Digit,
    Han,
    Upper,
    Lower,
    /// A mark that cannot begin a paragraph.
    Close,
    Open,
    Bullet,
    Dash,
    Other,
}

const END_NAMES: [&str; 13] = [
    "stop",
    "stop_close",
    "colon",
    "semicolon",
    "comma",
    "open",
    "close",
    "han",
    "latin",
    "digit",
    "hyphen",
    "credit",
    "other",
];
const START_NAMES: [&str; 10] = ["quote", "digit", "han", "upper", "lower", "close", "open", "bullet", "dash", "other"];
const BLANK_NAMES: [&str; 3] = ["tight", "blank", "blanks"];
const SLACK_NAMES: [&str; 10] =
    ["below-8", "below-4", "below-2", "below0", "room0", "room2", "room4", "room6", "room10", "room20"];
const MISSING_NAMES: [&str; 9] = ["over", "full", "miss1", "miss3", "miss5", "miss7", "miss9", "miss13", "miss21"];

/// Evidence that is there or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Flag {
    QuoteInside,
    QuoteDangling,
    BracketInside,
    OpensNext,
    BylineThis,
    BylineNext,
    BracketLineThis,
    BracketLineNext,
    ColumnChange,
    PageBreak,
    FurnitureBetween,
    Indent,
    IndentSmall,
    IndentLarge,
    Outdent,
    IndentMissing,
    IndentBoth,
    GridOn,
    GridOff,
    ThisAlone,
    NextAlone,
    NextShort,
    NextShortThisShort,
    NextNarrower,
    WordAcross,
    WordsApart,
    NumberAcross,
    HeadShape,
    NextHeadShape,
    Latin,
    NextFirst,
    SameWidthShort,
    NextPlain,
    NextProse,
    QuoteThere,
    LostNextFirst,
    LostNextFull,
    NeverLost,
    BlankInside,
}

const FLAG_NAMES: [&str; 39] = [
    "quote_inside",
    "quote_dangling",
    "bracket_inside",
    "opens_next",
    "byline_this",
    "byline_next",
    "bracket_line_this",
    "bracket_line_next",
    "column_change",
    "page_break",
    "furniture_between",
    "indent",
    "indent_small",
    "indent_large",
    "outdent",
    "indent_missing",
    "indent_both",
    "grid_on",
    "grid_off",
    "this_alone",
    "next_alone",
    "next_short",
    "next_short_this_short",
    "next_narrower",
    "word_across",
    "words_apart",
    "number_across",
    "head_shape",
    "next_head_shape",
    "latin",
    "next_first",
    "same_width_short",
    "next_plain",
    "next_prose",
    "quote_there",
    "lost_next_first",
    "lost_next_full",
    "never_lost",
    "blank_inside",
];

const ENDS: usize = END_NAMES.len();
const STARTS: usize = START_NAMES.len();
const BLANKS: usize = BLANK_NAMES.len();
const BIAS: usize = 0;
const BLANK_END: usize = 1;
const BLANK_START: usize = BLANK_END + BLANKS * ENDS;
const END_START: usize = BLANK_START + BLANKS * STARTS;
const FLAG: usize = END_START + ENDS * STARTS;
/// Features that speak for an end here, whatever came before.
pub const UNARY: usize = FLAG + FLAG_NAMES.len() * 2;

/// A shape is a class and one of four kinds: whether the line ends a sentence, and whether it is Latin or is prose.
const KIND_NAMES: [&str; 4] = ["open", "stop", "latin_open", "latin_stop"];
const INNER_NAMES: [&str; 2] = ["plain", "prose"];
const SLACK: usize = 0;
const MISSING: usize = SLACK + SLACK_NAMES.len() * 4;
const INNER: usize = MISSING + MISSING_NAMES.len() * 4;
/// Shapes of a line; each has a weight for being first or not, and ending the paragraph or not.
pub const SHAPES: usize = INNER + INNER_NAMES.len() * 4;
/// All weights: unary features, then four a shape.
pub const WEIGHTS: usize = UNARY + SHAPES * 4;

/// The name of a weight in the table.
pub fn name(weight: usize) -> String {
    if weight >= UNARY {
        let (shape, path) = ((weight - UNARY) / 4, (weight - UNARY) % 4);
        let path = ["inner.join", "inner.end", "first.join", "first.end"].get(path).copied().unwrap_or_default();
        let names: [(usize, &[&str]); 3] = [(INNER, &INNER_NAMES), (MISSING, &MISSING_NAMES), (SLACK, &SLACK_NAMES)];
        let (base, names) = names.into_iter().find(|(base, _)| shape >= *base).unwrap_or((0, &SLACK_NAMES));
        let class = names.get((shape - base) / 4);
        let kind = KIND_NAMES.get((shape - base) % 4).copied().unwrap_or_default();
        return format!("{path}.{}.{kind}", class.copied().unwrap_or_default());
    }
    let pair = |at: usize, first: &[&str], second: &[&str]| {
        let (a, b) = (at / second.len(), at % second.len());
        format!("{}.{}", first.get(a).copied().unwrap_or_default(), second.get(b).copied().unwrap_or_default())
    };
    match weight {
        BIAS => "bias".into(),
        w if w < BLANK_START => format!("end.{}", pair(w - BLANK_END, &BLANK_NAMES, &END_NAMES)),
        w if w < END_START => format!("start.{}", pair(w - BLANK_START, &BLANK_NAMES, &START_NAMES)),
        w if w < FLAG => format!("across.{}", pair(w - END_START, &END_NAMES, &START_NAMES)),
        w => pair(w - FLAG, &FLAG_NAMES, &["open", "stop"]),
    }
}

/// The evidence at the end of one line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// Unary features that are there.
    pub unary: Vec<u16>,
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

/// What is known of a line by itself.
struct Facts {
    line: Line,
    column: u16,
    end: End,
    start: Start,
    stop: bool,
    /// Cells of the first piece that cannot be broken.
    atom: u32,
    byline: bool,
    bracketed: bool,
    opens: bool,
    /// Furniture was set aside just before it.
    after_furniture: bool,
    /// It has a comma or a full stop inside, as headlines seldom have.
    prose: bool,
    /// A blank parts two Chinese phrases, as in headlines.
    blank_inside: bool,
    quotes: Marks,
    brackets: Marks,
}

/// First and last mark of a kind in a line: whether it opens, and characters from the line's start and end.
#[derive(Clone, Copy, Debug, Default)]
struct Marks {
    first: Option<(bool, u32)>,
    last: Option<(bool, u32)>,
    chars: u32,
}

/// A line that is text, with the furniture between it and the line before already gone.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    pub line: Line,
    pub after_furniture: bool,
}

/// Collects the evidence at the end of every line.
pub fn collect(sheet: &Sheet, kept: &[Kept], words: &FurnitureWords, dictionary: &Dictionary) -> Vec<Evidence> {
    let lines: Vec<Line> = kept.iter().map(|k| k.line).collect();
    let stops: Vec<bool> = kept.iter().map(|k| ends_sentence(sheet.text(&k.line), sheet.cjk)).collect();
    let credits: Vec<u32> = lines.iter().map(|l| if l.width < 200 { credit_cells(sheet.text(l)) } else { 0 }).collect();
    let widths = columns::widths(&lines, &credits, &stops, sheet.cjk);
    let facts: Vec<Facts> = kept.iter().zip(&widths).map(|(k, width)| Facts::of(sheet, k, *width, words)).collect();
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

impl Facts {
    fn of(sheet: &Sheet, kept: &Kept, column: u16, words: &FurnitureWords) -> Facts {
        let text = sheet.text(&kept.line);
        let end = end_of(text, sheet.cjk);
        let (quotes, brackets) = marks(text);
        let short = kept.line.width <= 44;
        Facts {
            line: kept.line,
            column,
            end,
            start: start_of(text),
            stop: matches!(end, End::Stop | End::StopClose | End::Credit),
            atom: atom(text, sheet.cjk),
            byline: short && is_byline(text),
            bracketed: short && is_bracketed(text),
            opens: opens_article(text, words),
            after_furniture: kept.after_furniture,
            prose: is_prose(text),
            blank_inside: sheet.cjk && text.len() < 120 && blank_between_han(text),
            quotes,
            brackets,
        }
    }

    fn blank(&self) -> usize {
        usize::from(self.line.blank_before.min(2))
    }

    fn missing(&self) -> i32 {
        let missing = i32::from(self.column) - i32::try_from(self.line.reach()).unwrap_or(i32::MAX);
        let squeezed = i32::try_from(self.line.squeeze.min(6)).unwrap_or_default();
        // What squeezed marks explain is not over.
        if missing < 0 { (missing + squeezed).min(0) } else { missing }
    }

    /// A short line that ends no sentence: so headlines look.
    fn head_shape(&self) -> bool {
        !self.stop && self.missing() >= 6 && !matches!(self.end, End::Comma | End::Open | End::Hyphen)
    }
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
    let mut unary = vec![BIAS];
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
    let shapes = [
        SLACK + slack_class(slack) * 4 + stop,
        MISSING + missing_class(missing) * 4 + kind,
        INNER + usize::from(this.prose) * 4 + kind,
    ];
    Evidence {
        unary: unary.into_iter().filter_map(|f| u16::try_from(f).ok()).collect(),
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

/// Whether a comma or a full stop stands inside the line.
fn is_prose(text: &str) -> bool {
    let inner = text.char_indices().next_back().and_then(|(last, _)| text.get(..last)).unwrap_or_default();
    inner.contains(['，', '。', '；']) || inner.contains(", ") || inner.contains(". ")
}

fn blank_between_han(text: &str) -> bool {
    text.split_once(' ').is_some_and(|(left, right)| {
        left.chars().count() >= 3
            && right.chars().count() >= 3
            && left.chars().next_back().is_some_and(|c| is_han(c) || matches!(c, '”' | '？' | '！' | '》'))
            && right.chars().next().is_some_and(|c| is_han(c) || matches!(c, '“' | '《'))
    })
}

fn is_stop(c: char, cjk: bool) -> bool {
    matches!(c, '。' | '！' | '？' | '!' | '?' | '…' | '．' | '｡') || (c == '.' && !cjk)
}

fn end_of(text: &str, cjk: bool) -> End {
    if credit_cells(text) > 0 {
        return End::Credit;
    }
    let mut back = text.chars().rev();
    let Some(last) = back.next() else { return End::Other };
    match last {
        c if is_stop(c, cjk) => End::Stop,
        '”' | '’' | '」' | '』' | '）' | ')' | '"' | '\'' | '】' | '》' | '〉' | '］' | ']' | '〕' => {
            let closed = back.find(|c| !matches!(c, '”' | '’' | '」' | '』' | '）' | ')' | '"' | '\'' | '】'));
            if closed.is_some_and(|c| is_stop(c, cjk)) { End::StopClose } else { End::Close }
        }
        '：' | ':' => End::Colon,
        '；' | ';' => End::Semicolon,
        '，' | '、' | ',' | '､' => End::Comma,
        '“' | '‘' | '「' | '『' | '（' | '(' | '《' | '〈' | '【' | '[' => End::Open,
        '.' => {
            // In Chinese an ASCII full stop may end a sentence after a Han character, or stand in a number.
            if back.next().is_some_and(is_han) { End::Stop } else { End::Other }
        }
        '-' | '‐' => End::Hyphen,
        c if is_han(c) => End::Han,
        c if c.is_ascii_digit() || matches!(c, '%' | '％' | '‰' | '℃') => End::Digit,
        c if c.is_alphabetic() => End::Latin,
        _ => End::Other,
    }
}

/// Whether a line ends with a full stop, with or without closing marks or a credit behind it.
fn ends_sentence(text: &str, cjk: bool) -> bool {
    matches!(end_of(text, cjk), End::Stop | End::StopClose | End::Credit)
}

/// Cells of a credit in brackets that stands behind a full stop at the end of a line; 0 without one.
pub fn credit_cells(text: &str) -> u32 {
    let Some(open) = text.strip_suffix(['）', ')', '】']).and_then(|t| t.rfind(['（', '(', '【'])) else {
        return 0;
    };
    let (before, credit) = (text.get(..open).unwrap_or_default(), text.get(open..).unwrap_or_default());
    let mut back = before.trim_end().chars().rev();
    let stop = back.find(|c| !matches!(c, '”' | '’' | '」' | '』' | '"' | '）' | ')'));
    let count = credit.chars().count();
    if count > 26 || credit.contains('。') || !stop.is_some_and(|c| matches!(c, '。' | '！' | '？' | '…' | '!' | '?'))
    {
        return 0;
    }
    let blank = before.len() - before.trim_end().len();
    u32::try_from(count * 2 + blank * 2).unwrap_or_default()
}

fn start_of(text: &str) -> Start {
    let Some(first) = text.chars().next() else { return Start::Other };
    match first {
        '“' | '‘' | '「' | '『' | '"' | '\'' => Start::Quote,
        '（' | '(' | '《' | '〈' | '【' | '[' | '〔' => Start::Open,
        '，' | '。' | '、' | '；' | '：' | '！' | '？' | '”' | '’' | '」' | '』' | '）' | ')' | '》' | '〉' | '】'
        | ']' | ',' | '.' | ';' | ':' | '!' | '?' | '%' | '％' | '…' | '·' => Start::Close,
        '■' | '□' | '●' | '○' | '◆' | '◇' | '★' | '☆' | '▲' | '△' | '▼' | '◎' | '※' | '•' | '▶' | '►' | '①'..='⑳' => {
            Start::Bullet
        }
        '—' | '-' | '–' | '─' => Start::Dash,
        c if c.is_ascii_digit() => Start::Digit,
        c if is_han(c) => Start::Han,
        c if c.is_uppercase() => Start::Upper,
        c if c.is_alphabetic() => Start::Lower,
        _ => Start::Other,
    }
}

/// A Han character, or kana, which break anywhere as Han characters do.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '〇')
}

/// Cells of the first piece of a line that could not have been broken: if they had fitted on the line before, it would
/// have been set there.
fn atom(text: &str, cjk: bool) -> u32 {
    let mut chars = text.chars().peekable();
    let mut cells = 0;
    let wide = |c: char| if c.is_ascii() { 1 } else { 2 };
    while let Some(c) = chars.next_if(|c| matches!(c, '“' | '‘' | '「' | '『' | '（' | '(' | '《' | '〈' | '【' | '"'))
    {
        cells += wide(c);
    }
    let Some(first) = chars.next() else { return cells };
    cells += wide(first);
    if first.is_ascii_alphanumeric() || (!cjk && first != ' ') {
        while let Some(c) = chars.next_if(|c| if cjk { c.is_ascii_graphic() } else { *c != ' ' }) {
            cells += wide(c);
            if cells > 60 || (c == '-' && !cjk) {
                break;
            }
        }
    }
    if !cjk {
        return cells + 1;
    }
    while let Some(c) = chars.next_if(|c| "，。、；：！？”’」』）》〉】%".contains(*c)) {
        cells += wide(c);
    }
    cells
}

/// Whether a word of the dictionary stands across the break.
fn word_across(left: &str, right: &str, dictionary: &Dictionary) -> bool {
    let head: Vec<char> = left.chars().rev().take(2).take_while(|c| is_han(*c)).collect();
    let tail: Vec<char> = right.chars().take(2).take_while(|c| is_han(*c)).collect();
    let mut word = String::with_capacity(16);
    for (before, after) in [(1, 1), (2, 1), (1, 2), (2, 2)] {
        if before <= head.len() && after <= tail.len() {
            word.clear();
            word.extend(head.iter().take(before).rev());
            word.extend(tail.iter().take(after));
            if dictionary.knows(&word) {
                return true;
            }
        }
    }
    false
}

/// First and last quotation mark, and first and last bracket, of a line.
fn marks(text: &str) -> (Marks, Marks) {
    let (mut quotes, mut brackets) = (Marks::default(), Marks::default());
    let mut count = 0;
    for c in text.chars() {
        count += 1;
        let (kind, opens) = match c {
            '“' | '「' | '『' => (&mut quotes, true),
            '”' | '」' | '』' => (&mut quotes, false),
            '（' | '(' | '《' | '【' | '〈' => (&mut brackets, true),
            '）' | ')' | '》' | '】' | '〉' => (&mut brackets, false),
            _ => continue,
        };
        kind.first.get_or_insert((opens, count));
        kind.last = Some((opens, count));
    }
    for kind in [&mut quotes, &mut brackets] {
        kind.chars = count;
        kind.last = kind.last.map(|(opens, at)| (opens, count - at));
    }
    (quotes, brackets)
}

/// Whether each line ends inside quotation marks or brackets.
struct Inside {
    quotes: Vec<(bool, bool)>,
    brackets: Vec<bool>,
}

impl Inside {
    const QUOTE_REACH: u32 = 260;
    const BRACKET_REACH: u32 = 60;

    fn of(facts: &[Facts]) -> Inside {
        let quotes = sweep(facts, |f| f.quotes, Self::QUOTE_REACH);
        let brackets = sweep(facts, |f| f.brackets, Self::BRACKET_REACH);
        Inside {
            quotes: quotes
                .iter()
                .map(|(open, closes)| (*open && *closes == Some(true), *open && *closes != Some(true)))
                .collect(),
            brackets: brackets.iter().map(|(open, closes)| *open && *closes == Some(true)).collect(),
        }
    }

    fn at(&self, index: usize) -> (bool, bool, bool) {
        let (inside, dangling) = self.quotes.get(index).copied().unwrap_or_default();
        (inside, dangling, self.brackets.get(index).copied().unwrap_or_default())
    }
}

/// For each line's end: whether the mark before it opens, and whether the mark after it closes.
fn sweep(facts: &[Facts], marks: impl Fn(&Facts) -> Marks, reach: u32) -> Vec<(bool, Option<bool>)> {
    let mut out = vec![(false, None); facts.len()];
    let mut open: Option<u32> = None;
    for (fact, slot) in facts.iter().zip(&mut out) {
        let marks = marks(fact);
        open = match marks.last {
            Some((true, distance)) => Some(distance),
            Some((false, _)) => None,
            None => open.map(|distance| distance + marks.chars),
        };
        slot.0 = open.is_some_and(|distance| distance <= reach);
    }
    let mut next: Option<(bool, u32)> = None;
    for (fact, slot) in facts.iter().zip(&mut out).rev() {
        slot.1 = next.filter(|(_, distance)| *distance <= reach).map(|(opens, _)| !opens);
        let marks = marks(fact);
        next = match marks.first {
            Some(first) => Some(first),
            None => next.map(|(opens, distance)| (opens, distance + marks.chars)),
        };
    }
    out
}

/// Blank lines that fall after every Nth line, because the columns of a page are equally high.
struct Grid {
    on: Vec<Option<bool>>,
}

impl Grid {
    fn of(facts: &[Facts]) -> Grid {
        let mut on = vec![None; facts.len()];
        let mut start = 0;
        while let Some(first) = facts.get(start) {
            let end = start + facts.iter().skip(start).take_while(|f| f.column == first.column).count();
            let blanks: Vec<usize> =
                (start + 1..end).filter(|i| facts.get(*i).is_some_and(|f| f.blank() > 0)).collect();
            let open: Vec<usize> = blanks
                .iter()
                .copied()
                .filter(|i| {
                    facts.get(i - 1).is_some_and(|f| !f.stop && f.missing() < 6)
                        && facts.get(*i).is_some_and(|f| !matches!(f.start, Start::Quote | Start::Digit))
                })
                .collect();
            let openers: Vec<usize> = (start..end).filter(|i| facts.get(*i).is_some_and(|f| f.opens)).collect();
            let height = usize::from(columns::height(&open));
            for blank in &blanks {
                let anchored = anchored(&openers, &open, *blank);
                let neighbour = |at: Option<usize>| at.is_some_and(|at| open.binary_search(&at).is_ok());
                let apart =
                    (height > 0).then(|| neighbour(blank.checked_sub(height)) || neighbour(Some(blank + height)));
                if let Some(slot) = on.get_mut(*blank) {
                    *slot = anchored.or(apart);
                }
            }
            start = end.max(start + 1);
        }
        Grid { on }
    }

    /// Whether the blank line before a line falls where a column ends; `None` while columns have no known height.
    fn on(&self, line: usize) -> Option<bool> {
        self.on.get(line).copied().flatten()
    }
}

/// Whether a blank line falls on the grid that the sure column ends of its article make, counted from the line that opens
/// the article; `None` without an opening line or without another column end to compare with.
fn anchored(openers: &[usize], open: &[usize], blank: usize) -> Option<bool> {
    let known = openers.partition_point(|o| *o < blank);
    let anchor = *openers.get(known.checked_sub(1)?)?;
    let end = openers.get(known).copied().unwrap_or(usize::MAX);
    let from = open.partition_point(|o| *o <= anchor);
    let mut grid = 0;
    for open in open.iter().skip(from).take(8).take_while(|o| **o < end).filter(|o| **o != blank) {
        grid = common(grid, open - anchor);
    }
    let at = blank - anchor;
    match grid {
        ..4 => None,
        _ if at % grid == 0 => Some(true),
        // The grid may be finer than what was seen of it.
        _ if grid % at == 0 && at >= 4 => None,
        _ => Some(false),
    }
}

/// The greatest common divisor.
fn common(mut a: usize, mut b: usize) -> usize {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Where the lines of a column begin, and whether first lines are indented there.
#[derive(Clone, Copy, Debug, Default)]
struct Margin {
    indent: u32,
    used: bool,
    /// First lines are short because their indent was lost; `None` where that cannot be told.
    lost: Option<bool>,
}

struct Indents {
    margins: Vec<Margin>,
}

impl Indents {
    fn of(facts: &[Facts]) -> Indents {
        let mut margins = Vec::with_capacity(facts.len());
        let everywhere = lost_indent(&facts.iter().collect::<Vec<_>>());
        while let Some(first) = facts.get(margins.len()) {
            let run: Vec<&Facts> = facts.iter().skip(margins.len()).take_while(|f| f.column == first.column).collect();
            let mut counts = [0_u32; 64];
            for fact in &run {
                if let Some(count) = counts.get_mut(fact.line.indent.min(63) as usize) {
                    *count += 1;
                }
            }
            let base = (0_u32..).zip(counts).max_by_key(|(indent, count)| (*count, std::cmp::Reverse(*indent)));
            let indent = base.map_or(0, |(indent, _)| indent);
            let deeper = run.iter().filter(|f| (2..=8).contains(&f.line.indent.saturating_sub(indent))).count();
            let used = deeper >= 2 || (deeper == 1 && run.len() < 12);
            let margin = Margin { indent, used, lost: lost_indent(&run).or(everywhere) };
            margins.extend(run.iter().map(|_| margin));
        }
        Indents { margins }
    }

    fn base(&self, line: usize) -> Margin {
        self.margins.get(line).copied().unwrap_or_default()
    }
}

/// Whether the lines behind sure paragraph ends, which are short and end a sentence, fall short by a lost indent.
fn lost_indent(run: &[&Facts]) -> Option<bool> {
    let (mut first, mut full) = (0_u32, 0_u32);
    for pair in run.windows(2) {
        if let [this, next] = pair
            && this.stop
            && this.missing() >= 8
            && next.prose
            && next.line.indent <= this.line.indent
        {
            match next.missing() {
                ..=2 => full += 1,
                3..=6 => first += 1,
                _ => {}
            }
        }
    }
    if first + full < 2 {
        return None;
    }
    if first >= full * 3 {
        Some(true)
    } else if full >= first * 3 {
        Some(false)
    } else {
        None
    }
}

/// `本报讯`, `【新华社北京9月3日电】`: the line opens an article.
fn opens_article(text: &str, words: &FurnitureWords) -> bool {
    let bare = text.trim_start_matches(['【', '（', '(', '[', '■', '●', '◆', '▲', '□', ' ', '“']);
    if words.opening.iter().any(|w| bare.starts_with(w.as_str())) {
        return true;
    }
    let mut agency = false;
    let mut chars = bare.chars().take(24).peekable();
    while let Some(c) = chars.next() {
        match c {
            '报' | '報' | '社' | '网' | '網' | '台' => agency = true,
            '电' | '電' | '讯' | '訊' if agency => {
                return chars.peek().is_none_or(|n| matches!(n, ' ' | '】' | '）' | ')' | '（' | '(' | '：' | ':'));
            }
            '】' if agency => return text.starts_with('【'),
            '，' | '。' | '、' | ',' | '；' => return false,
            _ => {}
        }
    }
    false
}

/// A line that names who wrote the article: `记者 钱佳`, `本报记者 张三 通讯员 李四`, `By Laura Whitfield`.
fn is_byline(text: &str) -> bool {
    let bare = text.trim_start_matches(['□', '■', '◎', '●', '◆', '/', '／', ' ', '（', '(']);
    if let Some(rest) = ["By ", "BY ", "by "].iter().find_map(|w| bare.strip_prefix(w)) {
        return rest.starts_with(|c: char| c.is_ascii_uppercase()) && !rest.contains(['.', '"', '?']);
    }
    let bare = ["本报", "本報", "本刊", "新华社", "新華社", "特约", "特約", "见习", "見習", "实习"]
        .iter()
        .find_map(|w| bare.strip_prefix(w))
        .unwrap_or(bare);
    let role = [
        "记者",
        "記者",
        "通讯员",
        "通訊員",
        "评论员",
        "評論員",
        "撰文",
        "撰稿",
        "文/",
        "文／",
        "文|",
        "采写",
        "作者",
        "实习生",
        "特派员",
    ]
    .iter()
    .find_map(|w| bare.strip_prefix(w));
    let marked = bare.len() < text.len() && role.is_none();
    let rest = match role {
        Some(rest) => rest,
        None if marked && text.starts_with(['□', '■', '◎']) => bare,
        None => return false,
    };
    let names = rest.trim_matches([' ', '：', ':', '/', '／', '）', ')', '|']);
    let count = names.chars().count();
    (2..=20).contains(&count)
        && names.chars().all(|c| is_han(c) || matches!(c, ' ' | '、' | '·' | '/' | '／'))
        && (names.chars().count() <= 4 || names.contains([' ', '、', '/', '／']))
}

/// A line that is one bracket and nothing else: `（高美梅）`.
fn is_bracketed(text: &str) -> bool {
    let inner = text
        .strip_prefix(['（', '('])
        .and_then(|t| t.strip_suffix(['）', ')']))
        .or_else(|| text.strip_prefix('【').and_then(|t| t.strip_suffix('】')));
    inner.is_some_and(|t| !t.is_empty() && !t.contains(['（', '(', '。']))
}
