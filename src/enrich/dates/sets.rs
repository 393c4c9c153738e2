//! Recurring times: 每天, 每周六, 每逢农历年三十, 每隔两小时.

use crate::enrich::dates::expr::{Expr, Unit};
use crate::enrich::dates::lengths;
use crate::enrich::dates::parse::range;
use crate::enrich::dates::read::Reader;
use crate::enrich::glyphs::{any, at, one_of, word};

/// A recurring time and its end.
pub fn set<'a>(reader: &Reader<'a>, place: usize) -> Option<(usize, Expr<'a>)> {
    let text = reader.text;
    let (after, ()) =
        one_of(text, place, &[("每隔", ()), ("每逢", ()), ("逢年", ()), ("每到", ()), ("每个", ()), ("每", ())])?;
    let plain = word(text, place, "每隔").is_none();
    if let Some((end, length)) = lengths::length(text, after)
        && !any(text, end, "前 后")
    {
        if length.parts.iter().any(|p| p.2 == Unit::Century) {
            return None;
        }
        return Some((end, Expr::Set(lengths::timex(&length))));
    }
    if let Some((end, period)) = one_of(
        text,
        after,
        &[
            ("年度", "P1Y"),
            ("年", "P1Y"),
            ("季度", "P3M"),
            ("月", "P1M"),
            ("天", "P1D"),
            ("日", "P1D"),
            ("晚", "P1D"),
            ("夜", "P1D"),
            ("早", "P1D"),
            ("晨", "P1D"),
            ("个小时", "PT1H"),
            ("小时", "PT1H"),
            ("分钟", "PT1M"),
            ("秒钟", "PT1S"),
            ("秒", "PT1S"),
        ],
    ) {
        let wrong = !plain || any(text, end, "级 龄 均 报 薪 租 嫂");
        return (!wrong).then(|| (continued(reader, end), Expr::Set(period.into())));
    }
    // 每周六: the weekday, or the week alone.
    if let Some((end, ())) = one_of(text, after, &[("星期", ()), ("礼拜", ()), ("周", ())])
        && plain
    {
        let weekday =
            "一二三四五六日末".contains(at(text, end)) && !any(text, end, "一次 一个 一场 一期 一节 三次 二次 一至少");
        let end = if weekday { end + 1 } else { end };
        if any(text, end, "刊 报 边 期") {
            return None;
        }
        return Some((weekdays(reader, end), Expr::Set("P1W".into())));
    }
    // 每逢春节, 每逢周末, 每月15日: what follows is a point of its own.
    if at(text, after.wrapping_sub(1)) == '逢' || at(text, after.wrapping_sub(1)) == '到' {
        let from = word(text, after, "农历").unwrap_or(after);
        if word(text, from, "周末").is_some() {
            return Some((from + 2, Expr::Set("P1W".into())));
        }
        if let Some((end, _)) = range(reader, after).or_else(|| range(reader, from)) {
            return Some((end, Expr::Set("P1Y".into())));
        }
    }
    None
}

/// 每周二、周四晚上, 每周三至周日上午10时至下午6时.
fn weekdays(reader: &Reader<'_>, mut end: usize) -> usize {
    let text = reader.text;
    let next = |end: usize| {
        let (joined, ()) =
            one_of(text, end, &[("、", ()), ("至", ()), ("到", ()), ("和", ()), ("及", ()), ("或", ())])?;
        let named = one_of(text, joined, &[("星期", ()), ("礼拜", ()), ("周", ())]).map(|(e, ())| e);
        let place = named.unwrap_or(joined);
        let weekday =
            "一二三四五六日".contains(at(text, place)) && !crate::enrich::numerals::starts(at(text, place + 1));
        weekday.then_some(place + 1)
    };
    while let Some(after) = next(end) {
        end = after;
    }
    continued(reader, end)
}

/// The time of the day, month or year at which it recurs.
fn continued(reader: &Reader<'_>, end: usize) -> usize {
    let from = word(reader.text, end, "的").unwrap_or(end);
    let Some((after, expr)) = range(reader, from) else {
        return super::clock::part(reader.text, end, true).map_or(end, |(e, _)| e);
    };
    match expr {
        Expr::Point(p, _) | Expr::Range(p, _) if p.year.is_none() && p.decade.is_none() && p.century.is_none() => after,
        _ => end,
    }
}
