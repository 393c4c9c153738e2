//! Places: words of the gazetteer, and unknown names that end like a place.

use crate::enrich::entities::Found;
use crate::enrich::entities::page::Page;
use crate::lexicon::entries::{BEFORE, FULL, HEAD, HONOR, LIST, MOD, ROLE, SAY};
use crate::lexicon::places::Kind;
use crate::lexicon::words::Tag;

/// Marks every place, in order, without overlaps.
pub fn find(page: &Page<'_>) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut at = 0;
    while at < page.count() {
        let place = named(page, at, found.last()).into_iter().chain(built(page, at, found.last()));
        match place.max_by_key(|f| f.words.1) {
            Some(place) => {
                // A longer name swallows the parts that were marked before it.
                while found.last().is_some_and(|f| f.words.0 >= place.words.0) {
                    found.pop();
                }
                at = place.words.1.max(at + 1);
                found.push(place);
            }
            None => at += 1,
        }
    }
    found
}

/// A word that the gazetteer or the dictionary holds to be a place.
fn named(page: &Page<'_>, at: usize, before: Option<&Found>) -> Option<Found> {
    if page.dated(at) || !page.han(at) {
        return None;
    }
    let word = page.word(at);
    let places = &page.entry(at).places;
    let kinds = places.iter().filter_map(|s| page.lexicon.places.get(s.place).map(|p| (s.short, p)));
    let tag = page.lexicon.words.find(word).map(|(_, tag)| tag);
    let after = before.is_some_and(|b| b.words.1 == at && page.joins(at));
    let mut score = i32::MIN / 2;
    let mut label = "GPE";
    for (short, place) in kinds {
        let own = match (place.kind, place.level(), short) {
            (Kind::Letter, ..) => -900,
            (_, 1 | 2, _) | (_, _, false) => 300,
            // 上街, 天桥: a district without 区 is mostly something else.
            (_, _, true) if place.name.ends_with('区') && !after => -250,
            (_, _, true) => 100,
        };
        if own > score {
            score = own;
            label = match place.kind {
                Kind::Loc => "LOC",
                Kind::Fac => "FAC",
                _ => "GPE",
            };
        }
    }
    let known = !places.is_empty();
    score = if known { score } else { 0 };
    score += match (tag, known) {
        (Some(Tag::Place), true) => 300,
        // The word list calls many things places; a clear ending has to agree.
        (Some(Tag::Place), false) if ending(page, at) => 300,
        (None | Some(Tag::Unknown | Tag::Body | Tag::Short), true) => 100,
        (Some(Tag::Foreign), true) => 150,
        (Some(_), true) if page.cost(at) < 1250 => -350,
        (Some(_), true) => -100,
        (_, false) => -900,
    };
    if page.chars(at) < 2 {
        return None;
    }
    if !known {
        label = label_of(page, at);
    }
    if before.is_some_and(|b| b.words.1 == at && page.joins(at) && b.label == "GPE") {
        score += 250;
    }
    score += around(page, at, at + 1);
    let found = Found { span: page.span(at, at + 1), label, words: (at, at + 1), score };
    (score > 100).then_some(found)
}

/// Whether the dictionary's place ends like one and is rare enough to be a name.
fn ending(page: &Page<'_>, at: usize) -> bool {
    let suffix = page.suffix(at);
    const KINDS: &[&str] = &[
        "无人区",
        "城中村",
        "居民区",
        "工业区",
        "商业区",
        "住宅区",
        "生活区",
        "风景区",
        "保护区",
        "市中心",
        "火车站",
        "汽车站",
        "地铁站",
        "飞机场",
    ];
    !KINDS.contains(&page.word(at))
        && page.chars(at) >= 3
        && page.cost(at) > 1300
        && suffix.gpe.max(suffix.loc).max(suffix.fac) >= 2
}

fn label_of(page: &Page<'_>, at: usize) -> &'static str {
    let suffix = page.suffix(at);
    if suffix.loc > 0 {
        "LOC"
    } else if suffix.fac > 0 && suffix.gpe == 0 {
        "FAC"
    } else {
        "GPE"
    }
}

/// What stands at both sides says of a place (a little).
fn around(page: &Page<'_>, first: usize, end: usize) -> i32 {
    let before = if page.joins(first) { page.word(first - 1) } else { "" };
    let after = if page.joins(end) { page.word(end) } else { "" };
    let mut score = 0;
    if matches!(
        before,
        "在" | "到"
            | "赴"
            | "从"
            | "于"
            | "至"
            | "来自"
            | "位于"
            | "前往"
            | "抵达"
            | "访问"
            | "离开"
            | "往"
            | "驶向"
            | "飞往"
    ) {
        score += 100;
    }
    if matches!(after, "、" | "市" | "县" | "举行" | "召开" | "开幕" | "电" | "讯" | "等地" | "境内" | "地区")
    {
        score += 80;
    }
    if page.joins(end) && page.entry(end).cue & SAY != 0 {
        score -= 60;
    }
    score
}

/// An unknown name before the ending of a place: 沙沟镇, 柿树林遗址, 白岩水库.
fn built(page: &Page<'_>, at: usize, before: Option<&Found>) -> Option<Found> {
    if matches!(page.word(at), "市" | "县")
        && page.joins(at)
        && matches!(page.word(at - 1), "大城" | "小城" | "城" | "都")
    {
        return None;
    }
    let suffix = page.suffix(at);
    let own = page.entry(at).suffix;
    let weight = suffix.gpe.max(suffix.loc).max(suffix.fac);
    if weight == 0 || suffix.org >= 3 || page.dated(at) || !page.entry(at).places.is_empty() {
        return None;
    }
    let label = if suffix.gpe > 0 {
        "GPE"
    } else if suffix.loc > 0 {
        "LOC"
    } else {
        "FAC"
    };
    let mut score = -150;
    let mut first = at;
    if own.gpe.max(own.loc).max(own.fac) == 0 {
        return None;
    }
    let mut length = 0;
    let limit = if label == "FAC" { 6 } else { 4 };
    let mut anchored = false;
    while first > 0 && page.joins(first) && length < limit {
        let prev = first - 1;
        if page.dated(prev) {
            break;
        }
        if before.is_some_and(|b| b.words.1 == first && b.score > 300) {
            // 杭州大剧院, 太湖广场: the place is part of a building's name, but stands apart before a place.
            let part = length == 0 && !matches!(page.word(at), "市" | "县" | "区" | "省" | "州" | "国");
            if length == 0 && !part {
                return None;
            }
            score += 150;
            anchored = true;
            if part {
                first = before.map_or(first, |b| b.words.0);
                length += 2;
            }
            break;
        }
        let Some(own) = stem(page, prev) else { break };
        if length + page.chars(prev) > limit + 1 {
            break;
        }
        score += own;
        length += page.chars(prev);
        first = prev;
    }
    if first == at && own.gpe.max(own.loc).max(own.fac) > 0 {
        return None;
    }
    if !anchored && length == 1 {
        score -= if page.chars(at) == 1 { 150 } else { 250 };
    }
    score += around(page, first, at + 1);
    let found = Found { span: page.span(first, at + 1), label, words: (first, at + 1), score };
    (score >= 100).then_some(found)
}

/// What a word says as part of an unknown place name; none = it cannot be one.
fn stem(page: &Page<'_>, at: usize) -> Option<i32> {
    let entry = page.entry(at);
    if entry.post & (FULL | HEAD | ROLE | HONOR | MOD) != 0 || entry.cue & (SAY | BEFORE | LIST) != 0 {
        return None;
    }
    if matches!(
        page.word(at),
        "连" | "知"
            | "该"
            | "本"
            | "各"
            | "某"
            | "全"
            | "大"
            | "小"
            | "新"
            | "老"
            | "每"
            | "在"
            | "到"
            | "这"
            | "那"
            | "沿"
            | "过"
            | "经"
            | "从"
            | "往"
            | "向"
            | "穿"
            | "跨"
            | "进"
            | "出"
            | "为"
            | "有"
            | "建"
            | "修"
            | "座"
            | "条"
            | "个"
            | "的"
    ) {
        return None;
    }
    let rare = page.cost(at) - 1000;
    match page.tag(at) {
        Tag::Particle
        | Tag::Preposition
        | Tag::Conjunction
        | Tag::Pronoun
        | Tag::Adverb
        | Tag::Punctuation
        | Tag::Measure
        | Tag::Time
        | Tag::Latin
        | Tag::Idiom => None,
        Tag::Number | Tag::Digits => None,
        Tag::Verb | Tag::VerbNoun if page.chars(at) > 1 => None,
        Tag::Place | Tag::Unknown | Tag::Person | Tag::Proper | Tag::Foreign => Some(250),
        _ if page.chars(at) == 1 => Some((rare / 2).clamp(-150, 150) + 50),
        _ => Some((rare / 3).clamp(-300, 150) - 150),
    }
}
