//! Where articles begin: evidence that adds up.
//!
//! Paragraphs come in groups: lines that may be a headline, credits, then sentences. Each place in a group where an
//! article could begin gets its evidence, a weight for each piece of it, and the best place wins if its sum is above
//! zero. The weights stand in `config/articles.tsv`; `tests/fit/articles.rs` fits them.

use crate::lexicon::Lexicon;
use crate::lexicon::press::Press;
use crate::segment::blocks::{Block, Look};
use crate::segment::cohesion::{Pairs, Topic};
use crate::segment::scan::{Scan, is_bullet, is_numeral, is_opener};

macro_rules! pieces {
    ($($piece:ident $name:literal,)*) => {
        /// One piece of evidence that an article begins.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Piece { $($piece),* }

        /// Names of the pieces, in the order of [`Evidence`].
        pub const NAMES: [&str; COUNT] = [$($name),*];

        /// How many there are.
        pub const COUNT: usize = [$(Piece::$piece),*].len();
    };
}

pieces! {
    Bias "bias",
    DatelineOwn "dateline_own",
    DatelineAgency "dateline_agency",
    DatelineUnknown "dateline_unknown",
    CreditHead "credit_head",
    Line "line",
    LineSecond "line_second",
    LineMore "line_more",
    LineWrapped "line_wrapped",
    LineWide "line_wide",
    LineTiny "line_tiny",
    LineEnumerated "line_enumerated",
    LineColon "line_colon",
    LineAsks "line_asks",
    LineInParts "line_in_parts",
    LineBlankBefore "line_blank_before",
    LineBlankAfter "line_blank_after",
    LineUsual "line_usual",
    LineEchoed "line_echoed",
    LineKnown "line_known",
    LineLeftBehind "line_left_behind",
    ClosedApart "closed_apart",
    ClosedInline "closed_inline",
    Unfinished "unfinished",
    ColumnOther "column_other",
    ColumnSame "column_same",
    PageBreak "page_break",
    BlankBefore "blank_before",
    Shared "shared",
    SharedBefore "shared_before",
    SharedNext "shared_next",
    NextOwn "next_own",
    Used "used",
    LeadWord "lead_word",
    LeadTime "lead_time",
    LeadEvent "lead_event",
    Single "single",
    GoesOnWord "goes_on_word",
    GoesOnQuote "goes_on_quote",
    DatelinesUsual "datelines_usual",
    HeadlinesUsual "headlines_usual",
    LongSoFar "long_so_far",
    ShortLead "short_lead",
    IndentLost "indent_lost",
    Bullet "bullet",
}

/// How strong each piece of evidence is.
pub type Evidence = [f32; COUNT];

/// A place where an article could begin.
#[derive(Clone, Debug)]
pub struct Place {
    /// The paragraph that would be the article's first.
    pub block: usize,
    pub evidence: Evidence,
}

/// What the page does as a rule.
#[derive(Clone, Copy, Debug, Default)]
struct Habits {
    /// Share of the sure beginnings that carry a dateline, and a headline.
    datelines: f32,
    headlines: f32,
}

/// The article that is being read.
#[derive(Debug)]
struct Current {
    prose: u32,
    column: u16,
    indents: u32,
    bullet: bool,
    topic: Topic,
    before: Pairs,
}

/// Walks over the groups of a page; `decide` picks one of the places of each group, or none. Answers the first
/// paragraph of each article, in order.
pub fn walk(lexicon: &Lexicon, blocks: &[Block<'_>], mut decide: impl FnMut(&[Place]) -> Option<usize>) -> Vec<usize> {
    let mut starts = Vec::new();
    let habits = habits(blocks);
    let mut current =
        Current { prose: 0, column: 0, indents: 0, bullet: false, topic: Topic::default(), before: Pairs::default() };
    let mut at = 0;
    let mut ahead: Option<(usize, Pairs)> = None;
    while at < blocks.len() {
        let Some(prose) = (at..blocks.len()).find(|i| blocks[*i].look == Look::Prose) else { break };
        let pairs = match ahead.take() {
            Some((i, p)) if i == prose => p,
            _ => Pairs::of(&lexicon.commonplace, blocks[prose].text),
        };
        let next = blocks.get(prose + 1).filter(|b| b.look == Look::Prose && b.mark.is_none());
        let next = next.map(|b| (prose + 1, Pairs::of(&lexicon.commonplace, b.text)));
        let begun = if starts.is_empty() {
            starts.push(at);
            true
        } else {
            let places = places(lexicon, blocks, at, prose, &current, &habits, &pairs, next.as_ref().map(|n| &n.1));
            match decide(&places) {
                Some(nth) => {
                    starts.push(places[nth].block);
                    true
                }
                None => false,
            }
        };
        if begun {
            current.topic.begin();
            current.prose = 0;
            current.indents = 0;
            current.bullet = blocks[prose].bullet;
        }
        let block = &blocks[prose];
        current.prose += 1;
        if block.shape.column > 0 && (current.column == 0 || block.shape.lines > 1 || begun) {
            current.column = block.shape.column;
        }
        current.indents += u32::from(block.shape.indent > 0);
        current.topic.add(&pairs);
        current.before = pairs;
        ahead = next;
        at = prose + 1;
    }
    starts
}

fn habits(blocks: &[Block<'_>]) -> Habits {
    let prose = |i: usize| blocks.get(i).is_some_and(|b| b.look == Look::Prose);
    let datelines = blocks.iter().filter(|b| b.mark.is_some()).count() as f32;
    let lines = (0..blocks.len())
        .filter(|i| blocks[*i].look == Look::Line && blocks[*i].mark.is_none())
        .filter(|i| prose(i + 1) || blocks.get(i + 1).is_some_and(|b| b.look == Look::Head))
        .filter(|i| {
            let follower = &blocks[i + 1];
            *i == 0 || follower.mark.is_some() || follower.look == Look::Head || blocks[i - 1].look == Look::Tail
        })
        .count() as f32;
    // About as many articles as the page has room for, or as its credits close.
    let room = blocks.iter().filter(|b| b.look == Look::Prose).map(|b| b.chars).sum::<u32>() as f32 / 1500.0;
    let closed = blocks.iter().filter(|b| b.look == Look::Tail).count() as f32;
    let sure = datelines.max(lines).max(room).max(closed).max(1.0);
    Habits { datelines: datelines / sure, headlines: lines / sure }
}

#[expect(clippy::too_many_arguments, reason = "all that one group is judged by")]
fn places(
    lexicon: &Lexicon,
    blocks: &[Block<'_>],
    from: usize,
    prose: usize,
    current: &Current,
    habits: &Habits,
    pairs: &Pairs,
    next: Option<&Pairs>,
) -> Vec<Place> {
    // A credit in brackets ends what stands before it: nothing begins before or at it.
    let first =
        (from..prose).rev().find(|i| matches!(blocks[*i].look, Look::Tail | Look::Caption)).map_or(from, |i| i + 1);
    let press = &lexicon.press;
    let shared = of_prose(press, blocks, prose, current, habits, pairs, next);
    (first..=prose)
        .filter(|i| *i == prose || *i + 8 > prose)
        .map(|block| {
            let mut evidence = shared;
            of_lines(blocks, from, block, prose, habits, &mut evidence);
            if let Some(line) = blocks[block..prose].iter().find(|b| b.look == Look::Line) {
                let words = Pairs::of(&lexicon.commonplace, line.text);
                set(&mut evidence, Piece::LineEchoed, surprise(pairs.shared(&words), words.len(), pairs.len()));
                set(
                    &mut evidence,
                    Piece::LineKnown,
                    surprise(current.topic.known(&words), words.len(), current.topic.used()),
                );
            }
            Place { block, evidence }
        })
        .collect()
}

fn set(evidence: &mut Evidence, piece: Piece, value: f32) {
    evidence[piece as usize] = value;
}

fn flag(evidence: &mut Evidence, piece: Piece, on: bool) {
    evidence[piece as usize] = f32::from(u8::from(on));
}

/// What the first sentences and the article before them say, wherever the headline begins.
fn of_prose(
    press: &Press,
    blocks: &[Block<'_>],
    prose: usize,
    current: &Current,
    habits: &Habits,
    pairs: &Pairs,
    next: Option<&Pairs>,
) -> Evidence {
    let mut e = [0.0; COUNT];
    let block = &blocks[prose];
    flag(&mut e, Piece::Bias, true);
    if let Some(mark) = &block.mark {
        // A paper opens its own reports with its own name; an agency's dateline may also stand in mid-article.
        let own = press.own.contains(&mark.dateline.agency) || !mark.credits.is_empty();
        flag(&mut e, Piece::DatelineOwn, own);
        flag(&mut e, Piece::DatelineAgency, mark.known && !own);
        flag(&mut e, Piece::DatelineUnknown, !mark.known && !own);
    }
    let column = block.shape.column;
    if column > 0 && current.column > 0 {
        let apart = column.abs_diff(current.column);
        flag(&mut e, Piece::ColumnOther, apart >= 3);
        flag(&mut e, Piece::ColumnSame, apart <= 1);
    }
    let enough = pairs.len() >= 12;
    set(&mut e, Piece::Shared, surprise(current.topic.known(pairs), pairs.len(), current.topic.used()));
    flag(&mut e, Piece::SharedBefore, enough && current.before.shared(pairs) > 0);
    if let Some(next) = next {
        set(&mut e, Piece::SharedNext, surprise(current.topic.known(next), next.len(), current.topic.used()));
        set(&mut e, Piece::NextOwn, surprise(pairs.shared(next), next.len(), pairs.len()));
    }
    set(&mut e, Piece::Used, (1.0 + current.topic.used() as f32).ln());
    let text = block.text.trim_start();
    let goes_on = press.goes_on.iter().any(|w| text.starts_with(w.as_str()));
    flag(&mut e, Piece::GoesOnWord, goes_on && !text.starts_with(is_opener));
    flag(&mut e, Piece::GoesOnQuote, text.starts_with(['“', '「', '‘', '『', '"']));
    let lead = press.leads.iter().any(|w| text.starts_with(w.as_str())) || opens_with_date(text);
    flag(&mut e, Piece::LeadWord, lead && !goes_on);
    let opening: String = text.chars().take(44).collect();
    flag(&mut e, Piece::LeadTime, tells_time(&opening));
    let sentence = text.split(['。', '；', '.']).next().unwrap_or_default();
    flag(&mut e, Piece::LeadEvent, press.events.iter().any(|w| sentence.contains(w.as_str())));
    flag(&mut e, Piece::Single, current.prose == 1);
    set(&mut e, Piece::DatelinesUsual, if block.mark.is_some() { 0.0 } else { habits.datelines });
    set(&mut e, Piece::LongSoFar, (current.prose as f32).ln());
    flag(&mut e, Piece::ShortLead, block.chars < 40);
    flag(&mut e, Piece::IndentLost, current.indents > 0 && block.shape.indent == 0);
    flag(&mut e, Piece::Bullet, block.bullet && current.bullet);
    e
}

/// By how much `known` of `pairs` pairs is more than chance brings to an article of `used` pairs, from -2 to 6.
fn surprise(known: usize, pairs: usize, used: usize) -> f32 {
    // Two reports that share no subject share one pair of 6,000, as measured on pages of news.
    let chance = pairs as f32 * used as f32 / 6000.0;
    ((known as f32 - chance) / (chance + 1.0).sqrt()).clamp(-2.0, 6.0)
}

/// What the lines from `first` up to the sentences at `prose` say, and the paragraph before `first`.
fn of_lines(blocks: &[Block<'_>], from: usize, first: usize, prose: usize, habits: &Habits, e: &mut Evidence) {
    let lines: Vec<&Block<'_>> = blocks[first..prose].iter().filter(|b| b.look == Look::Line).collect();
    flag(e, Piece::CreditHead, blocks[first..prose].iter().any(|b| b.look == Look::Head));
    flag(e, Piece::Line, !lines.is_empty());
    flag(e, Piece::LineSecond, lines.len() > 1);
    set(e, Piece::LineMore, lines.len().saturating_sub(2) as f32);
    if let Some(line) = lines.first() {
        let text = line.text.trim();
        let column = u32::from(line.shape.column.max(blocks[prose].shape.column));
        flag(e, Piece::LineWrapped, line.shape.lines > 1);
        flag(e, Piece::LineWide, column > 0 && line.cells > column);
        flag(e, Piece::LineTiny, line.chars < 6);
        flag(e, Piece::LineEnumerated, enumerated(text));
        flag(e, Piece::LineColon, text.ends_with(['：', ':']));
        flag(e, Piece::LineAsks, text.ends_with(['？', '?', '！', '!']));
        flag(e, Piece::LineInParts, text.contains(['：', ' ', '　', '—', '｜', '|', '“', '「', '！', '？']));
        flag(e, Piece::LineBlankBefore, line.shape.blank_before > 0);
    }
    if !lines.is_empty() {
        flag(e, Piece::LineBlankAfter, blocks[prose].shape.blank_before > 0);
    }
    set(
        e,
        Piece::LineLeftBehind,
        blocks[from..first].iter().filter(|b| matches!(b.look, Look::Line | Look::Head) && !b.finished()).count().min(3)
            as f32,
    );
    let usual = if lines.is_empty() { Piece::HeadlinesUsual } else { Piece::LineUsual };
    set(e, usual, habits.headlines);
    flag(e, Piece::PageBreak, blocks[first..=prose].iter().any(|b| b.shape.page_break_before));
    flag(e, Piece::BlankBefore, blocks[first].shape.blank_before > 0);
    if let Some(before) = first.checked_sub(1).and_then(|i| blocks.get(i)) {
        let apart = before.look == Look::Tail;
        flag(e, Piece::ClosedApart, apart);
        flag(e, Piece::ClosedInline, !apart && before.closes());
        flag(e, Piece::Unfinished, before.look == Look::Prose && !before.finished());
    }
}

/// `一、`, `（二）`, `1.`, `■`: how sub-headings and items open.
fn enumerated(text: &str) -> bool {
    let mut scan = Scan::new(text);
    if scan.eat_if(|c| is_bullet(c) || c == '★').is_some() {
        return true;
    }
    let bracket = scan.eat_if(|c| matches!(c, '（' | '(' | '第')).is_some();
    let number = scan.take(3, is_numeral);
    !number.is_empty()
        && scan.eat_if(|c| matches!(c, '、' | '.' | '．' | '）' | ')' | '，' | '章' | '节' | ':' | '：')).is_some()
        && (bracket || !scan.peek().is_some_and(|c| c.is_ascii_digit()))
}

/// Whether an opening says when: `7日`, `今天`, `11月6日`, `上周`.
fn tells_time(opening: &str) -> bool {
    const WORDS: &[&str] = &[
        "今天",
        "昨天",
        "前天",
        "今日",
        "昨日",
        "今早",
        "今晨",
        "昨晚",
        "日前",
        "近日",
        "连日来",
        "連日來",
        "早前",
        "本周",
        "上周",
        "周一",
        "周二",
        "周三",
        "周四",
        "周五",
        "周六",
        "周日",
        "星期",
        "当地时间",
        "當地時間",
        "北京时间",
        "凌晨",
        "上午",
        "下午",
        "晚间",
        "yesterday",
        "today",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ];
    let mut before = ' ';
    for c in opening.chars() {
        if matches!(c, '日' | '月') && is_numeral(before) {
            return true;
        }
        before = c;
    }
    WORDS.iter().any(|w| opening.contains(w))
}

fn opens_with_date(text: &str) -> bool {
    let mut scan = Scan::new(text);
    scan.eat_if(|c| c == '今');
    let year = scan.take(4, is_numeral);
    !year.is_empty() && scan.eat_if(|c| matches!(c, '年' | '月' | '日')).is_some()
}

/// The weights, in the order of [`NAMES`].
#[derive(Clone, Debug)]
pub struct Weights(pub Evidence);

impl Weights {
    /// What the evidence adds up to.
    pub fn sum(&self, evidence: &Evidence) -> f32 {
        self.0.iter().zip(evidence).map(|(w, e)| w * e).sum()
    }

    /// The best place, if it is good enough.
    pub fn best(&self, places: &[Place]) -> Option<usize> {
        let sums = places.iter().map(|p| self.sum(&p.evidence)).enumerate();
        let best = sums.fold(None, |best: Option<(usize, f32)>, (i, s)| match best {
            Some((_, b)) if b >= s => best,
            _ => Some((i, s)),
        });
        best.filter(|(_, s)| *s > 0.0).map(|(i, _)| i)
    }

    /// `dateline +3.1, share -0.4`: what adds up, the strongest first.
    pub fn told(&self, evidence: &Evidence) -> String {
        let mut parts: Vec<(f32, &str)> =
            (0..COUNT).map(|i| (self.0[i] * evidence[i], NAMES[i])).filter(|(v, _)| v.abs() >= 0.05).collect();
        parts.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
        let list: Vec<String> = parts.iter().map(|(v, n)| format!("{n} {v:+.1}")).collect();
        format!("{:+.1} = {}", self.sum(evidence), list.join(", "))
    }
}
