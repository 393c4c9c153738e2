//! Events: numbered meetings (市委十四届八次全会, 第120次会议), named meetings, games and disasters.

use crate::enrich::entities::Found;
use crate::enrich::entities::organisations::INNER;
use crate::enrich::entities::page::Page;
use crate::lexicon::entries::{FULL, HEAD, ROLE, SAY};
use crate::lexicon::words::Tag;

const SCOPES: &[&str] = &[
    "全市", "全省", "全县", "全区", "全国", "全州", "市", "省", "县", "区", "国家", "中央", "世界", "国际", "亚洲",
    "下届", "本届", "上届", "首届",
];

/// Marks every event, in order, without overlaps.
pub fn find(page: &Page<'_>, bodies: &[Found], places: &[Found]) -> Vec<Found> {
    let ends = |list: &[Found]| {
        let mut ends = vec![0_u32; page.count() + 1];
        for found in list {
            if let Some(slot) = ends.get_mut(found.words.1) {
                *slot = found.words.0 as u32 + 1;
            }
        }
        ends
    };
    let (body_ends, place_ends) = (ends(bodies), ends(places));
    let mut found: Vec<Found> = Vec::new();
    for at in 0..page.count() {
        let event = built(page, at, &body_ends, &place_ends).or_else(|| storm(page, at));
        let Some(event) = event else { continue };
        while found.last().is_some_and(|f| f.words.0 >= event.words.0) {
            found.pop();
        }
        if found.last().is_none_or(|f| f.words.1 <= event.words.0) {
            found.push(event);
        }
    }
    found
}

/// 台风“木兰”: the name inside the marks.
fn storm(page: &Page<'_>, at: usize) -> Option<Found> {
    let open = matches!(page.word(at), "“" | "「" | "\"");
    if !open || at == 0 || !matches!(page.word(at - 1), "台风" | "飓风" | "热带风暴" | "强台风" | "超强台风")
    {
        return None;
    }
    let close = (at + 2..(at + 5).min(page.count())).find(|k| matches!(page.word(*k), "”" | "」" | "\""))?;
    Some(Found { span: page.span(at + 1, close), label: "EVENT", words: (at + 1, close), score: 500 })
}

/// A number with 第, 届 or 次: how many words back it reaches, if it is one.
fn ordinal(page: &Page<'_>, end: usize) -> Option<usize> {
    let mut at = end;
    let mut digits = false;
    let mut counted = false;
    while at > 0 && end - at < 6 && (at == end || page.joins(at)) {
        let word = page.word(at - 1);
        let number = matches!(page.tag(at - 1), Tag::Number | Tag::Digits)
            || word.chars().all(|c| "零〇一二三四五六七八九十百两".contains(c));
        if matches!(word, "届" | "次" | "轮") && !counted {
            counted = true;
        } else if word.chars().count() > 1 && number && word.ends_with(['届', '次', '轮']) {
            counted = true;
            digits = true;
        } else if number && counted {
            digits = true;
            if word.starts_with('第') {
                at -= 1;
                break;
            }
        } else if word == "第" && digits {
            at -= 1;
            break;
        } else {
            break;
        }
        at -= 1;
    }
    (digits && counted).then_some(at)
}

fn built(page: &Page<'_>, at: usize, bodies: &[u32], places: &[u32]) -> Option<Found> {
    let suffix = page.suffix(at);
    if suffix.event == 0 {
        return None;
    }
    let whole = page.entry(at).suffix.event > 0;
    let word = page.word(at);
    let meeting = ["会议", "全会", "大会"].iter().any(|e| word.ends_with(e));
    let mut first = at;
    let mut score = i32::from(suffix.event) * 100 - 300;
    let mut best = (suffix.event >= 3).then_some((at, 300));
    if !whole && page.cost(at) > 1300 && page.tag(at) == Tag::Proper {
        best = Some((at, 250));
    }
    let mut run = 0;
    while first > 0 && page.joins(first) && at - first < 14 {
        if let Some(start) = ordinal(page, first) {
            let sure = page.word(start).starts_with('第') || page.text(page.span(start, first)).contains('届');
            if !sure && meets(page, start, bodies, places).is_none() {
                break;
            }
            first = start;
            best = Some((first, 350));
            // The body that meets, in its words: 市委, 省委, 党的, or an ordinal before it (市十六届人大常委会).
            while let Some(start) = meets(page, first, bodies, places) {
                first = start;
                best = Some((first, 450));
            }
            break;
        }
        if let Some(start) = bodies.get(first).filter(|b| **b > 0) {
            let start = *start as usize - 1;
            if meeting && run == 0 && word.ends_with("全会") || run > 0 {
                first = start;
                best = Some((first, 300));
            }
            break;
        }
        if let Some(start) = places.get(first).filter(|p| **p > 0) {
            first = *start as usize - 1;
            best = Some((first, if run > 0 || !meeting { 280 } else { 100 }));
            continue;
        }
        let prev = first - 1;
        let own = page.word(prev);
        if SCOPES.contains(&own) {
            first = prev;
            best = Some((first, if run > 0 { 260 } else { 100 }));
            continue;
        }
        if !inside(page, prev) {
            break;
        }
        if page.tag(prev) == Tag::Digits && page.chars(prev) == 1 && own.len() == 4 {
            best = Some((prev, 250));
        }
        run += 1;
        first = prev;
    }
    let (start, own) = best?;
    score += own;
    if start == at && page.chars(at) < 3 {
        score -= 100;
    }
    (score >= 120).then(|| Found { span: page.span(start, at + 1), label: "EVENT", words: (start, at + 1), score })
}

/// Where the body starts that meets: right before an ordinal at `end`.
fn meets(page: &Page<'_>, end: usize, bodies: &[u32], places: &[u32]) -> Option<usize> {
    if end == 0 || !page.joins(end) {
        return None;
    }
    if let Some(start) = bodies.get(end).filter(|b| **b > 0) {
        return Some(*start as usize - 1);
    }
    if page.word(end - 1) == "的" && end >= 2 && page.word(end - 2) == "党" {
        return Some(end - 2);
    }
    let word = page.word(end - 1);
    if page.entry(end - 1).body.is_some()
        || matches!(
            word,
            "人大"
                | "政协"
                | "人大常委会"
                | "人代会"
                | "党代会"
                | "中共"
                | "党"
                | "市"
                | "省"
                | "县"
                | "区"
                | "全国"
                | "常委会"
        )
    {
        return Some(end - 1);
    }
    if let Some(start) = places.get(end).filter(|p| **p > 0) {
        return Some(*start as usize - 1);
    }
    ordinal(page, end)
}

/// Whether a word may stand inside the name of an event.
fn inside(page: &Page<'_>, at: usize) -> bool {
    let entry = page.entry(at);
    if entry.post & (FULL | HEAD | ROLE) != 0 || entry.cue & SAY != 0 && page.chars(at) > 1 {
        return false;
    }
    match page.tag(at) {
        Tag::Noun
        | Tag::VerbNoun
        | Tag::Kind
        | Tag::Short
        | Tag::Unknown
        | Tag::Proper
        | Tag::Morpheme
        | Tag::Body
        | Tag::Place
        | Tag::Latin
        | Tag::Person
        | Tag::Foreign => true,
        Tag::Number | Tag::Digits => true,
        Tag::Adjective => page.chars(at) > 1,
        Tag::Direction | Tag::Time => true,
        Tag::Verb => INNER.contains(&page.word(at)),
        Tag::Idiom => page.chars(at) == 4,
        _ => false,
    }
}
