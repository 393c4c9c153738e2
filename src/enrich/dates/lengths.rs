//! Lengths of time, and what counts from now by them: 三年半, 5小时20分钟, 两天后, 近三年, 未来五年.

use crate::enrich::dates::expr::{Expr, Length, Unit};
use crate::enrich::dates::read::connector;
use crate::enrich::glyphs::{any, any_before, at, one_of, word};
use crate::enrich::numerals::{self, Number, Style};

const UNITS: &[(&str, Unit)] = &[
    ("个世纪", Unit::Century),
    ("世纪", Unit::Century),
    ("个年头", Unit::Year),
    ("周年", Unit::Year),
    ("年", Unit::Year),
    ("载", Unit::Year),
    ("个季度", Unit::Quarter),
    ("个多月", Unit::Month),
    ("个月", Unit::Month),
    ("多个月", Unit::Month),
    ("个多星期", Unit::Week),
    ("个星期", Unit::Week),
    ("个礼拜", Unit::Week),
    ("个周", Unit::Week),
    ("星期", Unit::Week),
    ("礼拜", Unit::Week),
    ("周", Unit::Week),
    ("个工作日", Unit::Workday),
    ("个交易日", Unit::Workday),
    ("工作日", Unit::Workday),
    ("交易日", Unit::Workday),
    ("昼夜", Unit::Day),
    ("多天", Unit::Day),
    ("天", Unit::Day),
    ("日", Unit::Day),
    ("个多小时", Unit::Hour),
    ("个小时", Unit::Hour),
    ("小时", Unit::Hour),
    ("个多钟头", Unit::Hour),
    ("个钟头", Unit::Hour),
    ("钟头", Unit::Hour),
    ("个钟", Unit::Hour),
    ("分多钟", Unit::Minute),
    ("分钟", Unit::Minute),
    ("分", Unit::Minute),
    ("秒钟", Unit::Second),
    ("秒", Unit::Second),
];

/// The unit at a place; `first` says that nothing of the length has been read before it.
fn unit(text: &[char], place: usize, first: bool) -> Option<(usize, Unit)> {
    let from = place + usize::from(at(text, place) == ' ');
    let (end, unit) = one_of(text, from, UNITS)?;
    let wrong = match unit {
        Unit::Year => {
            any(text, end, "级 龄 代 薪 份 糕 画 货 报 鉴 会 租 检 审 轻 青 功 味 底 初 终 末 假 景 华 长 老 纪 度")
                && !any(text, end, "年代 长期 代表 会议 会展")
        }
        Unit::Week => {
            any(text, end, "边 围 岁 期 刊 一至 转 到 全 报 密 旋 折 游 易 长") && !any(text, end, "期间 全部")
        }
        Unit::Day => {
            let day = at(text, from) == '日' && !(place > 1 && at(text, place - 2) == '.');
            day && (first && !any(text, end, "内 之内 左右 以内 两夜 兩夜") || any(text, end, "本 元 子 常 照 光 语"))
                || any(text, end, "津 气 空 花 使 桥 下 然 府 文 线 平 猫 主 山 才 坛 地 池 性 鹅 堂 涯 枰 王 宫 后宫")
                    && !any(text, end, "下来 下午 文艺 地里 然后")
                || any(text, end, "线 坑 窗 井")
        }
        Unit::Minute => {
            end - from == 1
                && (first && !seconds_behind(text, end)
                    || any(text, end, "之 别 成 布 局 公 行 歧 支 析 享 数 手 工 类 组 期"))
                && !any(text, end, "秒")
        }
        Unit::Hour => any(text, end, "工 代"),
        Unit::Second => any(text, end, "杀 懂 变 级 差 速"),
        Unit::Century => any(text, end, "之交 初 末 中 上半"),
        _ => false,
    };
    (!wrong).then_some((end, unit))
}

/// Whether 4分 goes on with 30秒.
fn seconds_behind(text: &[char], place: usize) -> bool {
    numerals::small(text, place, 59).is_some_and(|(end, _)| at(text, end) == '秒')
}

/// A length of time.
pub fn length(text: &[char], place: usize) -> Option<(usize, Length)> {
    let mut length = Length::default();
    let mut end = place;
    if let Some((after, unit)) = half_alone(text, place) {
        length.parts.push((0.5, 0.5, unit));
        return Some((word(text, after, "多").unwrap_or(after), length));
    }
    while length.parts.len() < 4 {
        let first = length.parts.is_empty();
        let mut from = end;
        if !first {
            from = one_of(text, end, &[("零", ()), ("又", ()), ("〇", ())]).map_or(end, |(e, ())| e);
        }
        let Some((after, part)) = part(text, from, first) else { break };
        if length.parts.last().is_some_and(|p| p.2 <= part.2) {
            break;
        }
        length.parts.push(part);
        end = after;
        if at(text, end) == '半' && !any(text, end, "半夜 半数 半年") {
            if let Some(last) = length.parts.last_mut() {
                (last.0, last.1) = (last.0 + 0.5, last.1 + 0.5);
            }
            end += 1;
            break;
        }
        if any(text, end, "多 余") && !any(text, end, "多个 多名 多次 余额 余热 多家 多万 多元") {
            end += 1;
            break;
        }
    }
    if length.parts.is_empty() {
        return None;
    }
    if length.parts.len() == 1 && length.parts[0].2 == Unit::Day {
        // 三天两夜, 6天5晚: the nights are in the days.
        if let Some(n) = numerals::number(text, end)
            && n.value < 40.0
            && any(text, n.end, "夜 晚")
            && !any(text, n.end, "夜间 晚上 夜里")
        {
            end = n.end + 1;
        }
    }
    Some((end, length))
}

/// 半年, 半个月, 半小时.
fn half_alone(text: &[char], place: usize) -> Option<(usize, Unit)> {
    let from = word(text, place, "大半").or_else(|| word(text, place, "小半")).or_else(|| word(text, place, "半"))?;
    let (end, unit) = unit(text, from, true).or_else(|| {
        let month = word(text, from, "月")?;
        (!any(text, month, "谈 刊 板 形 湾")).then_some((month, Unit::Month))
    })?;
    let wrong = matches!(unit, Unit::Workday | Unit::Week | Unit::Second)
        || any_before(
            text,
            place,
            "上 下 前 后 过 一 两 三 四 五 六 七 八 九 十 年 多 大 0 1 2 3 4 5 6 7 8 9 每 个 夜",
        ) && !any_before(text, place, "每 过")
        || at(text, from) == '日'
        || (unit == Unit::Minute && at(text, end - 1) == '分')
        || any(text, from, "天然");
    (!wrong).then_some((end, unit))
}

fn part(text: &[char], place: usize, first: bool) -> Option<(usize, (f64, f64, Unit))> {
    // A numeral in the middle of a longer one is no beginning.
    let mut n = numerals::number(text, place)?;
    if n.style == Style::Unit || (n.style == Style::Digits && n.value > 31.0) {
        return None;
    }
    let mut half = 0.0;
    let mut from = n.end;
    if let Some(after) = word(text, from, "个半").filter(|_| !n.vague) {
        // 两个半月, 一个半小时
        (half, from) = (0.5, after);
        let (end, unit) = unit(text, from, first).or_else(|| Some((word(text, from, "月")?, Unit::Month)))?;
        return Some((end, (n.value + half, n.upper + half, unit)));
    }
    if let Some((end, ())) = one_of(text, from, &[("分半钟", ())]) {
        return Some((end, (n.value + 0.5, n.upper + 0.5, Unit::Minute)));
    }
    let (end, unit) = match unit(text, from, first) {
        Some(found) => found,
        None => {
            // 三五年 reads as a pair, 三四月 is a month; 两三百年 has been read whole.
            n = retry(text, place, n)?;
            unit(text, n.end, first)?
        }
    };
    if unit == Unit::Year && !plausible_years(text, place, &n) {
        return None;
    }
    if n.value == 0.0 {
        return None;
    }
    Some((end, (n.value + half, n.upper + half, unit)))
}

/// 十七个多月: 多 stands behind 个.
fn retry(text: &[char], place: usize, n: Number) -> Option<Number> {
    let _ = place;
    any(text, n.end, "个余月").then_some(Number { end: n.end, ..n })
}

/// Whether a number of years is a length and no year.
fn plausible_years(text: &[char], place: usize, n: &Number) -> bool {
    let four = n.style == Style::Arabic
        && n.end - place == 4
        && !n.vague
        && n.scale == 0.0
        && (1000.0..2200.0).contains(&n.value);
    let digits = n.style == Style::Digits;
    let before = any_before(text, place, "公元 公元前 民国 光绪 第");
    !four && !digits && !before
}

const BEHIND: &[(&str, i32)] =
    &[("之前", -1), ("以前", -1), ("之后", 1), ("以后", 1), ("前", -1), ("后", 1), ("以来", -2)];

/// What stands behind a length and makes a point or stretch of it.
pub fn behind(text: &[char], place: usize) -> Option<(usize, i32)> {
    let (end, side) = one_of(text, place, BEHIND)?;
    let wrong = match at(text, place) {
        '前' => any(text, end, "往 进 来 去 后 线 台 沿 景 途 身 锋 十 三 列 夕 面 茅 端 方"),
        '后' => any(text, end, "来 续 方 备 台 盾 勤 卫 代 期 果 面 半 视 来者 悔 劲"),
        '来' => any(text, end, "到 自 临 看 说 讲 袭 宾 源 访 信 电 回 华 往 年 了 沪 京"),
        _ => false,
    };
    (!wrong && side != 0).then_some((end, side))
}

/// Words before a length that make a stretch of time of it.
const BEFORE: &[(&str, i32)] = &[
    ("过去的", -1),
    ("过去", -1),
    ("过往", -1),
    ("最近的", -1),
    ("最近", -1),
    ("近", -1),
    ("未来的", 1),
    ("未来", 1),
    ("今后的", 1),
    ("今后", 1),
    ("接下来的", 1),
    ("接下来", 1),
    ("往后", 1),
    ("前", -2),
    ("上", -2),
    ("后", 2),
    ("下", 2),
    ("再过", 3),
    ("过", 3),
];

/// A stretch or point that counts from now: 近三年, 未来五年, 前两天, 再过半个小时.
pub fn window<'a>(text: &[char], place: usize) -> Option<(usize, Expr<'a>)> {
    let (after, kind) = one_of(text, place, BEFORE)?;
    let (end, length) = length(text, after).or_else(|| range(text, after).map(|(e, l, _)| (e, l)))?;
    let fine = length.unit() < Unit::Day;
    let start = place == 0 || !crate::enrich::glyphs::is_han(at(text, place - 1));
    match at(text, place) {
        '近' => {
            let used = any_before(
                text,
                place,
                "时 经 达 用 了 续 隔 有 过 离 到 于 超 长 需 约 为 跨 存 将 接 附 最 已 休 晚 早 待",
            );
            if used || fine || length.unit() == Unit::Century {
                return None;
            }
        }
        '前' | '上' | '后' | '下' => {
            let joined = any_before(text, place, "的 年 月 度 在 比 与 和 较 是 赛季");
            if !(start || joined) || length.parts.len() > 1 || length.parts[0].0 != length.parts[0].1 {
                return None;
            }
            if any(text, after, "一") && at(text, place) == '下' && any(text, after, "一周 一年 一天") {
                return None;
            }
        }
        '过' if kind == 3 && (!(start || any_before(text, place, "再")) || at(text, end) == '了') => {
            return None;
        }
        _ => {}
    }
    if kind == -1 && at(text, end) == '前' {
        return None;
    }
    let end =
        one_of(text, end, &[("之内", ()), ("以内", ()), ("以来", ()), ("来", ()), ("内", ()), ("间", ()), ("里", ())])
            .filter(|(e, ())| !any(text, *e - 1, "来自 来到 来源 内地 内蒙 内部 里面 间接 间歇"))
            .map_or(end, |(e, ())| e);
    Some((
        end,
        match kind {
            -2 | -1 => Expr::Window(length, -1),
            3 => Expr::Offset(length, 1),
            _ => Expr::Window(length, 1),
        },
    ))
}

/// A range of lengths: 3~6个月, 三年至十四年, 三四年, 3年以上7年以下.
pub fn range(text: &[char], place: usize) -> Option<(usize, Length, bool)> {
    if let Some((end, low)) = length(text, place) {
        if low.parts.len() == 1 {
            let joined = connector(text, end).or_else(|| {
                one_of(text, end, &[("以上、", ()), ("以上,", ()), ("以上，", ()), ("以上", ())]).map(|(e, ())| e)
            });
            if let Some(after) = joined
                && let Some((last, high)) = length(text, after)
                && high.parts.len() == 1
                && high.parts[0].2 == low.parts[0].2
                && high.parts[0].0 > low.parts[0].0
                && !any(text, end, "以上至")
            {
                let closing = one_of(text, last, &[("以下", ())]).map_or(last, |(e, ())| e);
                let (l, h) = (low.parts[0], high.parts[0]);
                return Some((closing, Length { parts: vec![(l.0, h.1, l.2)] }, true));
            }
        }
        return Some((end, low, false));
    }
    let n = numerals::number(text, place).filter(|n| n.style != Style::Unit && n.style != Style::Digits)?;
    let after = connector(text, n.end)?;
    let (end, high) = length(text, after)?;
    let (_, upper, unit) = *high.parts.first().filter(|_| high.parts.len() == 1)?;
    let scale = numerals::number(text, after).map_or(0.0, |m| m.scale);
    let low = if scale > 0.0 && n.scale == 0.0 && n.value * scale < upper { n.value * scale } else { n.value };
    (low < upper).then(|| (end, Length { parts: vec![(low, upper, unit)] }, true))
}

/// The TIMEX duration of a length.
pub fn timex(length: &Length) -> String {
    let low = one(length, |p| p.0);
    let high = one(length, |p| p.1);
    if low == high { low } else { format!("{low}/{high}") }
}

fn one(length: &Length, value: impl Fn(&(f64, f64, Unit)) -> f64) -> String {
    let (mut date, mut time) = (String::new(), String::new());
    for part in &length.parts {
        let v = value(part);
        let whole = v.trunc();
        let half = v.fract() == 0.5;
        let mut put = |v: f64, sign: char, clock: bool| {
            if v != 0.0 {
                let to = if clock { &mut time } else { &mut date };
                to.push_str(&format!("{v}{sign}"));
            }
        };
        match part.2 {
            Unit::Year if half => {
                put(whole, 'Y', false);
                put(6.0, 'M', false);
            }
            Unit::Month if half => {
                put(whole, 'M', false);
                put(15.0, 'D', false);
            }
            Unit::Day if half => {
                put(whole, 'D', false);
                put(12.0, 'H', true);
            }
            Unit::Hour if half => {
                put(whole, 'H', true);
                put(30.0, 'M', true);
            }
            Unit::Minute if half => {
                put(whole, 'M', true);
                put(30.0, 'S', true);
            }
            Unit::Century => put(v * 100.0, 'Y', false),
            Unit::Year => put(v, 'Y', false),
            Unit::Quarter => put(v * 3.0, 'M', false),
            Unit::Month => put(v, 'M', false),
            Unit::Week => put(v, 'W', false),
            Unit::Day | Unit::Workday => put(v, 'D', false),
            Unit::Hour => put(v, 'H', true),
            Unit::Minute => put(v, 'M', true),
            Unit::Second => put(v, 'S', true),
        }
    }
    if time.is_empty() { format!("P{date}") } else { format!("P{date}T{time}") }
}

/// The word of the record for the finest unit of a length.
pub fn precision(length: &Length) -> &'static str {
    match length.unit() {
        Unit::Second => "second",
        Unit::Minute => "minute",
        Unit::Hour => "hour",
        Unit::Day | Unit::Workday => "day",
        Unit::Week => "week",
        Unit::Month => "month",
        Unit::Quarter => "quarter",
        Unit::Year => "year",
        Unit::Century => "century",
    }
}
