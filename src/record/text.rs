//! Clean text: decoded, without furniture, reflowed to paragraphs.

use std::sync::Arc;

use crate::record::drop::DropInfo;
use crate::record::remark::Remarks;
use crate::record::span::{Origins, Span};

/// What CLEAN makes of a chunk.
#[derive(Clone, Debug)]
pub struct CleanText {
    pub drop: Arc<DropInfo>,
    /// Which chunk of the drop, and the byte of the drop where it starts.
    pub chunk: u32,
    pub chunk_start: u64,
    /// Bytes of the chunk.
    pub chunk_bytes: u64,
    pub last: bool,
    /// Paragraphs joined by one `\n`; nothing else in it is a line break.
    pub text: String,
    /// From bytes of `text` to bytes of the chunk (add `chunk_start` for the drop).
    pub origins: Origins,
    /// Every paragraph, in order, with the shape it had on the page.
    pub paras: Vec<CleanPara>,
    pub page: PageFacts,
    /// Bytes of the chunk that belong to no paragraph, in order.
    pub set_aside: Vec<SetAside>,
    /// Lower-case WHATWG name, or `hz-gb-2312`.
    pub encoding: String,
    /// Undecodable byte runs that became U+FFFD.
    pub replaced: u32,
    /// Things a reader of the record should know, such as `columns_interleaved`; they go to `warnings`.
    pub warnings: Vec<&'static str>,
    pub remarks: Remarks,
}

/// A paragraph of the clean text and how it stood on the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CleanPara {
    pub span: Span,
    /// Lines it was set in.
    pub lines: u32,
    /// Modal width of the column it stands in, in half-width cells; 0 when the text was not hard-wrapped.
    pub column: u16,
    /// Widest line, in half-width cells.
    pub widest: u16,
    /// Leading blank cells of its first line.
    pub indent: u16,
    /// Blank lines before it.
    pub blank_before: u16,
    /// It stands after a form feed or page furniture.
    pub page_break_before: bool,
}

/// What the page says of itself, from furniture, the carry, or the file name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageFacts {
    /// Publication date from the masthead, `YYYY-MM-DD` or "".
    pub published: String,
    pub paper: String,
    pub page: String,
    pub section: String,
    pub editors: Vec<String>,
}

/// Bytes of the chunk that no paragraph holds, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct SetAside {
    /// Bytes of the chunk.
    pub raw: Span,
    /// `folio`, `running_head`, `masthead`, `editors`, `rule`, `mark`, `noise` …
    pub kind: &'static str,
}
