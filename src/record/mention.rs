//! What ENRICH found in an article. All spans count bytes of the article's text.

use crate::record::article::Segmented;
use crate::record::remark::Remarks;
use crate::record::span::Span;

/// What ENRICH makes of a segmented text: one [`Mentions`] an article, in the same order.
#[derive(Clone, Debug)]
pub struct Enriched {
    pub segmented: Segmented,
    pub mentions: Vec<Mentions>,
}

/// Everything the annotators say of one article.
#[derive(Clone, Debug, Default)]
pub struct Mentions {
    pub created: Created,
    /// BCP 47: `zh-Hans`, `zh-Hant`, `en`, `ja`, `und` …
    pub language: String,
    /// Never empty: the headline, or the first clause that says what happened.
    pub title: String,
    pub located: String,
    pub summary: String,
    pub keywords: Vec<String>,
    /// Sorted by start, then longer first; [`Person::mentions`] and its like are indexes into this list.
    pub ents: Vec<Ent>,
    pub people: Vec<Person>,
    pub organisations: Vec<Organisation>,
    pub places: Vec<Place>,
    pub events: Vec<Event>,
    pub dates: Vec<DateMention>,
    pub quantities: Vec<Quantity>,
    pub quotes: Vec<Quote>,
    pub statements: Vec<Statement>,
    pub subjects: Vec<String>,
    pub quality: Quality,
    pub fingerprint: Fingerprint,
    pub warnings: Vec<&'static str>,
    pub remarks: Remarks,
}

/// The article's date, `YYYY-MM-DD`, and what it rests on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Created {
    pub date: String,
    /// `text | event_anchor | filename | masthead | config | mtime`
    pub basis: &'static str,
}

/// A span with an OntoNotes label (plus TITLE), as spaCy writes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Ent {
    pub span: Span,
    /// `PERSON TITLE ORG GPE LOC FAC EVENT WORK_OF_ART LAW DATE TIME MONEY PERCENT QUANTITY ORDINAL CARDINAL EMAIL URL PHONE ID PLATE`
    pub label: &'static str,
    /// Normal form for search, simplified.
    pub norm: String,
    /// `p1`, `o1`, `g1`, `d1` … of the list entry, or "".
    pub reference: String,
}

/// A person with the posts stated at the name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Person {
    pub name: String,
    pub titles: Vec<String>,
    pub organisation: String,
    /// `mentions | byline`
    pub rel: &'static str,
    pub mentions: Vec<u32>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Organisation {
    pub name: String,
    pub rel: &'static str,
    pub mentions: Vec<u32>,
}

/// A place; `code` is GB/T 2260 for Chinese administrative places, ISO 3166-1 alpha-2 for countries, or "".
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    pub name: String,
    /// `located | mentions`
    pub rel: &'static str,
    pub code: String,
    pub mentions: Vec<u32>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event {
    pub name: String,
    pub rel: &'static str,
    pub mentions: Vec<u32>,
}

/// A date or time, resolved; see DESIGN §2 for the conventions (`end` is exclusive, an open side is "").
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DateMention {
    pub span: Span,
    pub timex: String,
    pub date: String,
    pub end_date: String,
    /// `second minute hour day week month quarter half year decade century set …`
    pub precision: &'static str,
    /// What it was resolved against: `text filename masthead mtime config event_anchor previous …`
    pub basis: &'static str,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quantity {
    pub span: Span,
    pub value: f64,
    /// Upper bound of a range, else equal to `value`.
    pub upper: f64,
    /// `元 % 次 平方米 …`, "" for a bare number.
    pub unit: String,
    /// `number ordinal percent money fraction multiple length area mass …`
    pub kind: &'static str,
    /// `about over under almost …`, or "".
    pub modifier: &'static str,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quote {
    /// The text inside the marks.
    pub span: Span,
    /// `speech | term`
    pub kind: &'static str,
    pub speaker: String,
}

/// An attributed statement; the span covers speaker and verb (`会议强调`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statement {
    pub span: Span,
    pub speaker: String,
    pub verb: String,
}

/// Signals about the text; never a filter.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quality {
    /// Share of Han characters among all characters, 0 to 1.
    pub han: f64,
    /// U+FFFD in the article.
    pub replaced: u32,
    /// Share of characters that stand in repeated lines, 0 to 1.
    pub repeated_lines: f64,
}

/// One-permutation MinHash of the article's character 3-grams; a file format, so it never changes silently.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fingerprint {
    /// 128 values, or none for a text too short to compare.
    pub minhash: Vec<u16>,
    /// How many distinct 3-grams went in.
    pub grams: u32,
    /// The smallest hashes of 5-grams, smallest first: they find a short text inside a long one.
    pub anchors: Vec<u32>,
    /// Hashes of the numbers in the text with what they count, smallest first: two reports of one form differ in them.
    pub numbers: Vec<u16>,
    /// Hashes of normalised paragraphs, in order; the lowest 8 bits are the length in steps of four characters.
    pub paras: Vec<u64>,
}
