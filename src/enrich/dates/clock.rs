//! Parts of the day and clock times.

use crate::enrich::dates::expr::{Clock, Part};
use crate::enrich::glyphs::{any, any_before, at, one_of};
use crate::enrich::numerals::{self, small};

const PARTS: &[(&str, Part)] = &[
    ("凌晨", Part::Dawn),
    ("拂晓", Part::Dawn),
    ("清晨", Part::Morning),
    ("清早", Part::Morning),
    ("早晨", Part::Morning),
    ("早上", Part::Morning),
    ("早间", Part::Morning),
    ("上午", Part::Morning),
    ("上昼", Part::Morning),
    ("朝早", Part::Morning),
    ("早", Part::Morning),
    ("晨", Part::Morning),
    ("中午", Part::Noon),
    ("正午", Part::Noon),
    ("午间", Part::Noon),
    ("晌午", Part::Noon),
    ("下午", Part::Afternoon),
    ("午后", Part::Afternoon),
    ("下昼", Part::Afternoon),
    ("晏昼", Part::Afternoon),
    ("傍晚", Part::Evening),
    ("黄昏", Part::Evening),
    ("晚上", Part::Evening),
    ("晚间", Part::Evening),
    ("夜晚", Part::Evening),
    ("夜间", Part::Night),
    ("夜里", Part::Night),
    ("深夜", Part::Night),
    ("午夜", Part::Midnight),
    ("半夜", Part::Midnight),
    ("子夜", Part::Midnight),
    ("晚", Part::Evening),
    ("夜", Part::Night),
    ("白天", Part::Daytime),
    ("日间", Part::Daytime),
];

/// The part of the day at a place; a single character (晚, 晨) only when it follows a day.
pub fn part(text: &[char], place: usize, after_day: bool) -> Option<(usize, Part)> {
    let (end, part) = one_of(text, place, PARTS)?;
    if end - place == 1 {
        let next = at(text, end);
        let follows = !"报会稻点期年婚饭餐宴安辈霞操熟场".contains(next);
        // 晚8时 stands alone; 晚 and 晨 else need their day.
        let hour = || {
            small(text, end, 12)
                .is_some_and(|(e, _)| matches!(at(text, e), '时' | '点' | ':') && !any(text, e, "时代 时期 点建议"))
        };
        return (follows && (after_day || hour())).then_some((end, part));
    }
    Some((end, part))
}

/// Parts that mean a certain day even when they stand alone.
pub fn alone(text: &[char], place: usize) -> bool {
    any(text, place, "凌晨 清晨 上午 下午 傍晚 午夜 拂晓")
        && !any_before(text, place, "每天 每日 每晚 天天 整个 一个 个 天 都 常 以 比 至")
}

/// A clock time and its end. `sure` says that a day or a part of the day stands before it.
pub fn clock(text: &[char], place: usize, sure: bool) -> Option<(usize, Clock, bool)> {
    if at(text, place).is_ascii_digit()
        && let Some(found) = colon(text, place, sure)
    {
        return Some((found.0, found.1, false));
    }
    let (after, hour) = small(text, place, 24)?;
    let unit = at(text, after);
    let hour = i8::try_from(hour).ok()?;
    match unit {
        '时' => {
            let next = at(text, after + 1);
            // 一时 is "for a moment", 时代, 时期 and the like are words.
            if "代期刻段候速空尚值势效节装评政局事钟针差辰常报".contains(next) && next != '刻' {
                return None;
            }
            if !sure && after == place + 1 && at(text, place) == '一' && !any(text, after + 1, "许 左右 整") {
                return None;
            }
            let mut end = after + 1;
            let (minute, second, next) = minutes(text, end, false, sure);
            end = next;
            end = tail(text, end);
            Some((end, Clock { hour, minute, second }, false))
        }
        '点' => point(text, place, after, hour, sure).map(|(end, clock)| (end, clock, false)),
        _ => elided_hour(text, after).map(|_| (after, Clock { hour, minute: None, second: None }, true)),
    }
}

/// 正, 整 behind a time; 许 and 左右 stay outside.
fn tail(text: &[char], end: usize) -> usize {
    if any(text, end, "整 正") && !any(text, end, "整个 整体 正式 正在 正值 正是 正常 正当 整装 整治")
    {
        return end + 1;
    }
    end
}

/// `点` as an hour, never as a decimal point, a score or an argument.
fn point(text: &[char], place: usize, after: usize, hour: i8, sure: bool) -> Option<(usize, Clock)> {
    let mut end = after + 1;
    if any(text, end, "钟") {
        end += 1;
        return Some((end, Clock { hour, minute: None, second: None }));
    }
    if any(text, end, "多钟") {
        return Some((end + 2, Clock { hour, minute: None, second: None }));
    }
    let (minute, second, next) = minutes(text, end, true, sure);
    if minute.is_none() && (numerals::digit(at(text, end)).is_some() || at(text, end).is_ascii_digit()) {
        return None;
    }
    if minute.is_some() && next - end <= 2 && any(text, next, "度 % 个 倍 万 亿 元 米 分贝 公里") {
        return None;
    }
    let one = after == place + 1 && at(text, place) == '一';
    if minute.is_none() && !sure {
        if any_before(
            text,
            place,
            "跌 涨 升 降 加 减 高 低 第 得 收 报 至少 重申 提出 做到 指数 破 逼近 站上 失守 这 以下 注意 有 近 超 突破 涨至 跌至 升至 降至 达",
        ) || any(
            text,
            end,
            "建议 意见 要求 体会 希望 看法 共识 理由 原因 问题 启示 经验 关口 大关 式 一线 个 几 关 心 位 主张 倡议 承诺 措施 方面 声明 思考 感受 期望 心愿 水平 期间",
        ) {
            return None;
        }
        // Alone it needs something that belongs to a time.
        if one && !any(text, end, "许 左右 多 整") {
            return None;
        }
    }
    if minute.is_some() && any_before(text, place, "高 低 升 降 减 加 涨 跌") && !any(text, next - 1, "分 半 刻")
    {
        return None;
    }
    end = tail(text, next);
    if minute.is_none() && any(text, end, "多") && !any(text, end, "多个 多名 多家") {
        end += 1;
    }
    Some((end, Clock { hour, minute, second }))
}

/// What follows 时 or 点: 半, 一刻, 三刻, 20分, 零九, 十五, 30分15秒.
fn minutes(text: &[char], place: usize, spoken: bool, sure: bool) -> (Option<i8>, Option<i8>, usize) {
    if any(text, place, "半") && !any(text, place, "半年 半数 半夜 半天 半个") {
        return (Some(30), None, place + 1);
    }
    if let Some((end, quarter)) = small(text, place, 3)
        && at(text, end) == '刻'
    {
        return (i8::try_from(quarter * 15).ok(), None, end + 1);
    }
    let start = place + usize::from(any(text, place, "过") && spoken);
    let two = |end: usize| end - start == 2 || at(text, start) == '十';
    let Some((end, minute)) = read_minute(text, start) else { return (None, None, place) };
    let minute_value = i8::try_from(minute).ok();
    if at(text, end) == '分' && !any(text, end, "分之 分别 分成 分布") {
        let mut after = end + 1;
        if let Some((e, second)) = small(text, after, 59)
            && at(text, e) == '秒'
        {
            after = e + 1;
            return (minute_value, i8::try_from(second).ok(), after);
        }
        return (minute_value, None, after);
    }
    let digits = at(text, start).is_ascii_digit();
    if (spoken || (sure && digits))
        && minute <= 59
        && ((digits && end - start == 2) || (!digits && two(end) && spoken_minute(text, start, end)))
    {
        return (minute_value, None, end);
    }
    (None, None, place)
}

/// Minutes: 09, 零九, 十五, 二十.
fn read_minute(text: &[char], place: usize) -> Option<(usize, u32)> {
    small(text, place, 59).filter(|(end, _)| !numerals::starts(at(text, *end)) || at(text, *end) == '数')
}

fn spoken_minute(text: &[char], place: usize, end: usize) -> bool {
    end - place >= 2 || at(text, end) == '分'
}

/// `15:37`, `9:05:30`, `11:00时`, `3:15pm`.
fn colon(text: &[char], place: usize, sure: bool) -> Option<(usize, Clock)> {
    let (after, hour) = small(text, place, 24)?;
    if !matches!(at(text, after), ':' | '：') || after - place > 2 {
        return None;
    }
    let two = |p: usize| -> Option<(usize, i8)> {
        let (tens, ones) = (at(text, p).to_digit(10)?, at(text, p + 1).to_digit(10)?);
        let value = tens * 10 + ones;
        (value < 60).then_some((p + 2, i8::try_from(value).ok()?))
    };
    let (mut end, minute) = two(after + 1)?;
    let mut second = None;
    if matches!(at(text, end), ':' | '：')
        && let Some((e, s)) = two(end + 1)
    {
        (end, second) = (e, Some(s));
    }
    let next = at(text, end);
    if next.is_ascii_digit() || matches!(next, ':' | '：' | '%') || (next == '.' && at(text, end + 1).is_ascii_digit())
    {
        return None;
    }
    if place > 0 && matches!(at(text, place - 1), ':' | '：' | '.' | '/') && !sure {
        return None;
    }
    if !sure && is_score(text, place, end) {
        return None;
    }
    if at(text, end) == '时' {
        end += 1;
    }
    let hour = i8::try_from(hour).ok()?;
    Some((end, Clock { hour, minute: Some(minute), second }))
}

/// `以21:18取胜`, `比分25:20`: numbers of a match.
fn is_score(text: &[char], place: usize, end: usize) -> bool {
    any_before(text, place, "以 比分 总分 大比分 分为 比数 局 的 、 , ， 和 （ 盘")
        && any(
            text,
            end,
            "战胜 击败 取胜 逆转 险胜 大胜 负于 不敌 力克 领先 落后 获胜 的比分 、 拿下 胜出 惜败 完胜 轻取 扳平 再胜 赢 输 淘汰 横扫 和2 和1",
        )
}

/// Whether a connector, another hour and its unit follow.
fn elided_hour(text: &[char], place: usize) -> Option<()> {
    let after = super::read::connector(text, place)?;
    let (end, _) = small(text, after, 24)?;
    (matches!(at(text, end), '时' | '点') && !any(text, end, "时代 时期 时速")).then_some(())
}
