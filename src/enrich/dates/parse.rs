//! Whole expressions: points with their sides, ranges, lengths, recurring times.

use crate::enrich::dates::expr::{Day, Expr, Month, Open, Point, Sub, Year};
use crate::enrich::dates::read::{Reader, connector};
use crate::enrich::dates::{english, lengths, sets, years};
use crate::enrich::glyphs::{any, any_before, at, is_han, one_of, word};
use crate::enrich::numerals;

/// The expression at a place and its end.
pub fn expression<'a>(reader: &Reader<'a>, place: usize) -> Option<(usize, Expr<'a>)> {
    let text = reader.text;
    let c = at(text, place);
    if c.is_ascii_alphabetic() {
        return english::expression(reader, place);
    }
    if c == '每' {
        return sets::set(reader, place);
    }
    // 3:40 am, 5 September: figures with English behind them.
    let english = if c.is_ascii_digit() { english::expression(reader, place) } else { None };
    let found = special(text, place)
        .or_else(|| if inside_numeral(text, place) { None } else { range(reader, place) })
        .or_else(|| lengths::window(text, place))
        .or_else(|| stretch(text, place));
    match (found, english) {
        (Some(a), Some(b)) => Some(if b.0 > a.0 { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// Whether the place is in the middle of a number, where no date begins.
fn inside_numeral(text: &[char], place: usize) -> bool {
    let c = at(text, place);
    if place == 0 {
        return false;
    }
    let before = at(text, place - 1);
    (c.is_ascii_digit()
        && (before.is_ascii_digit() || (before == '.' && place > 1 && at(text, place - 2).is_ascii_digit())))
        || (c.is_ascii_digit() && before.is_ascii_alphabetic())
}

/// Words and phrases that follow no pattern.
fn special<'a>(text: &[char], place: usize) -> Option<(usize, Expr<'a>)> {
    let c = at(text, place);
    if "上去".contains(c)
        && let Some((end, ())) =
            one_of(text, place, &[("上年同期", ()), ("去年同期", ()), ("去年同月", ()), ("去年同日", ())])
    {
        return Some((end, Expr::SamePeriod(-1)));
    }
    if let Some((end, years)) = one_of(text, place, &[("前年同期", -2)]) {
        return Some((end, Expr::SamePeriod(years)));
    }
    if let Some((year, end)) = years::four_digits(text, place)
        && let Some(end) = word(text, end, "年同期")
    {
        return Some((end, Expr::PeriodOf(year)));
    }
    if let Some((end, ends)) = one_of(
        text,
        place,
        &[
            ("今明两年", (0, 1)),
            ("去今两年", (-1, 0)),
            ("今明两年内", (0, 1)),
            ("今明后三年", (0, 2)),
            ("近两三年", (-3, 0)),
        ],
    ) {
        return Some((end, Expr::Years(ends.0, ends.1)));
    }
    if let Some((end, ())) = one_of(text, place, &[("今冬明春", ()), ("今年冬明年春", ())]) {
        return Some((end, Expr::Winter(0)));
    }
    if let Some((end, ())) = one_of(text, place, &[("去冬今春", ())]) {
        return Some((end, Expr::Winter(-1)));
    }
    if let Some((end, ())) = one_of(
        text,
        place,
        &[
            ("现在", ()),
            ("此时", ()),
            ("此刻", ()),
            ("而家", ()),
            ("依家", ()),
            ("宜家", ()),
            ("当前", ()),
            ("目前", ()),
        ],
    ) {
        return Some((end, Expr::Now));
    }
    plan(text, place).or_else(|| entered(text, place))
}

/// “十四五”, “十四五”期间, 十四五时期.
fn plan<'a>(text: &[char], place: usize) -> Option<(usize, Expr<'a>)> {
    let opens = |c: char| matches!(c, '“' | '「' | '‘' | '"');
    let outer = opens(at(text, place));
    let quote = outer || (place > 0 && opens(at(text, place - 1)));
    let from = place + usize::from(outer);
    let c = at(text, from);
    let (after, n) = if c == '十' {
        let tail = numerals::digit(at(text, from + 1))?;
        if at(text, from + 2) == '五' {
            (from + 3, 10 + i16::from(tail))
        } else if tail == 5 && quote {
            (from + 2, 10)
        } else {
            return None;
        }
    } else {
        let n = numerals::digit(c).filter(|n| (1..=9).contains(n) && quote)?;
        (word(text, from + 1, "五")?, i16::from(n))
    };
    let mut end = after;
    let mut closed = false;
    if quote {
        if !matches!(at(text, end), '”' | '」' | '’' | '"') {
            return None;
        }
        closed = true;
        // The quotation marks belong to it only when 期间 does: “十四五”期间, but 十四五 of “十四五”规划.
        if outer {
            end += 1;
            one_of(text, end, &[("时期", ()), ("期间", ()), ("以来", ())])?;
        }
    }
    let behind = one_of(text, end, &[("时期", ()), ("期间", ()), ("以来", ())]);
    if !closed && behind.is_none() && !any(text, end, "规划 末 开局 收官 发展 时 建设 计划 目标") {
        return None;
    }
    let short = n < 10 && behind.is_none() && !any(text, end + usize::from(closed && !outer), "规划 末 计划");
    if short {
        return None;
    }
    let first = match n {
        1 => 1953,
        2 => 1958,
        n => 1966 + 5 * (n - 3),
    };
    let first = if n >= 6 { 1981 + 5 * (n - 6) } else { first };
    Some((behind.map_or(end, |(e, ())| e), Expr::Plan(first)))
}

/// 入春以来, 今年入夏以来.
fn entered<'a>(text: &[char], place: usize) -> Option<(usize, Expr<'a>)> {
    let from = word(text, place, "今年").unwrap_or(place);
    let (after, term) =
        one_of(text, from, &[("入春", 2), ("入夏", 8), ("入秋", 14), ("入冬", 20), ("立春", 2), ("开春", 2)])?;
    let (end, ()) = one_of(text, after, &[("以来", ()), ("后", ()), ("之后", ())])?;
    (!any(text, from, "立春") || any(text, after, "以来")).then_some((end, Expr::SinceTerm(term)))
}

/// A length with what is before or behind it, or alone.
fn stretch<'a>(text: &[char], place: usize) -> Option<(usize, Expr<'a>)> {
    let c = at(text, place);
    if !(numerals::starts(c) || matches!(c, '半' | '大' | '俩')) {
        return None;
    }
    if any_before(text, place, "第 . /")
        || (place > 0
            && c.is_ascii_digit()
            && at(text, place - 1) == '-'
            && place > 1
            && at(text, place - 2).is_ascii_alphanumeric())
    {
        return None;
    }
    if let Some((end, length, ranged)) = lengths::range(text, place) {
        // 三四年 is no one length; it is kept as a quantity.
        let vague = length.parts.iter().any(|p| p.0 != p.1);
        let idiom =
            any(text, place, "一年一度 一年四季 一天天 一年年 一秒秒 一周岁 百年 千年 一天到晚 三年五载 一日之")
                || any(text, end, "一度");
        if idiom {
            return None;
        }
        if let Some((after, side)) = lengths::behind(text, end) {
            return Some((after, if side == -2 { Expr::Window(length, -1) } else { Expr::Offset(length, side) }));
        }
        if vague {
            return None;
        }
        let plain = one_of(text, end, &[("以上", ()), ("以下", ())]).filter(|_| ranged).map_or(end, |(e, ())| e);
        return Some((plain, Expr::Length(length)));
    }
    None
}

/// A point or a range of points.
pub fn range<'a>(reader: &Reader<'a>, place: usize) -> Option<(usize, Expr<'a>)> {
    let text = reader.text;
    let local = one_of(
        text,
        place,
        &[("当地时间", ()), ("北京时间", ()), ("美东时间", ()), ("东京时间", ()), ("伦敦时间", ())],
    )
    .map_or(place, |(e, ())| e);
    let (end, first) = reader.point(local + usize::from(local > place && at(text, local) == ' '))?;
    if !plausible(text, place, end, &first) {
        return None;
    }
    if let Some((last, second)) = second(reader, end, &first) {
        return Some((last, Expr::Range(first, second)));
    }
    if first.elided {
        return None;
    }
    let (end, open) = side(text, end, &first);
    Some((end, Expr::Point(first, open)))
}

/// The other end of a range.
fn second<'a>(reader: &Reader<'a>, end: usize, first: &Point<'a>) -> Option<(usize, Point<'a>)> {
    let text = reader.text;
    let joined = connector(text, end)
        .or_else(|| {
            if first.elided {
                one_of(text, end, &[("、", ()), ("和", ()), ("及", ())]).map(|(e, ())| e)
            } else {
                None
            }
        })
        .or_else(|| word(text, end, "起至").or_else(|| word(text, end, "起到")))?;
    if any(text, joined, "今 目前 现在") && !any(text, joined, "今年 今天 今日 今晚") {
        return None;
    }
    let mut p;
    let last;
    if let Some((year, e)) = crate::enrich::dates::years::four_digits(text, joined)
        && at(text, joined).is_ascii_digit()
        && (first.rank() <= 3 && first.year.is_some())
        && !any(text, e, "年 - . /")
    {
        // 2008.03-2009
        p = Point { year: Some(Year::Abs(year)), ..Point::default() };
        last = e;
    } else {
        let from = word(text, joined, "当地时间").unwrap_or(joined);
        (last, p) = lunar_alone(text, joined, first)
            .or_else(|| reader.point(from))
            .or_else(|| weekday_alone(text, joined, first))?;
        if p.elided {
            return None;
        }
    }
    if let (Some(Year::Short(y)), Some(Year::Abs(a))) = (p.year, first.year) {
        p.year = Some(Year::Abs(a / 100 * 100 + y));
    }
    if first.elided && p.rank() < first.rank() {
        return None;
    }
    // A range runs between like things: 9月3日至4日, 去年12月至今年2月, 周三至周五.
    let alike = p.rank() == first.rank()
        || (p.rank() >= 5 && first.rank() >= 5)
        || (p.rank() <= 4 && first.rank() <= 4)
        || (first.rank() == 3 && p.rank() == 5);
    let figures = first.rank() == 5 && p.rank() == 3 && first.year.is_some() && p.year.is_none();
    if !alike || figures || !plausible(text, joined, last, &p) && p.clock.is_none() {
        return None;
    }
    inherit(&mut p, first);
    Some((last, p))
}

/// 正月十四至十六: the second day without its month.
fn lunar_alone<'a>(text: &[char], place: usize, first: &Point<'a>) -> Option<(usize, Point<'a>)> {
    let lunar = matches!(first.day, Some(Day::Lunar(_))) && first.month.is_some();
    let from = word(text, place, "初").unwrap_or(place);
    let (end, n) =
        numerals::small(text, from, 30).filter(|(e, n)| lunar && *n > 0 && !any(text, *e, "月 年 日 号 个"))?;
    Some((end, Point { day: i8::try_from(n).ok().map(Day::Lunar), ..Point::default() }))
}

/// 周三至四: the second weekday without its word.
fn weekday_alone<'a>(text: &[char], place: usize, first: &Point<'a>) -> Option<(usize, Point<'a>)> {
    let Some(Day::Weekday(_)) = first.day else { return None };
    let n = "一二三四五六日".chars().position(|c| c == at(text, place))?;
    (!numerals::starts(at(text, place + 1)) && !any(text, place + 1, "个 年 月 人 次 点 时")).then(|| {
        (place + 1, Point { week: first.week, day: i8::try_from(n + 1).ok().map(Day::Weekday), ..Point::default() })
    })
}

/// What the end of a range leaves out is that of its beginning.
fn inherit<'a>(p: &mut Point<'a>, first: &Point<'a>) {
    let top = p.top();
    if top > 1 {
        p.year = p.year.or(first.year);
        p.lunar |= first.lunar;
        p.century = first.century;
    }
    if p.decade.is_some() && p.century.is_none() {
        p.century = first.century;
    }
    if top > 3 && !matches!(p.day, Some(Day::Rel(_) | Day::Chain(_) | Day::Weekday(_))) {
        p.month = p.month.or(first.month);
        if matches!((p.month, p.day, first.day), (Some(Month::Abs(_)), Some(Day::Abs(n)), Some(Day::Lunar(_))) if n > 0)
            && let Some(Day::Abs(n)) = p.day
        {
            p.day = Some(Day::Lunar(n));
        }
        p.edge = p.edge.or(if top > 4 { None } else { first.edge });
    }
    if matches!(p.day, Some(Day::Weekday(_))) && p.week.is_none() {
        p.week = first.week;
    }
    if matches!(p.day, Some(Day::Chain(n)) if n > 0) && matches!(first.day, Some(Day::Abs(_))) {
        return;
    }
    if top > 5 {
        p.day = p.day.or(first.day);
        p.week = p.week.or(first.week);
        p.festival = p.festival.or(first.festival);
    }
    if top > 6
        && let (Some(a), Some(b)) = (first.clock, p.clock)
        && p.part.is_none()
        && let Some(part) = first.part
        && (b.hour >= a.hour || part.hour(b.hour) >= part.hour(a.hour))
    {
        p.part = Some(part);
    }
}

/// Whether what was read is a date here and not the front of another word.
fn plausible(text: &[char], place: usize, end: usize, p: &Point<'_>) -> bool {
    if p.rank() == 2 && matches!(p.sub, Some(Sub::Quarter(_))) && any(text, end, "节 竹 豆 青") {
        return false;
    }
    // 第9月, 第3日 count something.
    if any_before(text, place, "第") && at(text, place) != '第' {
        return false;
    }
    let numeric = numerals::starts(at(text, place));
    if numeric && place > 0 {
        let before = at(text, place - 1);
        let code = before == '-' && place > 1 && at(text, place - 2).is_ascii_alphabetic();
        if code || (numerals::is_numeral(before) && !numerals::is_numeral(at(text, place))) {
            return false;
        }
        // 占30%、3月: fine; 1.9月 and 2/3日 are not.
        if matches!(before, '.' | '/' | '%') && before != '%' {
            return false;
        }
    }
    if p.part.is_some()
        && p.rank() == 6
        && p.top() == 6
        && is_han(at(text, end))
        && any(text, end, "班 市 茶 饭 餐 场 时段 档 觉 休 睡")
    {
        return false;
    }
    true
}

/// 前, 后, 起, 以来, 期间 behind a point.
fn side(text: &[char], end: usize, p: &Point<'_>) -> (usize, Open) {
    let fine = p.rank() >= 5;
    if let Some((after, open)) = one_of(
        text,
        end,
        &[
            ("之前", Open::Before),
            ("以前", Open::Before),
            ("之后", Open::After),
            ("以后", Open::After),
            ("以来", Open::Since),
            ("至今", Open::Since),
            ("迄今", Open::Since),
            ("起至今", Open::Since),
            ("期间", Open::No),
            ("时期", Open::No),
            ("之内", Open::No),
            ("以内", Open::No),
            ("前", Open::Before),
            ("后", Open::After),
            ("内", Open::No),
        ],
    ) {
        let wrong = match at(text, end) {
            '前' => any(
                text,
                after,
                "往 进 来 去 后 线 台 沿 景 途 身 锋 十 三 两 5 1 2 3 4 6 7 8 9 夕 半 一 二 四 五 六 七 八 九 首 端 方 几 列",
            ),
            '后' => any(text, after, "来 续 方 备 台 盾 勤 卫 代 期 果 面 半 视 三 一 厨 排 卫"),
            '内' => {
                any(text, after, "地 部 外 需 容 涵 幕 阁 战 蒙 网 科 销 蕴 存 心 衣 卷")
                    || p.rank() > 4
                    || p.rank() < 1
                    || matches!(p.year, Some(Year::Abs(_))) && p.rank() == 1
            }
            '之' if fine => false,
            '时' => any(text, after, "的") && p.rank() == 1,
            _ => false,
        };
        let birth = open == Open::After && at(text, end) == '后' && p.decade.is_some();
        if !wrong && !birth {
            return (after, open);
        }
    }
    (end, Open::No)
}
