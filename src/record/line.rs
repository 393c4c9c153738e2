//! What readers tail: the record of one article, and the receipt of one chunk.
//!
//! Workers render everything but `seq`, `near_dup`, `jump.continues`, `supersedes` and `metadata.drop.article`,
//! which depend on what was committed before; [`Line::write`] splices these in, so they never depend on timing.

use std::borrow::Cow;
use std::io;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::ser::{CharEscape, Formatter};

use crate::record::mention::Fingerprint;
use crate::record::span::SourceMap;

/// Version of the record; new keys come at the end, in a minor version.
pub const SCHEMA_VERSION: &str = "1.0.0";

type Text<'a> = Cow<'a, str>;

/// One article (or fragment) as readers see it. Every key is always present and never null.
/// Offsets are half-open and count Unicode code points of `text`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Record<'a> {
    /// 1, 2, 3 … over the articles stream, without gaps.
    pub seq: u64,
    /// First 32 hex digits of the drop's SHA-256, `-`, the raw byte where the article starts.
    pub id: String,
    pub schema_version: Text<'a>,
    /// `article`, or `fragment` for text that is neither prose nor furniture.
    pub r#type: Text<'a>,
    pub source: Text<'a>,
    /// When the drop was admitted, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub added: String,
    /// The article's date, `YYYY-MM-DD`.
    #[schemars(extend("format" = "date"))]
    pub created: String,
    /// `text | event_anchor | filename | masthead | config | mtime`
    pub created_basis: Text<'a>,
    /// BCP 47.
    pub language: Text<'a>,
    pub title: Text<'a>,
    /// Kicker, main line and deck joined by one blank; "" if none is printed.
    pub headline: String,
    pub by: String,
    pub located: Text<'a>,
    pub text: Text<'a>,
    /// The text without headline, dateline mark and byline.
    pub body: Range,
    pub summary: Text<'a>,
    pub keywords: Vec<Text<'a>>,
    pub dateline: DatelineOut<'a>,
    pub credits: Vec<CreditOut<'a>>,
    pub paras: Vec<ParaOut<'a>>,
    pub sents: Vec<SentOut>,
    pub ents: Vec<EntOut<'a>>,
    pub people: Vec<PersonOut<'a>>,
    pub organisations: Vec<NamedOut<'a>>,
    pub places: Vec<PlaceOut<'a>>,
    pub events: Vec<NamedOut<'a>>,
    pub dates: Vec<DateOut<'a>>,
    pub quantities: Vec<QuantityOut<'a>>,
    pub quotes: Vec<QuoteOut<'a>>,
    pub statements: Vec<StatementOut<'a>>,
    pub subjects: Vec<SubjectOut<'a>>,
    pub tokens: Tokens,
    pub near_dup: NearDup,
    pub jump: JumpOut<'a>,
    pub quality: QualityOut,
    pub source_map: SourceMap,
    /// Length of `text` in code points.
    pub chars: u64,
    /// Whether UTF-16 offsets equal code-point offsets.
    pub bmp: bool,
    pub text_sha256: String,
    /// SHA-256 of the earlier drop under the same name, or "".
    pub supersedes: Text<'a>,
    pub warnings: Vec<Text<'a>>,
    pub metadata: Metadata<'a>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Range {
    pub start: u64,
    pub end: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DatelineOut<'a> {
    pub start: u64,
    pub end: u64,
    pub text: Text<'a>,
    pub agency: Text<'a>,
    pub place: Text<'a>,
    /// The article's date.
    pub date: String,
    pub mode: Text<'a>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreditOut<'a> {
    pub start: u64,
    pub end: u64,
    pub name: Text<'a>,
    pub role: Text<'a>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ParaOut<'a> {
    pub start: u64,
    pub end: u64,
    /// `headline | lead | body | subhead | caption | byline`
    pub role: Text<'a>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SentOut {
    pub start: u64,
    pub end: u64,
    /// Index into `paras`.
    pub para: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EntOut<'a> {
    pub start: u64,
    pub end: u64,
    /// OntoNotes label, plus TITLE.
    pub label: Text<'a>,
    pub text: Text<'a>,
    /// Normal form for search.
    pub norm: Text<'a>,
    #[serde(rename = "ref")]
    pub reference: Text<'a>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PersonOut<'a> {
    pub name: Text<'a>,
    pub titles: Vec<Text<'a>>,
    pub organisation: Text<'a>,
    pub rel: Text<'a>,
    pub uri: Text<'a>,
    /// Indexes into `ents`.
    pub mentions: Vec<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NamedOut<'a> {
    pub name: Text<'a>,
    pub rel: Text<'a>,
    pub uri: Text<'a>,
    /// Indexes into `ents`.
    pub mentions: Vec<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlaceOut<'a> {
    pub name: Text<'a>,
    pub rel: Text<'a>,
    /// GB/T 2260, or ISO 3166-1 alpha-2, or "".
    pub code: Text<'a>,
    pub uri: Text<'a>,
    /// Indexes into `ents`.
    pub mentions: Vec<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DateOut<'a> {
    pub start: u64,
    pub end: u64,
    pub text: Text<'a>,
    /// TIMEX3 value.
    pub timex: Text<'a>,
    pub date: Text<'a>,
    /// Exclusive.
    pub end_date: Text<'a>,
    pub precision: Text<'a>,
    pub basis: Text<'a>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QuantityOut<'a> {
    pub start: u64,
    pub end: u64,
    pub text: Text<'a>,
    pub value: f64,
    /// Upper bound of a range, else `value`.
    pub upper: f64,
    pub unit: Text<'a>,
    pub kind: Text<'a>,
    pub modifier: Text<'a>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QuoteOut<'a> {
    pub start: u64,
    pub end: u64,
    pub text: Text<'a>,
    /// `speech | term`
    pub kind: Text<'a>,
    pub speaker: Text<'a>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StatementOut<'a> {
    pub start: u64,
    pub end: u64,
    pub speaker: Text<'a>,
    pub verb: Text<'a>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SubjectOut<'a> {
    pub name: Text<'a>,
    pub uri: Text<'a>,
}

/// Words as two columns; empty unless `enrich.tokens = true`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tokens {
    pub start: Vec<u64>,
    pub end: Vec<u64>,
}

/// The nearest earlier article, if one is near.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NearDup {
    /// `duplicate | revision | contains | shares_paragraphs`, or "".
    pub relation: String,
    /// `id` of the earlier article.
    pub of: String,
    pub similarity: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JumpOut<'a> {
    pub to_page: Text<'a>,
    pub from_page: Text<'a>,
    /// `id` of the earlier part of this article, in the same issue.
    pub continues: Text<'a>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QualityOut {
    pub han: f64,
    pub replaced: u64,
    pub repeated_lines: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Metadata<'a> {
    pub drop: DropOut<'a>,
    pub part: u64,
    pub parts: u64,
    pub pipeline: PipelineOut<'a>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DropOut<'a> {
    pub name: Text<'a>,
    pub sha256: String,
    pub bytes: u64,
    /// Lower-case WHATWG name, or `hz-gb-2312`.
    pub encoding: Text<'a>,
    /// Raw byte where the record's text starts, and where it ends.
    pub start: u64,
    pub end: u64,
    /// Counts the records of the drop from 1.
    pub article: u64,
    pub page: Text<'a>,
    pub section: Text<'a>,
    pub paper: Text<'a>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PipelineOut<'a> {
    pub name: Text<'a>,
    pub version: Text<'a>,
    /// 16 hex digits over every setting and table that can change the text of a record.
    pub config: Text<'a>,
}

/// What became of one chunk of a drop: the line of the `drops` stream.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Receipt {
    pub seq: u64,
    pub r#type: String,
    pub schema_version: String,
    /// "" for a file that could not be read.
    pub sha256: String,
    pub name: String,
    /// `done | duplicate | refused | incomplete`
    pub outcome: String,
    /// Why, in words; "" when done.
    pub reason: String,
    /// Records written for this chunk.
    pub ids: Vec<String>,
    /// Raw bytes of this chunk; the chunks of a drop follow each other without a gap.
    pub bytes: u64,
    pub chunk: u64,
    pub last: bool,
    pub set_aside: SetAsideOut,
    pub admitted: String,
    pub finished: String,
}

/// Every byte that is in no record, in three columns.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SetAsideOut {
    pub raw: Vec<u64>,
    pub len: Vec<u64>,
    pub r#as: Vec<String>,
}

/// Facts that the committer needs to find the earlier part of a continued article.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JumpFacts {
    pub paper: String,
    pub published: String,
    pub page: String,
    pub to_page: String,
    pub from_page: String,
    pub title: String,
}

/// A rendered record, waiting for what only the committer knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub id: String,
    /// Text that is neither prose nor furniture.
    pub fragment: bool,
    pub fingerprint: Fingerprint,
    pub jump: JumpFacts,
    /// The JSON object with placeholders, without the line break.
    json: Vec<u8>,
    near_dup: usize,
    continues: usize,
    supersedes: usize,
    article: usize,
}

/// What the committer splices into a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Splice {
    pub seq: u64,
    pub near_dup: NearDup,
    pub continues: String,
    pub supersedes: String,
    /// Counts the records of the drop from 1.
    pub article: u64,
}

const SEQ: &[u8] = br#"{"seq":0"#;
const NEAR_DUP: &[u8] = br#""near_dup":{"relation":"","of":"","similarity":0.0}"#;
const CONTINUES: &[u8] = br#""continues":"""#;
const SUPERSEDES: &[u8] = br#""supersedes":"""#;
const ARTICLE: &[u8] = br#""article":0"#;
/// Bytes that splicing may add to a line: two ids, a hash, three numbers, the relation.
pub const SPLICE_MAX: usize = 256;

impl Line {
    /// Renders a record whose spliced keys are still at their defaults.
    pub fn render(record: &Record<'_>, fingerprint: Fingerprint, jump: JumpFacts) -> Line {
        let json = to_json(record);
        // A quote inside a string is escaped, so these byte sequences can only be the keys themselves; each is the
        // last of its kind in the record.
        let find = |key: &[u8]| memchr::memmem::rfind(&json, key).expect("the record has every key");
        let (near_dup, continues) = (find(NEAR_DUP), find(CONTINUES));
        let (supersedes, article) = (find(SUPERSEDES), find(ARTICLE));
        assert!(json.starts_with(SEQ), "seq is the first key and not yet given");
        let fragment = record.r#type == "fragment";
        Line { id: record.id.clone(), fragment, fingerprint, jump, json, near_dup, continues, supersedes, article }
    }

    /// Bytes of the line, at most, once everything is spliced in.
    pub fn len_max(&self) -> usize {
        self.json.len() + SPLICE_MAX
    }

    /// Appends the finished line with its `\n` to `out`.
    pub fn write(&self, splice: &Splice, out: &mut Vec<u8>) {
        let json = &self.json;
        out.reserve(self.len_max());
        out.extend_from_slice(format!("{{\"seq\":{}", splice.seq).as_bytes());
        out.extend_from_slice(&json[SEQ.len()..self.near_dup]);
        out.extend_from_slice(b"\"near_dup\":");
        out.extend_from_slice(&to_json(&splice.near_dup));
        out.extend_from_slice(&json[self.near_dup + NEAR_DUP.len()..self.continues]);
        out.extend_from_slice(b"\"continues\":");
        out.extend_from_slice(&to_json(&splice.continues));
        out.extend_from_slice(&json[self.continues + CONTINUES.len()..self.supersedes]);
        out.extend_from_slice(b"\"supersedes\":");
        out.extend_from_slice(&to_json(&splice.supersedes));
        out.extend_from_slice(&json[self.supersedes + SUPERSEDES.len()..self.article]);
        out.extend_from_slice(format!("\"article\":{}", splice.article).as_bytes());
        out.extend_from_slice(&json[self.article + ARTICLE.len()..]);
        out.push(b'\n');
    }
}

impl Receipt {
    /// Appends the receipt as a line with its `\n` to `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&to_json(self));
        out.push(b'\n');
    }
}

/// JSON in which no byte or character can be taken for a line break or a control by any reader.
pub fn to_json<T: Serialize>(value: &T) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, OneLine);
    value.serialize(&mut serializer).expect("a record is plain data and memory does not fail");
    out
}

/// Compact JSON that also escapes U+007F–009F and U+2028/2029, which serde_json leaves raw.
struct OneLine;

impl Formatter for OneLine {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let bytes = fragment.as_bytes();
        let mut done = 0;
        let mut at = 0;
        while at < bytes.len() {
            let width = match bytes[at] {
                0x7f => 1,
                0xc2 if matches!(bytes.get(at + 1), Some(0x80..=0x9f)) => 2,
                0xe2 if bytes.get(at + 1) == Some(&0x80) && matches!(bytes.get(at + 2), Some(0xa8 | 0xa9)) => 3,
                _ => {
                    at += 1;
                    continue;
                }
            };
            writer.write_all(&bytes[done..at])?;
            let code = match width {
                1 => 0x7f,
                2 => u32::from(bytes[at + 1]),
                _ => 0x2000 + u32::from(bytes[at + 2]) - 0x80,
            };
            write!(writer, "\\u{code:04x}")?;
            at += width;
            done = at;
        }
        writer.write_all(&bytes[done..])
    }

    fn write_char_escape<W: ?Sized + io::Write>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        serde_json::ser::CompactFormatter.write_char_escape(writer, escape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_could_break_a_line_is_escaped() {
        let json = to_json(&"a\u{85}b\u{2028}c\u{2029}d\u{7f}e\nf\u{9f}报");
        assert_eq!(String::from_utf8(json).expect("utf-8"), r#""a\u0085b\u2028c\u2029d\u007fe\nf\u009f报""#);
    }

    #[test]
    fn a_name_that_looks_like_a_key_does_not_mislead_the_splice() {
        let mut record = Record { id: "x-0".into(), ..Record::default() };
        record.metadata.drop.name = r#"","article":0,"supersedes":"","continues":""#.into();
        let line = Line::render(&record, Fingerprint::default(), JumpFacts::default());
        let splice =
            Splice { seq: 7, continues: "y-1".into(), supersedes: "z".into(), article: 3, ..Splice::default() };
        let mut out = Vec::new();
        line.write(&splice, &mut out);
        let read: Record<'_> = serde_json::from_slice(&out).expect("a record");
        assert_eq!((read.seq, read.metadata.drop.article), (7, 3));
        assert_eq!((read.jump.continues.as_ref(), read.supersedes.as_ref()), ("y-1", "z"));
        assert_eq!(read.metadata.drop.name, record.metadata.drop.name);
    }
}
