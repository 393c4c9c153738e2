//! A small article with marked names, for the tests of annotators.

use std::sync::Arc;

use crate::config::EnrichConfig;
use crate::enrich::View;
use crate::enrich::entities::Named;
use crate::lexicon::Lexicon;
use crate::record::article::{Article, Headline, Jump, Kind, Para, Role, Sent};
use crate::record::drop::{DropId, DropInfo};
use crate::record::mention::{Ent, Person};
use crate::record::remark::Remarks;
use crate::record::span::{Origins, Span};
use crate::record::text::{CleanText, PageFacts};

/// Calls `test` with the text without its marks; names between ⟦ ⟧ are people. Paragraphs are lines; a first line
/// that starts with `# ` is the headline.
pub fn with_names(marked: &str, test: impl FnOnce(&View<'_>, &Named)) {
    let mut text = String::new();
    let mut named = Named::default();
    let (headline, marked) = match marked.strip_prefix("# ").and_then(|m| m.split_once('\n')) {
        Some((headline, rest)) => (headline, rest),
        None => ("", marked),
    };
    if !headline.is_empty() {
        text = format!("{headline}\n");
    }
    for (nth, part) in marked.split(['⟦', '⟧']).enumerate() {
        let span = Span::at(text.len(), text.len() + part.len());
        text.push_str(part);
        if nth % 2 == 1 {
            let number = named.people.iter().position(|p| p.name == part).unwrap_or_else(|| {
                named.people.push(Person { name: part.into(), rel: "mentions", ..Person::default() });
                named.people.len() - 1
            });
            let reference = format!("p{}", number + 1);
            named.ents.push(Ent { span, label: "PERSON", norm: part.into(), reference });
        }
    }
    let clean = clean(&text);
    let article = article(&text, !headline.is_empty());
    let lexicon = Lexicon::builtin();
    let config = EnrichConfig::default();
    let view =
        View { text: &text, article: &article, clean: &clean, lexicon: &lexicon, config: &config, language: "zh-Hans" };
    test(&view, &named);
}

fn clean(text: &str) -> CleanText {
    let drop =
        DropInfo { id: DropId([0; 32]), name: "t.txt".into(), bytes: text.len() as u64, admitted_ms: 0, mtime_ms: 0 };
    CleanText {
        drop: Arc::new(drop),
        chunk: 0,
        chunk_start: 0,
        chunk_bytes: text.len() as u64,
        last: true,
        text: text.into(),
        origins: Origins::identity(Span::at(0, text.len()).end),
        paras: Vec::new(),
        page: PageFacts::default(),
        set_aside: Vec::new(),
        encoding: "utf-8".into(),
        replaced: 0,
        warnings: Vec::new(),
        remarks: Remarks::default(),
    }
}

/// Lines are paragraphs; sentences end at full stops.
fn article(text: &str, headline: bool) -> Article {
    let mut paras = Vec::new();
    let mut at = 0;
    for (nth, line) in text.split('\n').enumerate() {
        let role = match nth {
            0 if headline => Role::Headline,
            n if n == usize::from(headline) => Role::Lead,
            _ => Role::Body,
        };
        paras.push(Para { span: Span::at(at, at + line.len()), role });
        at += line.len() + 1;
    }
    let mut sents = Vec::new();
    for (para, nth) in paras.iter().zip(0..).filter(|(p, _)| p.role != Role::Headline) {
        let mut start = para.span.start;
        for piece in para.span.of(text).split_inclusive('。') {
            let end = start + Span::at(0, piece.len()).end;
            sents.push(Sent { span: Span::new(start, end), para: nth });
            start = end;
        }
    }
    let whole = Span::at(0, text.len());
    let body = Span::new(paras.get(usize::from(headline)).map_or(0, |p| p.span.start), whole.end);
    let first = Headline { main: headline.then(|| paras[0].span), ..Headline::default() };
    Article {
        kind: Kind::Article,
        span: whole,
        headline: first,
        dateline: None,
        credits: Vec::new(),
        paras,
        sents,
        words: Vec::new(),
        body,
        jump: Jump::default(),
        warnings: Vec::new(),
    }
}
