//! Numbers and units of English: `3.5 million yuan`, `twenty-five`, `10 percent`, `4-year-old`, `one-third`, `the 58th`.

use crate::enrich::dates::connector;
use crate::enrich::glyphs::{after_word, at, is_han, one_of};
use crate::enrich::numerals::words;
use crate::enrich::quantities::Amount;
use crate::enrich::quantities::read::Reader;

const MONEY: &[(&str, &str, f64)] = &[
    ("yuan", "元", 1.0),
    ("renminbi", "元", 1.0),
    ("rmb", "元", 1.0),
    ("jiao", "元", 0.1),
    ("fen", "元", 0.01),
    ("u.s. dollars", "美元", 1.0),
    ("us dollars", "美元", 1.0),
    ("us dollar", "美元", 1.0),
    ("hong kong dollars", "港元", 1.0),
    ("hk dollars", "港元", 1.0),
    ("new taiwan dollars", "新台币", 1.0),
    ("australian dollars", "澳元", 1.0),
    ("canadian dollars", "加元", 1.0),
    ("singapore dollars", "新元", 1.0),
    ("dollars", "美元", 1.0),
    ("dollar", "美元", 1.0),
    ("cents", "美元", 0.01),
    ("euros", "欧元", 1.0),
    ("euro", "欧元", 1.0),
    ("pounds sterling", "英镑", 1.0),
    ("yen", "日元", 1.0),
    ("won", "韩元", 1.0),
    ("rubles", "卢布", 1.0),
    ("roubles", "卢布", 1.0),
    ("rupees", "卢比", 1.0),
    ("baht", "泰铢", 1.0),
    ("swiss francs", "瑞士法郎", 1.0),
    ("patacas", "澳门元", 1.0),
];

/// Units that keep their printed word; longer ones first.
const UNITS: &[(&str, &str)] = &[
    ("percentage points", "percent"),
    ("percentage point", "percent"),
    ("basis points", "percent"),
    ("square kilometers", "area"),
    ("square kilometres", "area"),
    ("square meters", "area"),
    ("square metres", "area"),
    ("square miles", "area"),
    ("square feet", "area"),
    ("sq km", "area"),
    ("hectares", "area"),
    ("acres", "area"),
    ("mu", "area"),
    ("cubic meters", "volume"),
    ("cubic metres", "volume"),
    ("liters", "volume"),
    ("litres", "volume"),
    ("barrels", "volume"),
    ("gallons", "volume"),
    ("meters per second", "speed"),
    ("metres per second", "speed"),
    ("kilometers per hour", "speed"),
    ("kilometres per hour", "speed"),
    ("miles per hour", "speed"),
    ("km/h", "speed"),
    ("kph", "speed"),
    ("mph", "speed"),
    ("nanometers", "length"),
    ("nanometres", "length"),
    ("millimeters", "length"),
    ("millimetres", "length"),
    ("centimeters", "length"),
    ("centimetres", "length"),
    ("kilometers", "length"),
    ("kilometres", "length"),
    ("kilometer", "length"),
    ("kilometre", "length"),
    ("meters", "length"),
    ("metres", "length"),
    ("meter", "length"),
    ("metre", "length"),
    ("miles", "length"),
    ("feet", "length"),
    ("inches", "length"),
    ("km", "length"),
    ("cm", "length"),
    ("mm", "length"),
    ("metric tons", "mass"),
    ("metric tonnes", "mass"),
    ("million tons", "mass"),
    ("tonnes", "mass"),
    ("tons", "mass"),
    ("ton", "mass"),
    ("kilograms", "mass"),
    ("kilogram", "mass"),
    ("kilos", "mass"),
    ("grams", "mass"),
    ("milligrams", "mass"),
    ("kg", "mass"),
    ("pounds", "mass"),
    ("ounces", "mass"),
    ("kilowatt-hours", "energy"),
    ("kilowatt hours", "energy"),
    ("kilowatts", "power"),
    ("megawatts", "power"),
    ("gigawatts", "power"),
    ("degrees celsius", "temperature"),
    ("degrees fahrenheit", "temperature"),
    ("degrees", "degree"),
    ("times", "multiple"),
    ("year-old", "age"),
    ("years old", "age"),
    ("years-old", "age"),
    ("month-old", "age"),
    ("years", "duration"),
    ("months", "duration"),
    ("weeks", "duration"),
    ("days", "duration"),
    ("hours", "duration"),
    ("minutes", "duration"),
    ("seconds", "duration"),
];

/// The end of a phrase at a place, whatever its case, on a word border.
fn phrase(text: &[char], place: usize, words: &str) -> Option<usize> {
    let mut end = place;
    for c in words.chars() {
        let here = at(text, end).to_ascii_lowercase();
        if here != c && !(c == ' ' && here == '-') {
            return None;
        }
        end += 1;
    }
    (!at(text, end).is_ascii_alphanumeric()).then_some(end)
}

/// million, bn, trillion behind a number: its end and what it multiplies by.
pub(crate) fn scale(text: &[char], place: usize) -> Option<(usize, f64)> {
    let from = place + usize::from(matches!(at(text, place), ' ' | '-'));
    let mut end = from;
    while end - from < 10 && at(text, end).is_ascii_alphabetic() {
        end += 1;
    }
    let word: String = text.get(from..end)?.iter().collect::<String>().to_ascii_lowercase();
    let by = match word.as_str() {
        "thousand" | "k" => 1e3,
        "million" | "mn" | "m" | "mln" => 1e6,
        "billion" | "bn" | "b" | "bln" => 1e9,
        "trillion" | "tn" | "trn" => 1e12,
        _ => return None,
    };
    Some((end, by))
}

/// A number with its scale, and whether it is written in figures.
fn number(text: &[char], place: usize) -> Option<(usize, f64, bool)> {
    let (end, value) = words::number(text, place)?;
    let figures = at(text, place).is_ascii_digit();
    if figures
        && let Some((last, by)) =
            scale(text, end).filter(|_| value < 1e4 && at(text, end) != ' ' || any_scale(text, end))
    {
        return Some((last, value * by, true));
    }
    Some((end, value, figures))
}

fn any_scale(text: &[char], end: usize) -> bool {
    ["million", "billion", "trillion", "thousand", "bn", "mn", "tn"].iter().any(|w| phrase(text, end + 1, w).is_some())
        && !words::number(text, end + 1).is_some_and(|_| false)
        && !already(text, end)
}

/// Whether the scale before this place has been counted.
fn already(text: &[char], end: usize) -> bool {
    ["million", "billion", "trillion", "thousand"].iter().any(|w| crate::enrich::glyphs::any_before(text, end, w))
}

/// The quantity at a place that begins with a letter or digit.
pub(crate) fn amount(reader: &Reader<'_>, place: usize) -> Option<Amount> {
    let text = reader.text;
    let before = if place > 0 { at(text, place - 1) } else { ' ' };
    let c = at(text, place);
    if before.is_ascii_alphanumeric()
        || is_han(before)
        || matches!(before, '-' | '.' | '\'' | '/' | '_' | '@' | '$') && c.is_ascii_digit()
        || (before == '-' || before == '\'')
    {
        return None;
    }
    if c.is_ascii_alphabetic() {
        let mut end = place;
        while end - place < 14 && at(text, end).is_ascii_alphabetic() {
            end += 1;
        }
        let word: String = text.get(place..end)?.iter().collect::<String>().to_ascii_lowercase();
        if !(words::is_word(&word) || words::ordinal(&word).is_some() || word == "half") {
            return None;
        }
        if let Some(found) = fraction(text, place).or_else(|| ordinal(text, place, end, &word)) {
            return Some(found);
        }
    } else if let Some(found) = ordinal_figures(text, place).or_else(|| score(text, place)) {
        return Some(found);
    }
    counted(text, place)
}

fn counted(text: &[char], place: usize) -> Option<Amount> {
    let (end, value, figures) = number(text, place)?;
    if figures && is_han(at(text, end)) {
        return None;
    }
    // 2 and 50 nanometers, 12 to 18 percent, 3-5 years
    let joined = one_of(text, end, &[(" to ", ()), (" and ", ())]).map(|(e, ())| e).or_else(|| connector(text, end));
    if let Some(after) = joined
        && let Some((last, upper, _)) = number(text, after).filter(|n| n.1 > value)
        && let Some((unit_end, name, kind, by)) = unit(text, last)
        && (!any_and(text, end) || after_word(text, place, "between from"))
    {
        let low = if value * 1e3 < upper && upper >= 1e6 { value * scale_of(upper) } else { value };
        let low = if low < upper { low } else { value };
        return Some(Amount {
            start: place,
            end: unit_end,
            value: low * by,
            upper: upper * by,
            unit: name,
            kind,
            modifier: "",
        });
    }
    if let Some((unit_end, name, kind, by)) = unit(text, end) {
        return Some(Amount {
            start: place,
            end: unit_end,
            value: value * by,
            upper: value * by,
            unit: name,
            kind,
            modifier: "",
        });
    }
    if figures && value.fract() == 0.0 && after_word(text, place, "article no. number") {
        return Some(Amount {
            start: place,
            end,
            value,
            upper: value,
            unit: String::new(),
            kind: "ordinal",
            modifier: "",
        });
    }
    let next = at(text, end);
    let code = next.is_ascii_alphanumeric()
        || matches!(next, '-' | '/' | ':' | '_' | '@' | '%')
        || (next == '.' && at(text, end + 1).is_ascii_alphanumeric());
    // One and a lone year are no quantities; figures need English around them.
    let english = english_around(text, place, end);
    if code || !english || (!figures && value <= 1.0) || (figures && year_like(text, place, end, value)) {
        return None;
    }
    Some(Amount { start: place, end, value, upper: value, unit: String::new(), kind: "number", modifier: "" })
}

fn any_and(text: &[char], end: usize) -> bool {
    one_of(text, end, &[(" and ", ())]).is_some()
}

fn scale_of(value: f64) -> f64 {
    [1e12, 1e9, 1e6].into_iter().find(|s| value >= *s).unwrap_or(1.0)
}

/// Whether letters of English stand on both sides.
fn english_around(text: &[char], place: usize, end: usize) -> bool {
    let left =
        (place.saturating_sub(12)..place).rev().map(|p| at(text, p)).find(|c| c.is_ascii_alphabetic() || is_han(*c));
    let right = (end..end + 12).map(|p| at(text, p)).find(|c| c.is_ascii_alphabetic() || is_han(*c));
    let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
    let none = left.is_none() && right.is_none();
    (latin(left) && !right.is_some_and(is_han))
        || (latin(right) && !left.is_some_and(is_han))
        || (none && !at(text, place).is_ascii_digit())
}

fn year_like(text: &[char], place: usize, end: usize, value: f64) -> bool {
    end - place == 4 && (1900.0..2100.0).contains(&value) && !at(text, end).is_ascii_digit()
        || after_word(
            text,
            place,
            "page no room flight route bus line section chapter figure table group type class apartment",
        )
        || (place > 1 && at(text, place - 1) == ' ' && preceded_by_name(text, place))
}

/// `Windows 11`, `Article 192`, `iPhone 15`: a number behind a capitalised word in mid-sentence names a thing.
fn preceded_by_name(text: &[char], place: usize) -> bool {
    let mut start = place - 1;
    while start > 0 && at(text, start - 1).is_ascii_alphanumeric() {
        start -= 1;
    }
    let sentence = start == 0
        || (start > 1 && matches!(at(text, start - 2), '.' | '!' | '?' | '”' | '"' | '\n'))
        || matches!(at(text, start.wrapping_sub(1)), '\n' | '“' | '"');
    let inner = (start + 1..place - 1).any(|p| at(text, p).is_ascii_uppercase());
    (at(text, start).is_ascii_uppercase() && !sentence) || inner
}

/// The unit behind a number: end, name, kind, factor.
fn unit(text: &[char], place: usize) -> Option<(usize, String, &'static str, f64)> {
    if matches!(at(text, place), '%') {
        return Some((place + 1, "%".into(), "percent", 1.0));
    }
    let from = place + usize::from(matches!(at(text, place), ' ' | '-'));
    if from == place && !at(text, place).is_ascii_alphabetic() {
        return None;
    }
    for words in ["percent", "per cent", "pct"] {
        if let Some(end) = phrase(text, from, words) {
            return Some((end, "%".into(), "percent", 1.0));
        }
    }
    if let Some((end, name, by)) = MONEY.iter().find_map(|(w, name, by)| Some((phrase(text, from, w)?, *name, *by))) {
        return Some((end, name.into(), "money", by));
    }
    let (end, kind) = UNITS.iter().find_map(|(w, kind)| Some((phrase(text, from, w)?, *kind)))?;
    let mut name: String = text.get(from..end)?.iter().collect();
    let mut last = end;
    if kind == "duration"
        && let Some(old) = phrase(text, end + 1, "old")
    {
        (name, last) = ("year-old".into(), old);
        return Some((last, name, "age", 1.0));
    }
    if name.starts_with("percentage") {
        name = "百分点".into();
    }
    Some((last, name, kind, 1.0))
}

/// `one-third`, `two-fifths`, `Half`.
fn fraction(text: &[char], place: usize) -> Option<Amount> {
    let made = |end: usize, value: f64| {
        let value = (value * 1e4).round() / 1e4;
        Some(Amount { start: place, end, value, upper: value, unit: String::new(), kind: "fraction", modifier: "" })
    };
    if let Some(end) = phrase(text, place, "half") {
        let cued = phrase(text, end + 1, "of").is_some() || phrase(text, end + 1, "the").is_some();
        return (cued && at(text, end) == ' ' && !after_word(text, place, "first second other a"))
            .then(|| made(end, 0.5))?;
    }
    let tops = [("one", 1.0), ("two", 2.0), ("three", 3.0), ("four", 4.0), ("a", 1.0), ("five", 5.0)];
    let bottoms = [
        ("third", 3.0),
        ("quarter", 4.0),
        ("fourth", 4.0),
        ("fifth", 5.0),
        ("sixth", 6.0),
        ("seventh", 7.0),
        ("eighth", 8.0),
        ("tenth", 10.0),
        ("half", 2.0),
    ];
    let (end, top) = tops.iter().find_map(|(w, n)| Some((phrase(text, place, w)?, *n)))?;
    if !matches!(at(text, end), '-' | ' ') {
        return None;
    }
    let (last, bottom) = bottoms.iter().find_map(|(w, n)| {
        phrase(text, end + 1, w).or_else(|| phrase(text, end + 1, &format!("{w}s"))).map(|e| (e, *n))
    })?;
    if at(text, end) == ' ' && phrase(text, last + 1, "of").is_none() {
        return None;
    }
    made(last, top / bottom)
}

fn ordinal(text: &[char], place: usize, end: usize, word: &str) -> Option<Amount> {
    let value = words::ordinal(word)?;
    if at(text, end) == '-'
        || (word == "second" && !after_word(text, place, "the a its his her their our this"))
        || phrase(text, end + 1, "lady").is_some()
    {
        return None;
    }
    Some(Amount { start: place, end, value, upper: value, unit: String::new(), kind: "ordinal", modifier: "" })
}

/// `58th`, `21st`.
fn ordinal_figures(text: &[char], place: usize) -> Option<Amount> {
    let mut end = place;
    while end - place < 6 && at(text, end).is_ascii_digit() {
        end += 1;
    }
    let last = end + 2;
    let word: String = text.get(place..last)?.iter().collect();
    let value = words::ordinal(&word)?;
    (!at(text, last).is_ascii_alphanumeric()).then(|| Amount {
        start: place,
        end: last,
        value,
        upper: value,
        unit: String::new(),
        kind: "ordinal",
        modifier: "",
    })
}

/// `2-1` in the report of a match.
fn score(text: &[char], place: usize) -> Option<Amount> {
    let digits = |from: usize| {
        let mut end = from;
        while end - from < 3 && at(text, end).is_ascii_digit() {
            end += 1;
        }
        let value = text.get(from..end)?.iter().collect::<String>().parse::<f64>().ok()?;
        Some((end, value))
    };
    let (end, first) = digits(place)?;
    if at(text, end) != '-' {
        return None;
    }
    let (last, second) = digits(end + 1)?;
    let next = at(text, last);
    let played = [" win", " victory", " draw", " loss", " defeat", " lead", " at ", " over", " against", " to "]
        .iter()
        .any(|w| crate::enrich::glyphs::word(text, last, w).is_some())
        || after_word(text, place, "won lost beat score of leading led ended finished game");
    (played && !next.is_ascii_alphanumeric() && next != '-').then(|| Amount {
        start: place,
        end: last,
        value: first,
        upper: second,
        unit: "比".into(),
        kind: "score",
        modifier: "",
    })
}
