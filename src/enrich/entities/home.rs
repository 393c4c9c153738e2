//! Where the paper is at home, and the full names that short ones have there.

use crate::enrich::entities::Found;
use crate::enrich::entities::page::Page;
use crate::lexicon::places::{Place, Spelling};

/// What 全市 and 省委 refer to.
#[derive(Clone, Debug, Default)]
pub struct Home {
    pub province: String,
    pub city: String,
    pub county: String,
    /// Where the article is located, and its code.
    pub located: String,
    pub located_code: String,
    /// Codes that the text itself speaks of, by how often.
    spoken: Vec<(String, u32)>,
}

/// Takes the home from the setting, the dateline, or what the text speaks of most.
pub fn find(page: &Page<'_>, places: &[Found]) -> Home {
    let list = &page.lexicon.places;
    let mut home = Home::default();
    let mut spoken: Vec<(&Place, u32)> = Vec::new();
    for found in places {
        for spelling in list.find(page.text(found.span)) {
            let Some(place) = list.get(spelling.place).filter(|p| p.level() > 0 && p.until.is_empty()) else {
                continue;
            };
            match spoken.iter().position(|(p, _)| p.code == place.code) {
                Some(at) => spoken[at].1 += 1,
                None if spoken.len() < 200 => spoken.push((place, 1)),
                None => {}
            }
        }
    }
    home.spoken = spoken.iter().map(|(p, n)| (p.code.clone(), *n)).collect();
    let dateline = page.view.article.dateline.as_ref().map_or("", |d| d.place.as_str());
    let dateline = page.lexicon.script.simplify(dateline);
    let setting = list.by_setting(&page.view.config.home_place);
    let printed = if dateline.is_empty() { None } else { list.by_setting(&dateline) };
    if let Some(place) = printed {
        home.located.clone_from(&place.name);
        home.located_code.clone_from(&place.code);
    }
    let local = ["市委", "全市", "市政府", "市长", "我市", "市领导", "县委", "全县", "全省", "省委"];
    let speaks = local.iter().any(|w| page.simple.contains(w));
    let guess = || {
        let cities = spoken.iter().filter(|(p, _)| p.level() == 2 || p.level() == 1 && municipal(p));
        let best = cities.clone().max_by_key(|(p, n)| (*n, std::cmp::Reverse(p.code.clone())))?;
        let all: u32 = cities.map(|(_, n)| n).sum();
        (best.1 * 2 > all).then_some(best.0)
    };
    let from = setting.or(printed.filter(|p| p.level() > 0)).or_else(|| guess().filter(|_| speaks));
    let province = || spoken.iter().filter(|(p, _)| p.level() == 1).max_by_key(|(_, n)| *n).map(|(p, _)| *p);
    match from {
        Some(place) => {
            let (province, city) = list.chain(place);
            home.province = province.map_or(String::new(), |p| p.name.clone());
            home.city = city.or(province.filter(|p| municipal(p))).map_or(String::new(), |p| p.name.clone());
            if place.level() == 3 {
                home.county.clone_from(&place.name);
            }
            if home.located.is_empty() {
                home.located.clone_from(&place.name);
                home.located_code.clone_from(&place.code);
            }
        }
        None => home.province = province().filter(|_| speaks).map_or(String::new(), |p| p.name.clone()),
    }
    home
}

fn municipal(place: &Place) -> bool {
    matches!(place.code.get(..2), Some("11" | "12" | "31" | "50"))
}

/// The full name of a scope word at the start of a short form, and what follows it.
fn expand<'a>(home: &'a Home, text: &'a str) -> Option<(&'a str, &'a str)> {
    for (words, name) in [
        (["全市", "我市", "市"], &home.city),
        (["全省", "我省", "省"], &home.province),
        (["全县", "我县", "县"], &home.county),
        (["全区", "我区", "区"], &home.county),
    ] {
        if let Some(rest) = words.iter().find_map(|w| text.strip_prefix(w)).filter(|_| !name.is_empty()) {
            return Some((name, rest));
        }
    }
    None
}

/// The full name of a body: 市委常委会 is 中共无锡市委常委会 in Wuxi.
pub fn body_norm(page: &Page<'_>, home: &Home, text: &str) -> String {
    let bodies = &page.lexicon.entries;
    if let Some(body) = bodies.bodies.iter().find(|b| b.word == text && b.norm != b.word) {
        return body.norm.clone();
    }
    let full = match expand(home, text) {
        Some((name, rest)) => format!("{name}{rest}"),
        None => text.to_owned(),
    };
    let party = full.find('委').is_some_and(|at| {
        full.get(..at).is_some_and(|head| ["市", "省", "县", "区", "州", "旗", "盟"].iter().any(|s| head.ends_with(s)))
    });
    let known = expand(home, text).is_some() || !text.starts_with(['市', '省', '县', '区', '州', '旗']);
    if party && known && !full.starts_with("中共") { format!("中共{full}") } else { full }
}

/// The full name of an event: 第120次会议 is that of the body that was named before it.
pub fn event_norm(page: &Page<'_>, home: &Home, text: &str, body: Option<&str>) -> String {
    if let Some(rest) = text.strip_prefix("党的") {
        return format!("中共{rest}");
    }
    if let Some(body) = body.filter(|_| text.starts_with('第') && text.contains('次')) {
        return format!("{}{text}", body_norm(page, home, body));
    }
    body_norm(page, home, text)
}

/// The body that an event is a meeting of: 市委 of 市委十四届八次全会.
pub fn event_body(page: &Page<'_>, home: &Home, text: &str) -> Option<String> {
    let body = ["市委", "省委", "县委", "区委", "州委"].iter().find(|b| text.starts_with(**b))?;
    let norm = body_norm(page, home, body);
    (norm != **body).then_some(norm)
}

/// Full name and code of a place; among places of one name the one that the text or the home speaks for.
pub fn place_norm(page: &Page<'_>, home: &Home, found: &Found) -> (String, String) {
    let text = page.text(found.span);
    let list = &page.lexicon.places;
    let spellings: &[Spelling] = list.find(text);
    let near = |place: &Place| {
        let mut score = 0;
        for (code, count) in &home.spoken {
            if list.by_code(code).is_some_and(|other| place.lies_in(other)) {
                score += 10 + count;
            }
        }
        if place.code.len() == 6 && !home.located_code.is_empty() {
            let digits = if home.located_code.ends_with("0000") { 2 } else { 4 };
            if place.code.get(..digits) == home.located_code.get(..digits) {
                score += 15;
            }
        }
        score
    };
    let rank = |spelling: &Spelling| {
        let place = list.get(spelling.place);
        place.map_or((0, 0), |p| {
            let level = match (p.level(), p.until.is_empty()) {
                (1, true) => 40,
                (0, _) => 30,
                (2, true) => 25,
                (3, true) => {
                    if spelling.short {
                        5
                    } else {
                        12
                    }
                }
                _ => 1,
            };
            (near(p) + level, u32::MAX - spelling.place)
        })
    };
    let Some(best) = spellings.iter().max_by_key(|s| rank(s)) else { return (text.to_owned(), String::new()) };
    let Some(place) = list.get(best.place) else { return (text.to_owned(), String::new()) };
    let same = spellings.iter().filter(|s| s.place != best.place);
    let rivals = same.filter_map(|s| list.get(s.place)).any(|p| p.level() == place.level() && p.until.is_empty());
    let sure = !rivals || near(place) > 0;
    (place.name.clone(), if sure { place.code.clone() } else { String::new() })
}
