//! Every piece of evidence that reflow weighs, with a number and a name.

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

pub const ENDS: usize = END_NAMES.len();
pub const STARTS: usize = START_NAMES.len();
const BLANKS: usize = BLANK_NAMES.len();
pub const BIAS: usize = 0;
pub const BLANK_END: usize = 1;
pub const BLANK_START: usize = BLANK_END + BLANKS * ENDS;
pub const END_START: usize = BLANK_START + BLANKS * STARTS;
pub const FLAG: usize = END_START + ENDS * STARTS;
/// Features that speak for an end here, whatever came before.
pub const UNARY: usize = FLAG + FLAG_NAMES.len() * 2;

/// A shape is a class and one of four kinds: whether the line ends a sentence, and whether it is Latin or is prose.
const KIND_NAMES: [&str; 4] = ["open", "stop", "latin_open", "latin_stop"];
const INNER_NAMES: [&str; 2] = ["plain", "prose"];
pub const SLACK: usize = 0;
pub const MISSING: usize = SLACK + SLACK_NAMES.len() * 4;
pub const INNER: usize = MISSING + MISSING_NAMES.len() * 4;
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

/// A short list of features that needs no memory of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Features {
    list: [u16; Features::MOST],
    len: u8,
}

impl Features {
    /// More than can be there at once.
    const MOST: usize = 32;

    /// Adds a feature.
    pub fn push(&mut self, feature: usize) {
        if let (Some(slot), Ok(feature)) = (self.list.get_mut(usize::from(self.len)), u16::try_from(feature)) {
            *slot = feature;
            self.len += 1;
        }
    }

    /// The features, in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &u16> {
        self.list.iter().take(usize::from(self.len))
    }
}
