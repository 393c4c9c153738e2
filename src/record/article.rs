//! Articles as cut from the clean text.
//!
//! [`Article::span`] counts bytes of the clean text; every span *inside* an article counts bytes from the
//! article's own start, so that an annotator sees one text that begins at 0.

use crate::record::remark::Remarks;
use crate::record::span::Span;
use crate::record::text::CleanText;

/// What SEGMENT makes of a clean text.
#[derive(Clone, Debug)]
pub struct Segmented {
    pub clean: CleanText,
    /// In reading order; together they hold every paragraph of the clean text.
    pub articles: Vec<Article>,
    pub remarks: Remarks,
}

impl Segmented {
    /// The text of one of its articles.
    pub fn text(&self, article: &Article) -> &str {
        article.span.of(&self.clean.text)
    }
}

/// Whether a record is an article or text that no article claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Article,
    Fragment,
}

/// One report as the paper printed it.
#[derive(Clone, Debug, PartialEq)]
pub struct Article {
    pub kind: Kind,
    /// Bytes of the clean text.
    pub span: Span,
    pub headline: Headline,
    pub dateline: Option<Dateline>,
    pub credits: Vec<Credit>,
    pub paras: Vec<Para>,
    pub sents: Vec<Sent>,
    /// Words in order, without gaps but for white space; filled when `enrich.tokens` is on.
    pub words: Vec<Span>,
    /// The text without headline, dateline mark and byline.
    pub body: Span,
    pub jump: Jump,
    /// Things a reader of the record should know; they go to `warnings`.
    pub warnings: Vec<&'static str>,
}

/// The printed title in its parts; all empty when none is printed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Headline {
    pub kicker: Option<Span>,
    pub main: Option<Span>,
    pub deck: Option<Span>,
}

impl Headline {
    /// The parts that are printed, in their order in the text.
    pub fn parts(&self) -> impl Iterator<Item = Span> + '_ {
        let mut parts: Vec<Span> = [self.kicker, self.main, self.deck].into_iter().flatten().collect();
        parts.sort_by_key(|s| s.start);
        parts.into_iter()
    }
}

/// The opening mark: agency, place, date, mode (`新华社北京9月3日电`, `本报讯`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dateline {
    pub span: Span,
    pub agency: String,
    pub place: String,
    /// The date as printed (`9月3日`), if any.
    pub date: Option<Span>,
    /// `电`, `讯`, `专电` …
    pub mode: String,
    /// Printed with 据: relayed from another agency.
    pub relayed: bool,
}

/// A name that signs the article.
#[derive(Clone, Debug, PartialEq)]
pub struct Credit {
    pub span: Span,
    pub name: String,
    /// `记者`, `通讯员`, `摄` …, or "".
    pub role: String,
}

/// What a paragraph is to its article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Headline,
    Lead,
    Body,
    Subhead,
    Caption,
    Byline,
}

impl Role {
    /// The word in the record.
    pub fn word(self) -> &'static str {
        match self {
            Role::Headline => "headline",
            Role::Lead => "lead",
            Role::Body => "body",
            Role::Subhead => "subhead",
            Role::Caption => "caption",
            Role::Byline => "byline",
        }
    }
}

/// A paragraph; paragraphs follow each other with one `\n` between.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Para {
    pub span: Span,
    pub role: Role,
}

/// A sentence and the index of its paragraph.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sent {
    pub span: Span,
    pub para: u32,
}

/// Where the article goes on, or comes from (`下转第3版`, `上接第1版`); page numbers as printed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Jump {
    pub to_page: String,
    pub from_page: String,
}
