//! How well the annotators do on the annotated articles, and the floors below which they must not fall.
//!
//! `cargo test --test it annotated -- --nocapture` prints the table; `WENLIU_SHOW=PERSON` (any row name) lists what was
//! missed and what was invented.

use std::collections::BTreeMap;
use std::sync::Arc;

use wenliu::config::EnrichConfig;
use wenliu::enrich::entities::Named;
use wenliu::enrich::{Enricher, View, marks, quotes, statements};
use wenliu::lexicon::Lexicon;
use wenliu::record::article::{Article, Headline, Jump, Kind, Para, Role, Segmented, Sent};
use wenliu::record::drop::{DropId, DropInfo};
use wenliu::record::mention::{DateMention, Ent, Mentions, Person, Quantity, Quote, Statement};
use wenliu::record::remark::Remarks;
use wenliu::record::span::{Origins, Span};
use wenliu::record::text::{CleanPara, CleanText, PageFacts};

use crate::common;
use crate::marked::{self, Marked};

/// Found, expected, and right, of one row of the table.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    gold: usize,
    found: usize,
    right: usize,
}

impl Count {
    fn f1(self) -> f64 {
        if self.gold + self.found == 0 { 1.0 } else { 2.0 * self.right as f64 / (self.gold + self.found) as f64 }
    }
}

/// Rows by name and language.
#[derive(Debug, Default)]
struct Table {
    rows: BTreeMap<(String, String), Count>,
    show: Option<String>,
}

impl Table {
    /// Compares two lists of things that are equal or not, each used once.
    fn compare(&mut self, article: &Marked, row: &str, gold: Vec<String>, found: Vec<String>) {
        let mut count = Count { gold: gold.len(), found: found.len(), right: 0 };
        let mut left = gold;
        let mut extra = Vec::new();
        for thing in found {
            match left.iter().position(|g| *g == thing) {
                Some(at) => {
                    left.remove(at);
                    count.right += 1;
                }
                None => extra.push(thing),
            }
        }
        if self.show.as_deref() == Some(row) && !(left.is_empty() && extra.is_empty()) {
            println!("{} missed {left:?} invented {extra:?}", article.file);
        }
        self.add(article, row, count);
    }

    fn add(&mut self, article: &Marked, row: &str, count: Count) {
        let entry = self.rows.entry((row.to_owned(), article.lang.clone())).or_default();
        entry.gold += count.gold;
        entry.found += count.found;
        entry.right += count.right;
    }

    fn total(&self, row: &str, lang: impl Fn(&str) -> bool) -> Count {
        let mut sum = Count::default();
        for ((_, _), count) in self.rows.iter().filter(|((r, l), _)| r == row && lang(l)) {
            sum.gold += count.gold;
            sum.found += count.found;
            sum.right += count.right;
        }
        sum
    }

    fn print(&self) {
        println!("{:<30} {:>5} {:>6} {:>6} {:>6}   {:>6} {:>6} {:>6}", "", "n", "P", "R", "F1", "Hans", "Hant", "en");
        let mut names: Vec<&String> = self.rows.keys().map(|(r, _)| r).collect();
        names.dedup();
        for name in names {
            let all = self.total(name, |_| true);
            let of = |lang: &str| self.total(name, |l| l == lang).f1();
            println!(
                "{name:<30} {:>5} {:>6.3} {:>6.3} {:>6.3}   {:>6.3} {:>6.3} {:>6.3}",
                all.gold,
                all.right as f64 / all.found.max(1) as f64,
                all.right as f64 / all.gold.max(1) as f64,
                all.f1(),
                of("zh-Hans"),
                of("zh-Hant"),
                of("en")
            );
        }
    }
}

/// The marked text as SEGMENT would hand it over: headline in front, then its paragraphs.
fn segmented(article: &Marked, words: Option<&jieba_rs::Jieba>) -> (Segmented, u32) {
    let mut text = String::new();
    let mut paras = Vec::new();
    let mut headline = Headline::default();
    for (nth, line) in article.headline.iter().filter(|h| !h.is_empty()).enumerate() {
        let span = Span::at(text.len(), text.len() + line.len());
        text.push_str(line);
        text.push('\n');
        paras.push(Para { span, role: Role::Headline });
        *(if nth == 0 { &mut headline.main } else { &mut headline.deck }) = Some(span);
    }
    let base = text.len();
    for (nth, line) in article.text.lines().enumerate() {
        let role = article.roles.get(&nth).copied().unwrap_or(if nth == 0 { Role::Lead } else { Role::Body });
        paras.push(Para { span: Span::at(text.len(), text.len() + line.len()), role });
        text.push_str(line);
        text.push('\n');
    }
    text.pop();
    let sents = paras
        .iter()
        .zip(0..)
        .filter(|(p, _)| matches!(p.role, Role::Lead | Role::Body))
        .flat_map(|(p, nth)| sentences(p.span, p.span.of(&text)).into_iter().map(move |span| Sent { span, para: nth }))
        .collect();
    let mut at = 0;
    let mut spans = Vec::new();
    for word in words.map(|w| w.cut(&text, false)).unwrap_or_default() {
        if !word.word.trim().is_empty() {
            spans.push(Span::at(at, at + word.word.len()));
        }
        at += word.word.len();
    }
    let whole = Span::at(0, text.len());
    let clean = CleanText {
        drop: Arc::new(DropInfo {
            id: DropId([7; 32]),
            name: format!("page-{}.txt", article.anchor),
            bytes: text.len() as u64,
            admitted_ms: 1_800_000_000_000,
            mtime_ms: 1_800_000_000_000,
        }),
        chunk: 0,
        chunk_start: 0,
        chunk_bytes: text.len() as u64,
        last: true,
        origins: Origins::identity(whole.end),
        paras: paras
            .iter()
            .map(|p| CleanPara {
                span: p.span,
                lines: 1,
                column: 0,
                widest: 0,
                indent: 0,
                blank_before: 0,
                page_break_before: false,
            })
            .collect(),
        page: PageFacts::default(),
        set_aside: Vec::new(),
        encoding: "utf-8".into(),
        replaced: 0,
        warnings: Vec::new(),
        remarks: Remarks::default(),
        text,
    };
    let body = Span::new(u32::try_from(base).expect("small"), whole.end);
    let one = Article {
        kind: Kind::Article,
        span: whole,
        headline,
        dateline: None,
        credits: Vec::new(),
        paras,
        sents,
        words: spans,
        body,
        jump: Jump::default(),
        warnings: Vec::new(),
    };
    (Segmented { clean, articles: vec![one], remarks: Remarks::default() }, body.start)
}

/// A text without marks or headline, as SEGMENT would hand it over.
pub fn plain(text: &str) -> Segmented {
    let article = Marked { text: text.to_owned(), anchor: "2024-09-05".into(), ..Marked::default() };
    segmented(&article, None).0
}

fn sentences(para: Span, text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut start = 0;
    let mut ended = false;
    for (at, c) in text.char_indices() {
        let ends = matches!(c, '。' | '！' | '？' | '!' | '?')
            || (c == '.' && text.get(at + 1..).is_some_and(|r| r.starts_with(' ') || r.starts_with('”')));
        if ended && !ends && !matches!(c, '”' | '’' | '」' | '』' | '）' | ')') {
            spans.push(Span::at(start, at).plus(para.start));
            start = at;
            ended = false;
        }
        ended |= ends;
    }
    if start < text.len() {
        spans.push(Span::at(start, text.len()).plus(para.start));
    }
    spans
}

fn place(kind: &str) -> &str {
    match kind {
        "GPE" | "LOC" | "FAC" => "PLACE",
        "WORK_OF_ART" | "LAW" => "WORK",
        other => other,
    }
}

/// `12600 人`, as the marks write it.
fn amount(quantity: &Quantity) -> String {
    if quantity.kind == "score" {
        return format!("{}:{}", quantity.value, quantity.upper);
    }
    let range = if quantity.value == quantity.upper {
        quantity.value.to_string()
    } else {
        format!("{}~{}", quantity.value, quantity.upper)
    };
    format!("{range} {}", quantity.unit).trim().to_owned()
}

/// `2024-09-04/2024-09-05`, or a time, or a TIMEX value, whichever the mark uses.
fn moment(date: &DateMention, kind: &str, value: &str) -> String {
    match kind {
        "DURATION" | "SET" => date.timex.clone(),
        _ if value.contains('/') => format!("{}/{}", date.date, date.end_date),
        _ => date.date.clone(),
    }
}

fn score(table: &mut Table, article: &Marked, segmented: &Segmented, found: &Mentions, base: u32) {
    let text = segmented.text(&segmented.articles[0]);
    let named = |span: Span, what: &str| format!("{}@{}={what}", span.of(text), span.start);
    let in_body = |span: Span| span.start >= base;
    for row in ["PERSON", "TITLE", "ORG", "PLACE", "EVENT", "WORK"] {
        let gold: Vec<Span> =
            article.marks.iter().filter(|m| place(&m.kind) == row).map(|m| m.span.plus(base)).collect();
        let inner = |span: Span| article.inner.iter().any(|(t, k)| t == span.of(text) && place(k) == row);
        let ours = found
            .ents
            .iter()
            .filter(|e| in_body(e.span) && place(e.label) == row)
            .filter(|e| gold.contains(&e.span) || !inner(e.span))
            .map(|e| named(e.span, ""))
            .collect();
        table.compare(article, row, gold.iter().map(|s| named(*s, "")).collect(), ours);
    }
    let timed = |kind: &str| ["DATE", "TIME", "DURATION", "SET"].contains(&kind);
    let dates: Vec<_> = article.marks.iter().filter(|m| timed(&m.kind)).collect();
    let inner = |span: Span, kinds: &[&str]| {
        article.inner.iter().any(|(t, k)| t == span.of(text) && kinds.contains(&k.as_str()))
    };
    let ours: Vec<_> = found
        .dates
        .iter()
        .filter(|d| in_body(d.span))
        .filter(|d| {
            dates.iter().any(|m| m.span.plus(base) == d.span) || !inner(d.span, &["DATE", "TIME", "DURATION", "SET"])
        })
        .collect();
    let spans = dates.iter().map(|m| named(m.span.plus(base), "")).collect();
    table.compare(article, "date span", spans, ours.iter().map(|d| named(d.span, "")).collect());
    let gold = dates.iter().map(|m| named(m.span.plus(base), &m.value)).collect();
    let mark = |span: Span| dates.iter().find(|m| m.span.plus(base) == span);
    let values = ours
        .iter()
        .map(|d| named(d.span, &mark(d.span).map_or(d.timex.clone(), |m| moment(d, &m.kind, &m.value))))
        .collect();
    table.compare(article, "date value", gold, values);

    let numbers: Vec<_> = article.marks.iter().filter(|m| m.kind == "QUANTITY").collect();
    let ours: Vec<_> = found
        .quantities
        .iter()
        .filter(|q| in_body(q.span))
        // A length of time stands in both lists; the marks have it among the dates.
        .filter(|q| q.kind != "duration" || numbers.iter().any(|m| m.span.plus(base) == q.span))
        .filter(|q| numbers.iter().any(|m| m.span.plus(base) == q.span) || !inner(q.span, &["QUANTITY"]))
        .collect();
    let spans = numbers.iter().map(|m| named(m.span.plus(base), "")).collect();
    table.compare(article, "quantity span", spans, ours.iter().map(|q| named(q.span, "")).collect());
    let gold = numbers.iter().map(|m| named(m.span.plus(base), &m.value)).collect();
    table.compare(article, "quantity value", gold, ours.iter().map(|q| named(q.span, &amount(q))).collect());

    let posts = |name: &str, titles: &[String]| -> Vec<String> {
        titles.iter().map(|title| format!("{name}:{title}")).collect()
    };
    let gold = article.people.iter().flat_map(|(name, titles, _)| posts(name, titles)).collect();
    let ours = found.people.iter().filter(|p| p.rel != "byline").flat_map(|p| posts(&p.name, &p.titles)).collect();
    table.compare(article, "posts", gold, ours);
    let pair = |name: &str, org: &str| (!org.is_empty()).then(|| format!("{name}:{org}"));
    let gold = article.people.iter().filter_map(|(name, _, org)| pair(name, org)).collect();
    let ours = found.people.iter().filter_map(|p| pair(&p.name, &p.organisation)).collect();
    table.compare(article, "affiliation", gold, ours);

    said(table, article, text, base, "", &found.quotes, &found.statements);

    let tag = if article.lang == "en" { "en" } else { &article.lang };
    table.compare(article, "language", vec![tag.to_owned()], vec![found.language.clone()]);
    let headline = article.headline.concat();
    let count = covered(&headline, &found.keywords);
    if table.show.as_deref() == Some("keywords") {
        println!("{} {}/{} {headline} {}", article.file, count.right, count.gold, found.keywords.join(" "));
        println!("    {}\n    {}", found.title, found.summary);
    }
    table.add(article, "keywords", count);
}

/// Quotations and statements; `given` is said of rows that were found with the marked names in hand.
fn said(
    table: &mut Table,
    article: &Marked,
    text: &str,
    base: u32,
    given: &str,
    quotes: &[Quote],
    statements: &[Statement],
) {
    let row = |name: &str| format!("{name}{given}");
    let in_body = |span: Span| span.start >= base;
    let ours: Vec<_> = quotes.iter().filter(|q| in_body(q.span)).collect();
    let gold = article.quotes.iter().map(|(kind, _, text)| format!("{kind}:{text}")).collect();
    table.compare(
        article,
        &row("quotes"),
        gold,
        ours.iter().map(|q| format!("{}:{}", q.kind, q.span.of(text))).collect(),
    );
    let gold = article
        .quotes
        .iter()
        .filter(|(_, speaker, _)| !speaker.is_empty() && speaker != "?")
        .map(|(_, speaker, text)| format!("{speaker}:{text}"))
        .collect();
    let unknown = |q: &str| article.quotes.iter().any(|(_, s, t)| s == "?" && t == q);
    let said = ours
        .iter()
        .filter(|q| !q.speaker.is_empty() && !unknown(q.span.of(text)))
        .map(|q| format!("{}:{}", q.speaker, q.span.of(text)))
        .collect();
    table.compare(article, &row("speakers"), gold, said);
    let ours: Vec<_> = statements.iter().filter(|s| in_body(s.span)).collect();
    let gold = article.statements.iter().map(|(_, verb)| verb.clone()).collect();
    table.compare(article, &row("statement verbs"), gold, ours.iter().map(|s| s.verb.clone()).collect());
    let gold = article.statements.iter().map(|(speaker, verb)| format!("{speaker}:{verb}")).collect();
    let any = |verb: &str| article.statements.iter().any(|(s, v)| s == "?" && v == verb);
    let ours = ours
        .iter()
        .map(|s| if any(&s.verb) { format!("?:{}", s.verb) } else { format!("{}:{}", s.speaker, s.verb) })
        .collect();
    table.compare(article, &row("statements"), gold, ours);
}

/// The marked names as the entity annotators would hand them on.
fn given_names(article: &Marked, text: &str, base: u32) -> Named {
    let mut named = Named::default();
    for (name, titles, organisation) in &article.people {
        named.people.push(Person {
            name: name.clone(),
            titles: titles.clone(),
            organisation: organisation.clone(),
            ..Person::default()
        });
    }
    for mark in article.marks.iter().filter(|m| m.kind != "QUANTITY") {
        let span = mark.span.plus(base);
        let label = match mark.kind.as_str() {
            "PERSON" => "PERSON",
            "TITLE" => "TITLE",
            "ORG" => "ORG",
            "GPE" => "GPE",
            "EVENT" => "EVENT",
            "DATE" | "TIME" | "DURATION" | "SET" => "DATE",
            _ => "FAC",
        };
        let mut surface = span.of(text).trim_start_matches(['老', '小']);
        for honorific in ["先生", "女士", "师傅", "奶奶", "老伯", "教授"] {
            surface = surface.strip_suffix(honorific).unwrap_or(surface);
        }
        let number = article
            .people
            .iter()
            .position(|(name, ..)| name == surface)
            .or_else(|| article.people.iter().position(|(name, ..)| name.contains(surface)))
            .filter(|_| label == "PERSON");
        let reference = number.map_or(String::new(), |n| format!("p{}", n + 1));
        named.ents.push(Ent { span, label, norm: String::new(), reference });
    }
    named.ents.sort_by_key(|e| e.span.start);
    named
}

/// Letters of the headline, and how many of them stand in a keyword.
fn covered(headline: &str, keywords: &[String]) -> Count {
    let mut inside = vec![false; headline.len()];
    for keyword in keywords.iter().filter(|k| !k.is_empty()) {
        for (at, _) in headline.match_indices(keyword.as_str()) {
            inside[at..at + keyword.len()].fill(true);
        }
    }
    let letters: Vec<usize> = headline.char_indices().filter(|(_, c)| c.is_alphanumeric()).map(|(at, _)| at).collect();
    let right = letters.iter().filter(|at| inside[**at]).count();
    Count { gold: letters.len(), found: letters.len(), right }
}

fn measure() -> Table {
    let words = jieba_rs::Jieba::new();
    let lexicon = Arc::new(Lexicon::builtin());
    let enricher = Enricher::new(&EnrichConfig::default(), lexicon.clone());
    let mut table = Table { show: std::env::var("WENLIU_SHOW").ok(), ..Table::default() };
    for article in marked::corpus() {
        let (segmented, base) = segmented(&article, Some(&words));
        let (quotes, statements) = {
            let text = segmented.text(&segmented.articles[0]);
            let view = View {
                text,
                article: &segmented.articles[0],
                clean: &segmented.clean,
                lexicon: &lexicon,
                config: &EnrichConfig::default(),
                language: &article.lang,
            };
            let named = given_names(&article, text, base);
            let pairs = marks::pairs(text, view.article);
            let said = statements::find(&view, &named, &pairs, &mut Remarks::default());
            let statements: Vec<Statement> = said.iter().map(|s| s.statement(text)).collect();
            (quotes::find(&view, &named, &pairs, &said), statements)
        };
        let text = segmented.text(&segmented.articles[0]);
        said(&mut table, &article, text, base, ", names given", &quotes, &statements);
        let enriched = enricher.enrich(segmented);
        score(&mut table, &article, &enriched.segmented, &enriched.mentions[0], base);
    }
    table
}

#[test]
fn annotators_stay_above_their_floors() {
    let table = measure();
    table.print();
    let floors = include_str!("../corpus/annotated/floors.tsv");
    for line in floors.lines().filter(|l| !l.starts_with('#') && !l.is_empty()) {
        let (row, floor) = line.split_once('\t').expect("row and floor");
        let floor: f64 = floor.parse().expect("a number");
        let all = table.total(row, |_| true);
        assert!(all.gold > 0, "`{row}` is a row of the table");
        assert!(all.f1() >= floor, "{row}: F1 {:.3} fell below its floor {floor}", all.f1());
    }
}

/// Quotations and statements of the real page, article by article.
#[test]
fn the_seed_has_its_terms_and_statements() {
    let Some((name, bytes)) = common::shared_drops().into_iter().find(|(name, _)| name.starts_with("wuxi")) else {
        return;
    };
    let enriched = common::read(&name, &bytes).expect("the page is text");
    let articles = &enriched.segmented.articles;
    let told: Vec<(Vec<&str>, Vec<String>)> = articles
        .iter()
        .zip(&enriched.mentions)
        .map(|(article, found)| {
            let text = enriched.segmented.text(article);
            assert!(found.quotes.iter().all(|q| q.kind == "term" && q.speaker.is_empty()), "terms have no speaker");
            let terms = found.quotes.iter().map(|q| q.span.of(text)).collect();
            (terms, found.statements.iter().map(|s| format!("{}{}", s.speaker, s.verb)).collect())
        })
        .collect();
    let expected: [(&[&str], &[&str]); 3] = [
        (&["强富美高", "闯", "创", "干", "涉险滩", "无人区", "走在前、做示范、多作贡献"], &["会议强调", "会议指出"]),
        (
            &["勇挑大梁", "从无到有、从有到优", "走出去", "两重", "两新", "小快灵", "窗口期", "两张清单", "一件事"],
            &["杜小刚强调", "杜小刚强调", "赵建军要求"],
        ),
        (&["快车道", "实验室", "应用场"], &["北大相关负责人表示"]),
    ];
    assert_eq!(told.len(), expected.len());
    for ((terms, statements), (gold_terms, gold_statements)) in told.iter().zip(expected) {
        assert_eq!(terms, gold_terms);
        assert_eq!(statements, gold_statements);
    }
}
