//! Foreign names: 阿卜杜拉耶·恩迪亚耶 by its dots, 特朗普 by its characters.

use crate::enrich::entities::page::Page;
use crate::lexicon::entries::{FULL, HEAD, MOD, ROLE};
use crate::lexicon::words::{Tag, is_han};
use crate::record::span::Span;

/// Longest part of a dotted name, in characters.
const LONGEST: usize = 9;

fn dot(c: char) -> bool {
    matches!(c, '·' | '•' | '・' | '‧' | '．' | '.')
}

fn letters(c: char) -> bool {
    is_han(c)
}

/// Every name with dots: its span and the parts.
pub fn dotted(page: &Page<'_>) -> Vec<(Span, Vec<Span>)> {
    let text = page.simple.as_ref();
    let mut found: Vec<(Span, Vec<Span>)> = Vec::new();
    for (at, c) in text.char_indices() {
        if !dot(c) || found.last().is_some_and(|(span, _)| span.end as usize > at) {
            continue;
        }
        let left = before(page, at);
        let first = Span::at(left, at);
        let mut parts = vec![first];
        let mut end = at;
        let mut next = Some(c);
        while let Some(mark) = next.filter(|c| dot(*c) || *c == '-') {
            let start = end + mark.len_utf8();
            let stop = after(page, start);
            if stop == start {
                break;
            }
            parts.push(Span::at(start, stop));
            end = stop;
            next = text.get(stop..).and_then(|rest| rest.chars().next());
        }
        if first.is_empty() || parts.len() < 2 {
            continue;
        }
        found.push((Span::at(left, end), parts));
    }
    found
}

/// Where the part before a dot starts: as far left as its characters spell foreign names.
fn before(page: &Page<'_>, at: usize) -> usize {
    let names = &page.lexicon.names;
    let edge = page.words.partition_point(|w| (w.span.end as usize) <= at);
    let mut start = at;
    let mut length = 0;
    let mut index = edge;
    // Where characters end that spell foreign names; further ones only count before a clear border.
    let mut soft: Option<(usize, usize)> = None;
    while index > 0 {
        index -= 1;
        let Some(word) = page.words.get(index) else { break };
        let span = word.span;
        if span.end as usize != start {
            break;
        }
        let own = page.text(span);
        let odds: i32 = own.chars().map(|c| i32::from(names.letter(c).odds)).sum();
        let chars = own.chars().count();
        if own.chars().all(|c| c.is_ascii_alphabetic()) && length == 0 {
            return span.start as usize;
        }
        if !own.chars().all(letters) || length + chars > LONGEST {
            break;
        }
        let stop = length > 0 && ends_before(page, index, odds, chars as i32);
        if stop {
            soft = soft.filter(|_| length > 6);
            break;
        }
        if length > 0 && chars == 1 && odds < -120 && soft.is_none() {
            soft = Some((start, length));
        }
        start = span.start as usize;
        length += chars;
    }
    match soft {
        Some((edge, _)) if length > 6 => edge,
        _ => start,
    }
}

/// Whether a character that spells foreign names stands right before the word: 埃马|纽埃|尔.
fn goes_on(page: &Page<'_>, index: usize) -> bool {
    let odds = |c: char| page.lexicon.names.letter(c).odds > 100;
    page.joins(index) && page.entry(index - 1).post == 0 && page.word(index - 1).chars().all(odds)
}

/// Whether the word at `index` stands before a foreign name rather than in it.
fn ends_before(page: &Page<'_>, index: usize, odds: i32, chars: i32) -> bool {
    let entry = page.entry(index);
    let tag = page.tag(index);
    if chars == 1 {
        let function = matches!(
            page.word(index),
            "的" | "和"
                | "与"
                | "在"
                | "对"
                | "向"
                | "由"
                | "为"
                | "是"
                | "前"
                | "原"
                | "副"
                | "说"
                | "及"
                | "给"
                | "让"
                | "被"
                | "把"
                | "请"
                | "从"
                | "将"
                | "员"
                | "长"
                | "家"
                | "人"
                | "手"
                | "者"
                | "师"
                | "名"
                | "位"
        );
        return function || entry.post & MOD != 0;
    }
    entry.post & (FULL | HEAD | ROLE) != 0
        || entry.post & MOD != 0
        || entry.cue != 0
        || !entry.places.is_empty() && !goes_on(page, index)
        || matches!(tag, Tag::Preposition | Tag::Conjunction | Tag::Particle | Tag::Pronoun | Tag::Adverb | Tag::Body)
        || tag == Tag::Place && page.cost(index) < 1450
        || !matches!(tag, Tag::Unknown | Tag::Person | Tag::Foreign | Tag::Proper | Tag::Place)
            && (odds < 0 || page.cost(index) < 1300 && odds < 150 * chars)
}

/// Where the part after a dot ends.
fn after(page: &Page<'_>, at: usize) -> usize {
    let names = &page.lexicon.names;
    let mut index = page.words.partition_point(|w| (w.span.start as usize) < at);
    let mut end = at;
    let mut length = 0;
    while let Some(word) = page.words.get(index) {
        let own = page.text(word.span);
        if word.span.start as usize != end {
            break;
        }
        if length == 0 && own.chars().all(|c| c.is_ascii_alphabetic()) {
            return word.span.end as usize;
        }
        if !own.chars().all(letters) {
            break;
        }
        let chars = own.chars().count();
        let odds: i32 = own.chars().map(|c| i32::from(names.letter(c).odds)).sum();
        let stop = length > 0 && ends_after(page, index, odds, chars as i32);
        if stop || length + chars > LONGEST {
            break;
        }
        end = word.span.end as usize;
        length += chars;
        index += 1;
    }
    end
}

/// Whether the word at `index` stands behind a foreign name rather than in it.
fn ends_after(page: &Page<'_>, index: usize, odds: i32, chars: i32) -> bool {
    let entry = page.entry(index);
    let tag = page.tag(index);
    if chars == 1 {
        let function = matches!(
            page.word(index),
            "的" | "和"
                | "与"
                | "在"
                | "对"
                | "向"
                | "由"
                | "为"
                | "是"
                | "说"
                | "及"
                | "称"
                | "等"
                | "以"
                | "从"
                | "将"
                | "于"
                | "也"
                | "就"
                | "则"
                | "还"
                | "指"
                | "去"
                | "获"
                | "率"
                | "因"
                | "曾"
                | "已"
                | "又"
                | "不"
                | "认"
        );
        return function || odds < -120;
    }
    entry.post != 0
        || entry.cue != 0
        || !entry.places.is_empty()
        || matches!(
            tag,
            Tag::Preposition | Tag::Conjunction | Tag::Particle | Tag::Pronoun | Tag::Adverb | Tag::Body | Tag::Time
        )
        || !matches!(tag, Tag::Foreign | Tag::Person) && odds < 120 * chars
}

/// Runs of characters that spell foreign names and are no other word: byte span, first word, next word, score.
pub fn runs(page: &Page<'_>) -> Vec<(Span, (usize, usize), i32)> {
    let names = &page.lexicon.names;
    let mut found = Vec::new();
    let mut at = 0;
    while at < page.count() {
        let Some(_) = spelt(page, at) else {
            at += 1;
            continue;
        };
        let first = at;
        let (mut chars, mut odds, mut cost) = (0, 0, 0);
        while at < page.count() && (at == first || page.joins(at)) {
            let Some(own) = spelt(page, at) else { break };
            let word = page.word(at);
            chars += word.chars().count();
            odds += own;
            cost += word.chars().map(|c| i32::from(names.letter(c).foreign)).sum::<i32>();
            at += 1;
        }
        if (2..=8).contains(&chars) {
            let dictionary: i32 = (first..at).map(|k| page.cost(k)).sum();
            let name = cost + 480 + 60 * (chars as i32);
            let known = at == first + 1 && matches!(page.tag(first), Tag::Foreign | Tag::Person);
            let famous = at == first + 1 && page.entry(first).person;
            let score = dictionary - name
                + if famous {
                    900
                } else if known {
                    450
                } else {
                    0
                }
                + if chars == 2 { -250 } else { 0 }
                + odds / 8;
            found.push((page.span(first, at), (first, at), score));
        }
    }
    found
}

/// The odds of a word as part of a foreign name; none = it is another word.
fn spelt(page: &Page<'_>, at: usize) -> Option<i32> {
    if !page.han(at) || page.dated(at) {
        return None;
    }
    let entry = page.entry(at);
    if entry.post != 0 || entry.cue != 0 || !entry.places.is_empty() && page.chars(at) > 1 || entry.body.is_some() {
        return None;
    }
    let known = matches!(page.tag(at), Tag::Foreign | Tag::Person);
    if page.chars(at) > 1 && !known && page.cost(at) < 1350 {
        return None;
    }
    let mut odds = 0;
    for c in page.word(at).chars() {
        let letter = page.lexicon.names.letter(c);
        if letter.foreign == 0 || letter.odds < -40 {
            return None;
        }
        odds += i32::from(letter.odds);
    }
    if page.tag(at) == Tag::Place { None } else { Some(odds) }
}
