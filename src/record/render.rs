//! From what the stages know of an article to its line (or lines, when it is too long for one).

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use crate::record::article::{Article, Kind};
use crate::record::drop::hex;
use crate::record::line::{
    CreditOut, DateOut, DatelineOut, DropOut, EntOut, JumpFacts, JumpOut, Line, Metadata, NamedOut, NearDup, ParaOut,
    PersonOut, PipelineOut, PlaceOut, QualityOut, QuantityOut, QuoteOut, Range, Record, SCHEMA_VERSION, SentOut,
    StatementOut, SubjectOut, Tokens,
};
use crate::record::mention::{Enriched, Fingerprint, Mentions};
use crate::record::span::{SourceMap, Span};
use crate::record::text::CleanText;

/// What every record of a run has in common.
#[derive(Clone, Debug)]
pub struct RenderConfig {
    /// The record's `source`.
    pub source: String,
    /// 16 hex digits over every setting and table that can change the text of a record.
    pub config_hash: String,
    /// A longer line is split into parts, in bytes.
    pub max_line_bytes: usize,
    /// Whether words are written.
    pub tokens: bool,
    /// Labels whose text is masked.
    pub mask: Vec<String>,
}

/// The lines of every article, in order.
pub fn lines(enriched: &Enriched, config: &RenderConfig) -> Vec<Line> {
    let articles = &enriched.segmented.articles;
    articles
        .iter()
        .zip(&enriched.mentions)
        .flat_map(|(article, mentions)| article_lines(enriched, article, mentions, config))
        .collect()
}

fn article_lines(enriched: &Enriched, article: &Article, mentions: &Mentions, config: &RenderConfig) -> Vec<Line> {
    let page = Page { clean: &enriched.segmented.clean, article, mentions, config };
    let whole = Span::new(0, article.span.len());
    let line = page.line(whole, 1, 1);
    if line.len_max() <= config.max_line_bytes {
        return vec![line];
    }
    let mut pieces = Vec::new();
    page.split(whole, &mut pieces);
    let parts = pieces.len() as u64;
    pieces.iter().zip(1..).map(|(piece, part)| page.line(*piece, part, parts)).collect()
}

/// One article on its page, ready to be rendered in whole or in part.
struct Page<'a> {
    clean: &'a CleanText,
    article: &'a Article,
    mentions: &'a Mentions,
    config: &'a RenderConfig,
}

impl<'a> Page<'a> {
    /// Halves `span` at the best place near its middle until every piece fits a line.
    fn split(&self, span: Span, pieces: &mut Vec<Span>) {
        let fits = self.line(span, 99_999, 99_999).len_max() <= self.config.max_line_bytes;
        match self.cut(span).filter(|_| !fits) {
            Some(cut) => {
                self.split(Span::new(span.start, cut), pieces);
                // The line break between two paragraphs belongs to neither part.
                let text = self.article.span.of(&self.clean.text);
                let broken = text.as_bytes().get(cut as usize) == Some(&b'\n');
                self.split(Span::new(cut + u32::from(broken), span.end), pieces);
            }
            None => pieces.push(span),
        }
    }

    /// A paragraph end, else a sentence end, else a character border, nearest to the middle.
    fn cut(&self, span: Span) -> Option<u32> {
        let middle = span.start + span.len() / 2;
        let inside = |at: &u32| *at > span.start && *at + 1 < span.end;
        let near = |ends: &mut dyn Iterator<Item = u32>| ends.filter(inside).min_by_key(|at| at.abs_diff(middle));
        let quarter = span.len() / 4;
        let good = |at: &u32| at.abs_diff(middle) <= quarter;
        let text = self.article.span.of(&self.clean.text);
        near(&mut self.article.paras.iter().map(|p| p.span.end))
            .filter(good)
            .or_else(|| near(&mut self.article.sents.iter().map(|s| s.span.end)).filter(good))
            .or_else(|| near(&mut (middle..span.end).filter(|at| text.is_char_boundary(*at as usize)).take(1)))
    }

    fn line(&self, span: Span, part: u64, parts: u64) -> Line {
        let (clean, article, mentions) = (self.clean, self.article, self.mentions);
        let text = span.of(article.span.of(&clean.text));
        let points = Points::of(text, span);
        let in_clean = span.plus(article.span.start);
        let raw = clean.origins.raw(in_clean);
        let start = clean.chunk_start + u64::from(raw.start);
        let (ents, kept) = self.ents(&points);
        let body =
            Span::new(article.body.start.clamp(span.start, span.end), article.body.end.clamp(span.start, span.end));
        let by = by_line(article, &mentions.language);
        let mut warnings: Vec<&str> =
            clean.warnings.iter().chain(&article.warnings).chain(&mentions.warnings).copied().collect();
        if article.headline == Default::default() {
            warnings.push("no_headline");
        }
        warnings.sort_unstable();
        warnings.dedup();
        let shown = self.hide(text);
        let record = Record {
            seq: 0,
            id: format!("{}-{start}", clean.drop.id.short()),
            schema_version: SCHEMA_VERSION.into(),
            r#type: match article.kind {
                Kind::Article => "article".into(),
                Kind::Fragment => "fragment".into(),
            },
            source: self.config.source.as_str().into(),
            added: rfc3339(clean.drop.admitted_ms),
            created: mentions.created.date.clone(),
            created_basis: mentions.created.basis.into(),
            language: mentions.language.as_str().into(),
            title: self.hide(&mentions.title),
            headline: self.headline(),
            by,
            located: mentions.located.as_str().into(),
            text: shown.clone(),
            body: points.range(body),
            summary: self.hide(&mentions.summary),
            keywords: mentions.keywords.iter().map(|k| self.hide(k)).collect(),
            dateline: self.dateline(&points),
            credits: points
                .of_list(&article.credits, |c| c.span)
                .map(|(r, c)| CreditOut {
                    start: r.start,
                    end: r.end,
                    name: c.name.as_str().into(),
                    role: c.role.as_str().into(),
                })
                .collect(),
            paras: self.paras(&points),
            sents: self.sents(&points),
            ents,
            people: mentions
                .people
                .iter()
                .filter_map(|p| {
                    Some(PersonOut {
                        name: p.name.as_str().into(),
                        titles: p.titles.iter().map(|t| t.as_str().into()).collect(),
                        organisation: p.organisation.as_str().into(),
                        rel: p.rel.into(),
                        uri: "".into(),
                        mentions: indexes(&p.mentions, &kept, parts)?,
                    })
                })
                .collect(),
            organisations: mentions
                .organisations
                .iter()
                .filter_map(|o| named(&o.name, o.rel, &o.mentions, &kept, parts))
                .collect(),
            places: mentions
                .places
                .iter()
                .filter_map(|p| {
                    Some(PlaceOut {
                        name: p.name.as_str().into(),
                        rel: p.rel.into(),
                        code: p.code.as_str().into(),
                        uri: "".into(),
                        mentions: indexes(&p.mentions, &kept, parts)?,
                    })
                })
                .collect(),
            events: mentions.events.iter().filter_map(|e| named(&e.name, e.rel, &e.mentions, &kept, parts)).collect(),
            dates: points
                .of_list(&mentions.dates, |d| d.span)
                .map(|(r, d)| DateOut {
                    start: r.start,
                    end: r.end,
                    text: self.hide(self.text_of(d.span)),
                    timex: d.timex.as_str().into(),
                    date: d.date.as_str().into(),
                    end_date: d.end_date.as_str().into(),
                    precision: d.precision.into(),
                    basis: d.basis.into(),
                })
                .collect(),
            quantities: points
                .of_list(&mentions.quantities, |q| q.span)
                .map(|(r, q)| QuantityOut {
                    start: r.start,
                    end: r.end,
                    text: self.hide(self.text_of(q.span)),
                    value: q.value,
                    upper: q.upper,
                    unit: q.unit.as_str().into(),
                    kind: q.kind.into(),
                    modifier: q.modifier.into(),
                })
                .collect(),
            quotes: points
                .of_list(&mentions.quotes, |q| q.span)
                .map(|(r, q)| QuoteOut {
                    start: r.start,
                    end: r.end,
                    text: self.hide(self.text_of(q.span)),
                    kind: q.kind.into(),
                    speaker: q.speaker.as_str().into(),
                })
                .collect(),
            statements: points
                .of_list(&mentions.statements, |s| s.span)
                .map(|(r, s)| StatementOut {
                    start: r.start,
                    end: r.end,
                    speaker: s.speaker.as_str().into(),
                    verb: s.verb.as_str().into(),
                })
                .collect(),
            subjects: mentions
                .subjects
                .iter()
                .map(|s| SubjectOut { name: s.as_str().into(), uri: "".into() })
                .collect(),
            tokens: self.tokens(&points),
            near_dup: NearDup::default(),
            jump: JumpOut {
                to_page: article.jump.to_page.as_str().into(),
                from_page: article.jump.from_page.as_str().into(),
                continues: "".into(),
            },
            quality: QualityOut {
                han: mentions.quality.han,
                replaced: u64::from(mentions.quality.replaced),
                repeated_lines: mentions.quality.repeated_lines,
            },
            source_map: SourceMap::of(&clean.text, in_clean, &clean.origins, clean.chunk_start),
            chars: points.count(),
            bmp: text.chars().all(|c| u32::from(c) < 0x1_0000),
            text_sha256: hex(&Sha256::digest(shown.as_bytes())),
            supersedes: "".into(),
            warnings: warnings.into_iter().map(Cow::from).collect(),
            metadata: Metadata {
                drop: DropOut {
                    name: clean.drop.name.as_str().into(),
                    sha256: clean.drop.id.to_string(),
                    bytes: clean.drop.bytes,
                    encoding: clean.encoding.as_str().into(),
                    start,
                    end: clean.chunk_start + u64::from(raw.end),
                    article: 0,
                    page: clean.page.page.as_str().into(),
                    section: clean.page.section.as_str().into(),
                    paper: clean.page.paper.as_str().into(),
                },
                part,
                parts,
                pipeline: PipelineOut {
                    name: "wenliu".into(),
                    version: env!("CARGO_PKG_VERSION").into(),
                    config: self.config.config_hash.as_str().into(),
                },
            },
        };
        let fingerprint = if part == 1 { mentions.fingerprint.clone() } else { Fingerprint::default() };
        Line::render(&record, fingerprint, self.jump_facts())
    }

    fn text_of(&self, span: Span) -> &'a str {
        span.of(self.article.span.of(&self.clean.text))
    }

    fn headline(&self) -> String {
        self.article
            .headline
            .parts()
            .map(|s| self.hide(self.text_of(s)).replace('\n', " "))
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn dateline(&self, points: &Points) -> DatelineOut<'a> {
        let date = self.mentions.created.date.clone();
        match self.article.dateline.as_ref().and_then(|d| Some((points.inside(d.span)?, d))) {
            Some((range, d)) => DatelineOut {
                start: range.start,
                end: range.end,
                text: self.text_of(d.span).into(),
                agency: d.agency.as_str().into(),
                place: d.place.as_str().into(),
                date,
                mode: d.mode.as_str().into(),
            },
            None => DatelineOut { date, ..DatelineOut::default() },
        }
    }

    /// The paragraphs of a part: those that a cut has divided keep the piece that lies in it.
    fn paras(&self, points: &Points) -> Vec<ParaOut<'a>> {
        self.paras_in(points)
            .map(|(_, span, para)| {
                let range = points.range(span);
                ParaOut { start: range.start, end: range.end, role: para.role.word().into() }
            })
            .collect()
    }

    fn paras_in<'p>(
        &'p self,
        points: &'p Points,
    ) -> impl Iterator<Item = (usize, Span, &'p crate::record::article::Para)> {
        self.article.paras.iter().enumerate().filter_map(|(index, para)| Some((index, points.shared(para.span)?, para)))
    }

    fn sents(&self, points: &Points) -> Vec<SentOut> {
        let first = self.paras_in(points).next().map_or(0, |(index, ..)| index as u64);
        self.article
            .sents
            .iter()
            .filter_map(|sent| {
                let range = points.range(points.shared(sent.span)?);
                Some(SentOut { start: range.start, end: range.end, para: u64::from(sent.para) - first })
            })
            .collect()
    }

    /// The named spans that lie wholly in the part, and for each of all spans its index among them.
    fn ents(&self, points: &Points) -> (Vec<EntOut<'a>>, Vec<Option<u64>>) {
        let mut out = Vec::new();
        let mut kept = Vec::with_capacity(self.mentions.ents.len());
        for ent in &self.mentions.ents {
            let range = points.inside(ent.span);
            kept.push(range.map(|_| out.len() as u64));
            if let Some(range) = range {
                out.push(EntOut {
                    start: range.start,
                    end: range.end,
                    label: ent.label.into(),
                    text: self.hide(self.text_of(ent.span)),
                    norm: self.hide(&ent.norm),
                    reference: ent.reference.as_str().into(),
                });
            }
        }
        (out, kept)
    }

    /// `text` with every masked name, number or address in it replaced by as many `*` as it has characters.
    fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut shown = Cow::Borrowed(text);
        for ent in self.mentions.ents.iter().filter(|e| self.config.mask.iter().any(|m| m == e.label)) {
            let secret = self.text_of(ent.span);
            if shown.contains(secret) {
                shown = shown.replace(secret, &"*".repeat(secret.chars().count())).into();
            }
        }
        shown
    }

    fn tokens(&self, points: &Points) -> Tokens {
        let mut tokens = Tokens::default();
        if self.config.tokens {
            for (range, _) in points.of_list(&self.article.words, |w| *w) {
                tokens.start.push(range.start);
                tokens.end.push(range.end);
            }
        }
        tokens
    }

    fn jump_facts(&self) -> JumpFacts {
        let (page, jump) = (&self.clean.page, &self.article.jump);
        JumpFacts {
            paper: page.paper.clone(),
            published: page.published.clone(),
            page: page.page.clone(),
            to_page: jump.to_page.clone(),
            from_page: jump.from_page.clone(),
            title: self.mentions.title.clone(),
        }
    }
}

/// Byte offsets of an article as code points of one part of it.
struct Points {
    /// The part, in bytes of the article.
    base: Span,
    /// Code points before every 64th byte.
    marks: Vec<u64>,
    bytes: Vec<u8>,
}

impl Points {
    fn of(text: &str, base: Span) -> Points {
        let mut marks = Vec::with_capacity(text.len() / 64 + 1);
        let mut count = 0;
        for block in text.as_bytes().chunks(64) {
            marks.push(count);
            count += starts(block);
        }
        marks.push(count);
        Points { base, marks, bytes: text.as_bytes().to_vec() }
    }

    fn count(&self) -> u64 {
        self.at(self.base.end)
    }

    fn at(&self, byte: u32) -> u64 {
        let offset = (byte - self.base.start) as usize;
        let block = offset / 64;
        self.marks[block] + starts(&self.bytes[block * 64..offset])
    }

    fn range(&self, span: Span) -> Range {
        Range { start: self.at(span.start), end: self.at(span.end) }
    }

    fn inside(&self, span: Span) -> Option<Range> {
        self.base.holds(span).then(|| self.range(span))
    }

    /// What `span` has in common with the part; an empty paragraph is kept where it lies.
    fn shared(&self, span: Span) -> Option<Span> {
        let (start, end) = (span.start.max(self.base.start), span.end.min(self.base.end));
        (start < end || span.is_empty() && start == end).then(|| Span::new(start, end))
    }

    fn of_list<'l, T>(&'l self, list: &'l [T], span: impl Fn(&T) -> Span + 'l) -> impl Iterator<Item = (Range, &'l T)> {
        list.iter().filter_map(move |item| Some((self.inside(span(item))?, item)))
    }
}

/// How many characters start in these bytes of UTF-8.
fn starts(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|b| (**b & 0xc0) != 0x80).count() as u64
}

/// Mentions by their index in this part; `None` when the article is split and none of them lies in this part.
fn indexes(mentions: &[u32], kept: &[Option<u64>], parts: u64) -> Option<Vec<u64>> {
    let list: Vec<u64> = mentions.iter().filter_map(|m| kept.get(*m as usize).copied().flatten()).collect();
    (parts == 1 || !list.is_empty()).then_some(list)
}

fn named<'a>(name: &'a str, rel: &'a str, mentions: &[u32], kept: &[Option<u64>], parts: u64) -> Option<NamedOut<'a>> {
    Some(NamedOut { name: name.into(), rel: rel.into(), uri: "".into(), mentions: indexes(mentions, kept, parts)? })
}

fn by_line(article: &Article, language: &str) -> String {
    let names: Vec<&str> = article.credits.iter().map(|c| c.name.as_str()).collect();
    names.join(if language.starts_with("zh") || language == "ja" { "、" } else { ", " })
}

/// `2026-11-22T11:49:22Z` from milliseconds since 1970.
pub fn rfc3339(ms: i64) -> String {
    match jiff::Timestamp::from_millisecond(ms) {
        Ok(time) => time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        Err(_) => "1970-01-01T00:00:00Z".into(),
    }
}
