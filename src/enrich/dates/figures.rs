//! Dates in figures: `2024-09-05`, `2019.9.6`, `2024/9`, `20240905`, `10/31/1974`, `6·30`.

use crate::enrich::dates::expr::{Day, Month, Point, Year};
use crate::enrich::dates::years::four_digits;
use crate::enrich::glyphs::{any, any_before, at};

/// One or two digits of at most `max`.
fn two(text: &[char], place: usize, max: u32) -> Option<(usize, u32)> {
    let first = at(text, place).to_digit(10)?;
    let (end, value) = match at(text, place + 1).to_digit(10) {
        Some(second) => (place + 2, first * 10 + second),
        None => (place + 1, first),
    };
    (value <= max).then_some((end, value))
}

/// A date in figures at a place; the caller reads on for a clock time.
pub fn date<'a>(text: &[char], place: usize) -> Option<(usize, Point<'a>)> {
    let before = if place > 0 { at(text, place - 1) } else { ' ' };
    if before.is_ascii_alphanumeric() || matches!(before, '.' | '-' | '/' | '_' | '№') {
        return None;
    }
    year_first(text, place)
        .or_else(|| packed(text, place))
        .or_else(|| year_last(text, place))
        .or_else(|| dotted(text, place))
}

fn point<'a>(year: Option<Year>, month: u32, day: Option<u32>) -> Option<Point<'a>> {
    let month = i8::try_from(month).ok().filter(|m| (1..=12).contains(m))?;
    let day = match day {
        Some(d) => Some(Day::Abs(i8::try_from(d).ok().filter(|d| (1..=31).contains(d))?)),
        None => None,
    };
    Some(Point { year, month: Some(Month::Abs(month)), day, ..Point::default() })
}

fn year_first<'a>(text: &[char], place: usize) -> Option<(usize, Point<'a>)> {
    if !at(text, place).is_ascii_digit() {
        return None;
    }
    let (year, end) = four_digits(text, place).filter(|(y, _)| (1500..2200).contains(y))?;
    let c = at(text, end);
    if !matches!(c, '-' | '.' | '/') {
        return None;
    }
    let (end, month) = two(text, end + 1, 12)?;
    let next = at(text, end);
    // 1994.01-19 mixes its separators.
    if matches!(next, '-' | '.' | '/')
        && let Some((after, day)) = day_behind(text, end)
        && (next == c || (c == '.' && next == '-' && after - end == 3))
        && let Some(p) = point(Some(Year::Abs(year)), month, Some(day))
        && !matches!(at(text, after), '-' | '/')
    {
        return Some((after, p));
    }
    // 2.13 may be any number; a month must be written with two digits or a slash.
    let month_alone = (c == '.' && end - place == 7) || c == '/' || (c == '-' && end - place == 7);
    if !month_alone || next.is_ascii_digit() || any(text, end, "% 万 亿 元 米 吨") {
        return None;
    }
    Some((end, point(Some(Year::Abs(year)), month, None)?))
}

/// The day of 2018-12-12, also where a clock time sticks to it (2018-12-1209:03).
fn day_behind(text: &[char], place: usize) -> Option<(usize, u32)> {
    let (end, day) = two(text, place + 1, 31)?;
    if at(text, end).is_ascii_digit() {
        let clock = end - place == 3 && at(text, end + 1).is_ascii_digit() && at(text, end + 2) == ':';
        return clock.then_some((end, day));
    }
    Some((end, day))
}

/// `20240905`
fn packed<'a>(text: &[char], place: usize) -> Option<(usize, Point<'a>)> {
    if !(0..8).all(|n| at(text, place + n).is_ascii_digit()) || at(text, place + 8).is_ascii_digit() {
        return None;
    }
    if any_before(text, place, "号 码 编号 电话 : ：")
        || at(text, place + 8).is_ascii_alphabetic()
        || any(text, place + 8, "人 元 万 亿 . , 号 %")
    {
        return None;
    }
    let value =
        |from: usize, to: usize| text.get(from..to)?.iter().try_fold(0_u32, |v, c| Some(v * 10 + c.to_digit(10)?));
    let year = value(place, place + 4).filter(|y| (1900..2100).contains(y))?;
    let (month, day) = (value(place + 4, place + 6)?, value(place + 6, place + 8)?);
    Some((place + 8, point(Some(Year::Abs(i16::try_from(year).ok()?)), month, Some(day))?))
}

/// `10/31/1974`, `3/3/15`
fn year_last<'a>(text: &[char], place: usize) -> Option<(usize, Point<'a>)> {
    let (end, first) = two(text, place, 31)?;
    if at(text, end) != '/' {
        return None;
    }
    let (end, second) = two(text, end + 1, 31)?;
    if at(text, end) != '/' {
        return (first <= 12 && (at(text, end) == '\0' || "，。、； ".contains(at(text, end))) && second > 12)
            .then(|| point(None, first, Some(second)).map(|p| (end, p)))
            .flatten();
    }
    let (year, end) = match four_digits(text, end + 1) {
        Some((y, e)) => (Year::Abs(y), e),
        None => {
            let (e, y) = two(text, end + 1, 99)?;
            (Year::Short(i16::try_from(y).ok()?), e)
        }
    };
    if at(text, end).is_ascii_digit() || at(text, end) == '/' {
        return None;
    }
    let (month, day) = if first > 12 { (second, first) } else { (first, second) };
    Some((end, point(Some(year), month, Some(day))?))
}

/// `6·30` of an incident or a deadline.
fn dotted<'a>(text: &[char], place: usize) -> Option<(usize, Point<'a>)> {
    let (end, month) = two(text, place, 12)?;
    if at(text, end) != '·' || (place > 0 && "“「\"".contains(at(text, place - 1))) {
        return None;
    }
    let (end, day) = two(text, end + 1, 31)?;
    if at(text, end).is_ascii_digit() {
        return None;
    }
    Some((end, point(None, month, Some(day))?))
}
