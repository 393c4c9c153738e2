//! Months, weeks, days, weekdays, festivals and solar terms.

use crate::enrich::dates::clock;
use crate::enrich::dates::expr::{Day, Month, Point, Week};
use crate::enrich::dates::read::{Reader, connector};
use crate::enrich::glyphs::{any, any_before, at, is_han, one_of, word};
use crate::enrich::numerals::{self, digit, small};

const MONTHS: &[(&str, Month)] = &[
    ("上上个月", Month::Rel(-2)),
    ("上上月", Month::Rel(-2)),
    ("上个月", Month::Rel(-1)),
    ("上一个月", Month::Rel(-1)),
    ("上月", Month::Rel(-1)),
    ("这个月", Month::Rel(0)),
    ("今个月", Month::Rel(0)),
    ("本月份", Month::Rel(0)),
    ("本月", Month::Rel(0)),
    ("下下个月", Month::Rel(2)),
    ("下下月", Month::Rel(2)),
    ("下个月", Month::Rel(1)),
    ("下一个月", Month::Rel(1)),
    ("下月", Month::Rel(1)),
    ("同月", Month::Chain(0)),
    ("当月", Month::Chain(0)),
    ("该月", Month::Chain(0)),
    ("次月", Month::Chain(1)),
    ("翌月", Month::Chain(1)),
];

/// A month; true when its 月 stands behind a later number.
pub fn month(text: &[char], place: usize, p: &Point<'_>) -> Option<(usize, Month, bool)> {
    if let Some((end, month)) = one_of(text, place, MONTHS) {
        let wrong = any_before(text, place, "以 之 路 马 车 早 晚 海 水 地 日 应 每 天 线")
            && !any(text, place, "本月")
            || any(text, end, "球 亮 薪 经");
        return (!wrong).then_some((end, month, false));
    }
    if at(text, place) == '月' && p.year.is_none() && any(text, place, "月初 月底 月末 月尾") {
        return None;
    }
    let leap = at(text, place) == '闰';
    let from = place + usize::from(leap);
    if let Some((end, month)) = one_of(text, from, &[("正月", 1), ("冬月", 11), ("腊月", 12)]) {
        return (!any(text, end, "里来")).then_some((end, Month::Lunar(month, leap), false));
    }
    let (after, n) = small(text, from, 12)?;
    let n = i8::try_from(n).ok().filter(|n| *n > 0)?;
    let month = if leap || p.lunar { Month::Lunar(n, leap) } else { Month::Abs(n) };
    let blank = usize::from(at(text, after) == ' ' && at(text, after + 1) == '月');
    if at(text, after + blank) == '月' {
        let end = after + blank + 1;
        if any(text, end, "天 球 亮 饼 租 薪 嫂 刊 龄 供 均 息 子 经 卡 牙 光 台 华 票")
            && !any(text, end, "天津 天气 天空 天文 台风 台湾 台北 光景")
        {
            return None;
        }
        return Some((word(text, end, "份").filter(|e| !any(text, *e, "额")).unwrap_or(end), month, false));
    }
    // 3至5月, 1-9月份, 3、4月: the unit stands behind.
    let next = connector(text, after).or_else(|| word(text, after, "、")).or_else(|| word(text, after, "和"))?;
    let (end, _) = small(text, next, 12)?;
    let bare = at(text, end) == '月' && !any(text, end, "月球 月亮 月龄");
    (bare && !any_before(text, place, "第 .")).then_some((after, month, true))
}

const WEEKS: &[(&str, Week)] = &[
    ("上上", Week::Rel(-2)),
    ("上一", Week::Rel(-1)),
    ("上", Week::Rel(-1)),
    ("本", Week::Rel(0)),
    ("这一", Week::Rel(0)),
    ("这", Week::Rel(0)),
    ("今", Week::Rel(0)),
    ("下下下", Week::Rel(3)),
    ("下下", Week::Rel(2)),
    ("下一", Week::Rel(1)),
    ("下", Week::Rel(1)),
    ("该", Week::Chain(0)),
    ("当", Week::Chain(0)),
    ("同", Week::Chain(0)),
    ("次", Week::Chain(1)),
    ("翌", Week::Chain(1)),
];

/// The end of 周, 星期 or 礼拜.
fn week_word(text: &[char], place: usize) -> Option<usize> {
    one_of(text, place, &[("星期", ()), ("礼拜", ()), ("周", ())]).map(|(end, ())| end)
}

/// A week: 上周, 这个星期, 第三周 behind a month.
pub fn week(text: &[char], place: usize, p: &mut Point<'_>) -> Option<(usize, Week)> {
    if let Some((after, week)) = one_of(text, place, WEEKS) {
        let from = word(text, after, "个").unwrap_or(after);
        let end = week_word(text, from)?;
        if any_before(text, place, "以 之 马 路 地 身 手 早 晚 每 边 网 天 日 线 应 在一") && !any(text, place, "本")
            || at(text, place) == '当' && from != after
            || at(text, end - 1) == '周' && any(text, end, "年 边 围 转 期 刊 报 密 知 到 全 岁 折 身 口 末版")
        {
            return None;
        }
        return weekday_behind(text, end, week, p);
    }
    let ordinal = at(text, place) == '第';
    if ordinal && (p.month.is_some() || p.year.is_some()) {
        let (after, n) = small(text, place + 1, 53)?;
        let end = week_word(text, word(text, after, "个").unwrap_or(after))?;
        if weekday_number(text, end).is_some() {
            return None;
        }
        return Some((end, Week::Nth(i8::try_from(n).ok()?)));
    }
    None
}

/// 上周五, 下周周六, 本周末: the weekday belongs to the week.
fn weekday_behind(text: &[char], place: usize, week: Week, p: &mut Point<'_>) -> Option<(usize, Week)> {
    let again = week_word(text, place).filter(|e| weekday_number(text, *e).is_some());
    let from = again.unwrap_or(place);
    if let Some((end, n)) = weekday_number(text, from) {
        p.day = Some(Day::Weekday(n));
        return Some((end, week));
    }
    Some((place, week))
}

/// 一 to 日 of a weekday; 末 is the weekend.
fn weekday_number(text: &[char], place: usize) -> Option<(usize, i8)> {
    let c = at(text, place);
    let n = "一二三四五六日末".chars().position(|d| d == c).map(|n| n + 1).or((c == '天').then_some(7))?;
    // 周一百人: a number begins here, not a weekday.
    if "十百千万亿个岁次".contains(at(text, place + 1)) || (c == '天' && any(text, place, "天气 天下 天空"))
    {
        return None;
    }
    Some((place + 1, i8::try_from(n).ok()?))
}

const DAYS: &[(&str, Day)] = &[
    ("大前天", Day::Rel(-3)),
    ("大前日", Day::Rel(-3)),
    ("前天", Day::Rel(-2)),
    ("前日", Day::Rel(-2)),
    ("昨天", Day::Rel(-1)),
    ("昨日", Day::Rel(-1)),
    ("寻日", Day::Rel(-1)),
    ("琴日", Day::Rel(-1)),
    ("今天", Day::Rel(0)),
    ("今日", Day::Rel(0)),
    ("明天", Day::Rel(1)),
    ("明日", Day::Rel(1)),
    ("听日", Day::Rel(1)),
    ("大后天", Day::Rel(3)),
    ("大后日", Day::Rel(3)),
    ("后天", Day::Rel(2)),
    ("后日", Day::Rel(2)),
    ("当天", Day::Chain(0)),
    ("当日", Day::Chain(0)),
    ("同日", Day::Chain(0)),
    ("同一天", Day::Chain(0)),
    ("同天", Day::Chain(0)),
    ("次日", Day::Chain(1)),
    ("翌日", Day::Chain(1)),
    ("隔天", Day::Chain(1)),
    ("隔日", Day::Chain(1)),
    ("第二天", Day::Chain(1)),
    ("第2天", Day::Chain(1)),
    ("第三天", Day::Chain(2)),
    ("第3天", Day::Chain(2)),
    ("后一天", Day::Chain(1)),
    ("前一天", Day::Chain(-1)),
    ("前一日", Day::Chain(-1)),
];

/// A day, weekday, solar term or lunar day; true when its 日 stands behind a later number.
pub fn day(reader: &Reader<'_>, place: usize, p: &Point<'_>) -> Option<(usize, Day, bool)> {
    let text = reader.text;
    let coarse = p.month.is_some() || p.week.is_some();
    if !coarse && p.year.is_none() && p.edge.is_none() {
        if let Some(found) = relative(text, place) {
            return Some((found.0, found.1, false));
        }
        if let Some((end, day)) = dated_yesterday(text, place) {
            return Some((end, day, false));
        }
    }
    if let Some((end, day)) = nth_weekday(text, place, p).or_else(|| weekday(text, place, p)) {
        return Some((end, day, false));
    }
    if let Some((end, term)) = term(reader, place, p.year.is_some()) {
        return Some((end, Day::Term(term), false));
    }
    if let Some((end, day)) = lunar(text, place, p) {
        return Some((end, Day::Lunar(day), false));
    }
    let (after, n) = small(text, place, 31)?;
    let n = i8::try_from(n).ok().filter(|n| *n > 0)?;
    let blank = usize::from(at(text, after) == ' ' && matches!(at(text, after + 1), '日' | '号'));
    match at(text, after + blank) {
        '日' => numbered(text, place, after + blank, n, coarse).map(|end| (end, Day::Abs(n), false)),
        '号' => house_number(text, place, after + blank, coarse).map(|end| (end, Day::Abs(n), false)),
        _ => unmarked(text, place, after, n, p),
    }
}

/// `4日` with or without its month.
fn numbered(text: &[char], place: usize, after: usize, n: i8, coarse: bool) -> Option<usize> {
    let end = after + 1;
    if coarse {
        return (!any(text, end, "元贬")).then_some(end);
    }
    let chinese = !at(text, place).is_ascii_digit();
    let wrong = any(
        text,
        end,
        "游 内 元 圆 本 语 均 军 游击 间 薪 租 程 报 光 之计 志 常 照 龄 益 渐 用 夜 两夜 一夜 二夜 三夜 1夜 2夜 3夜 4夜 5夜 6夜 一次",
    ) || any_before(text, place, "第 每 百 近 约 了 满 限 连续 历时 为期 超过 逾 最多 停工 拘留 休 足")
        || (place > 0 && numerals::starts(at(text, place - 1)) && at(text, place - 1) != '数')
        || (chinese && n <= 3 && after - place == 1 && !any_before(text, place, "月 ， 在 于 。 （"))
        || (chinese && n == 1 && after - place == 1);
    (!wrong).then_some(end)
}

/// `3号` as a day of the month, never as a number of something.
fn house_number(text: &[char], place: usize, after: usize, coarse: bool) -> Option<usize> {
    let end = after + 1;
    let number_of = any(
        text,
        end,
        "线 楼 机组 院 门 文 令 公告 店 馆 车 台风 地块 井 煤矿 码 召 码头 泊位 宿舍 公寓 高炉 桥 墩 隧道 矿 仓 厂房 厅 球 选手 种子 提案 议案 决议 货 棚 坑 墓 洞 遗址 火箭 卫星 船 舰 飞船 探测器 运载 字 楼房 人物 主力 位 航站 路 公路 国道 街 胡同 弄 汽油 柴油 电池 房 病区 员 工地 站",
    );
    if number_of {
        return None;
    }
    if coarse {
        return Some(end);
    }
    let next = at(text, end);
    let follows = next == '\0'
        || "，。、；！？）)上下早晚凌中午起至到前后就会要—-~".contains(next)
        || any(text, end, "那天 当天");
    let before = place == 0
        || "，。、；！？“（月在于到至从自将底就约的每".contains(at(text, place - 1))
        || at(text, place - 1) == '\n';
    (follows && before).then_some(end)
}

/// A number behind a month without 日: `10月22出生`, `2月10`, and `25、26日` whose unit stands behind.
fn unmarked(text: &[char], place: usize, after: usize, n: i8, p: &Point<'_>) -> Option<(usize, Day, bool)> {
    let next =
        connector(text, after).or_else(|| one_of(text, after, &[("、", ()), ("和", ()), ("及", ())]).map(|(e, ())| e));
    if let Some(next) = next
        && let Some((end, m)) = small(text, next, 31)
        && matches!(at(text, end), '日' | '号')
        && (m > u32::from(n.unsigned_abs()) || p.month.is_some())
        && !any(text, end, "日游 日元 日内 日本 号线 号楼 号机 号公 号台 号院 号地")
        && !any_before(text, place, "第 .")
        && (at(text, end) == '日'
            || p.month.is_some()
            || (place == 0 || !is_han(at(text, place - 1)) || any_before(text, place, "月 在 于 从 自")))
    {
        return Some((after, Day::Abs(n), true));
    }
    // 十月廿二 is lunar and read above; 10月22 needs two digits or the end of the clause behind it.
    let bare = matches!(p.month, Some(Month::Abs(_)))
        && at(text, place.wrapping_sub(1)) == '月'
        && (at(text, after) == '\0'
            || "，。、；！？ ）".contains(at(text, after))
            || (at(text, place).is_ascii_digit()
                && after - place == 2
                && is_han(at(text, after))
                && !counts(text, after))
            || connector(text, after).is_some());
    bare.then_some((after, Day::Abs(n), false))
}

/// Whether what follows a number may be counted by it.
fn counts(text: &[char], place: usize) -> bool {
    "个名人家辆件次条项万亿元吨米户只头位场届年月天小分秒点度倍成多余支张台座栋所枚份篇部处起例"
        .contains(at(text, place))
}

/// 昨天, 同日, 次日 and the like.
fn relative(text: &[char], place: usize) -> Option<(usize, Day)> {
    if let Some((end, day)) = one_of(text, place, DAYS) {
        let wrong = match at(text, place) {
            '前' => any_before(text, place, "目 以 之 当 此 先 日 生 眼 从 提") || any(text, end, "性"),
            '后' => any_before(text, place, "今 以 之 然 此 先 天 随 最") || any(text, end, "性 的努力"),
            '今' => any(text, end, "头条 说法 视线 美国"),
            '明' => any(text, end, "之星 方舟 黄花") || any_before(text, place, "黎 光 说 表 声"),
            '昨' => any(text, end, "重现"),
            '当' => any_before(text, place, "应 相 正 适"),
            '全' => any(text, end, "候"),
            '第' => any(text, end, "线"),
            '同' => any_before(text, place, "不 共 相"),
            _ => false,
        };
        return (!wrong).then_some((end, day));
    }
    // 昨 alone, in the papers of Hong Kong and the headlines of all.
    let c = at(text, place);
    if c == '昨' {
        let next = at(text, place + 1);
        let start = place == 0 || !is_han(at(text, place - 1));
        let cued = "在于被由从向对与宣公召举发表透再获起指强就出到为将致赴和会见主抵开".contains(next)
            || clock::part(text, place + 1, true).is_some();
        if (cued && !any_before(text, place, "恍如 犹如"))
            || (start && is_han(next) && !"日天年".contains(next) && next != '非')
        {
            return Some((place + 1, Day::Rel(-1)));
        }
    }
    None
}

/// `昨（18）日`, `今（5）日`, `明(6)日`.
fn dated_yesterday(text: &[char], place: usize) -> Option<(usize, Day)> {
    let (after, shift) = one_of(text, place, &[("大前", -3), ("前", -2), ("昨", -1), ("今", 0), ("明", 1), ("后", 2)])?;
    if !matches!(at(text, after), '（' | '(') {
        return None;
    }
    let (close, _) = small(text, after + 1, 31)?;
    let close = word(text, close, "日").unwrap_or(close);
    if !matches!(at(text, close), '）' | ')') || !matches!(at(text, close + 1), '日' | '天' | '晚' | '早') {
        return None;
    }
    let part = usize::from(matches!(at(text, close + 1), '日' | '天'));
    Some((close + 1 + part, Day::Rel(shift)))
}

/// 第三个周日, 最后一个星期五 behind a month or year.
fn nth_weekday(text: &[char], place: usize, p: &Point<'_>) -> Option<(usize, Day)> {
    p.month?;
    let (after, n) = match word(text, place, "最后一个") {
        Some(end) => (end, -1),
        None => {
            let (end, n) = small(text, word(text, place, "第")?, 5)?;
            (word(text, end, "个").unwrap_or(end), i8::try_from(n).ok()?)
        }
    };
    let (end, weekday) = weekday_number(text, week_word(text, after)?)?;
    Some((end, Day::NthWeekday(n, weekday)))
}

/// 周三, 星期天, 礼拜五.
fn weekday(text: &[char], place: usize, p: &Point<'_>) -> Option<(usize, Day)> {
    let end = week_word(text, place)?;
    let short = end - place == 1;
    if p.month.is_some()
        || (short
            && any_before(
                text,
                place,
                "一 二 三 四 五 六 七 八 九 十 两 几 数 双 个 第 半 整 圆 姓 0 1 2 3 4 5 6 7 8 9",
            ))
    {
        return None;
    }
    let (after, n) = weekday_number(text, end)?;
    // 周末 alone is any weekend; 周一围 and 周五常 may be names.
    if n == 8 && !any_before(text, place, "上 下 本 这") && p.week.is_none() {
        return None;
    }
    if short && any(text, after, "良 诺 围 仙 平 民 明 鸣 帆") {
        return None;
    }
    Some((after, Day::Weekday(n)))
}

/// A solar term; those that are also plain words need a sign that the day is meant.
fn term(reader: &Reader<'_>, place: usize, year: bool) -> Option<(usize, usize)> {
    let text = reader.text;
    let (end, term) = reader.calendar.term_names.at(text, place)?;
    let plain = any(text, place, "大雪 小雪 雨水 小满 白露 清明 谷雨 大暑 小暑 大寒 小寒");
    let cued = year
        || any(text, end, "节气 时节 当天 当日 前后 时分 节 这天 以来 前一 后一 日，")
        || (any_before(text, place, "今日 节气 ， 。 迎来 今天 “") && any(text, end, "， 。 到 至 、 ”"))
        || ((place == 0 || at(text, place - 1) == '\n') && end == text.len());
    if plain && !cued {
        return None;
    }
    Some((end, *term))
}

/// The day of a lunar month: 初一, 十五, 廿二, 三十.
fn lunar(text: &[char], place: usize, p: &Point<'_>) -> Option<(usize, i8)> {
    let in_lunar_month = matches!(p.month, Some(Month::Lunar(..)));
    let any_month = matches!(p.month, Some(Month::Abs(_)));
    let from = word(text, place, "大年").filter(|_| p.month.is_none()).unwrap_or(place);
    if at(text, from) == '初' {
        let (end, n) = small(text, from + 1, 10)?;
        let alone = p.month.is_none() && from == place;
        if alone
            && (any_before(text, place, "最 当 起")
                || any(text, end, "级 中 步 学 期 年 班 下 上 生 女 男 （")
                || !any_before(text, place, "年 大 至 到 、 正月 腊月 农历 从 ， 每月"))
        {
            return None;
        }
        return Some((end, i8::try_from(n).ok().filter(|n| *n > 0)?));
    }
    if at(text, from) == '廿' && (in_lunar_month || any_month || p.lunar) {
        let (end, n) = small(text, from, 30)?;
        return (!any(text, end, "年 日 个 人")).then_some((end, i8::try_from(n).ok()?));
    }
    let fifteenth = any_month && any(text, place, "十五 三十") && !at(text, place.wrapping_sub(2)).is_ascii_digit();
    if in_lunar_month || (fifteenth && any_before(text, place, "八月 七月 正月")) {
        let (end, n) = small(text, from, 30)?;
        if any(text, end, "日 号 个 、 年 万 人 家") && !in_lunar_month || counts(text, end) {
            return None;
        }
        let end = word(text, end, "日").unwrap_or(end);
        return Some((end, i8::try_from(n).ok().filter(|n| *n > 0)?));
    }
    None
}

/// A festival with what belongs to it: 春节, 国庆假期, 十一黄金周, 高考期间.
pub fn festival<'a>(reader: &Reader<'a>, place: usize, p: &mut Point<'a>) -> Option<usize> {
    let text = reader.text;
    if p.month.is_some() || p.week.is_some() || p.edge.is_some() {
        return None;
    }
    let (mut end, festival) = reader.calendar.festivals.at(text, place)?;
    let mut cued = festival.always || p.year.is_some();
    if festival.always && place > 0 && (any(text, place, "元旦") && any(text, end, "冠")) {
        return None;
    }
    let mut closure = false;
    if let Some((after, ())) = one_of(
        text,
        end,
        &[
            ("小长假", ()),
            ("长假期", ()),
            ("长假", ()),
            ("黄金周", ()),
            ("假期", ()),
            ("假日", ()),
            ("连假", ()),
            ("节假期", ()),
            ("节假日", ()),
            ("节长假", ()),
            ("节小长假", ()),
            ("节黄金周", ()),
        ],
    ) {
        (end, closure, cued) = (after, true, true);
    } else if !cued && festival.days == 1 {
        let end = word(text, end, "节").unwrap_or(end);
        cued = any(
            text,
            end,
            "前夕 期间 当天 当日 之前 前后 以来 佳节 节日 过后 前 后 那天 放假 这天 来临 将至 临近 长假 连假",
        ) && !any(text, end, "后者 前进")
            || (festival.rule == crate::lexicon::festivals::Rule::Fixed(10, 1)
                && festival.name == "国庆"
                && !is_han(at(text, end)));
        if festival.name == "十一" || festival.name == "八一" || festival.name == "三八" {
            cued = cued && any(text, end, "期间 当天 长假 假期 前夕 放假 来临 将至 临近")
                || (p.year.is_some()
                    && !numerals::is_numeral(at(text, end))
                    && !counts(text, end)
                    && at(text, end) != '月');
        }
    } else if !cued {
        cued = any(text, end, "期间 首日 当天 前夕 结束 来临 前 后");
    }
    if !cued && digit(at(text, place)).is_some() {
        return None;
    }
    if !cued {
        return None;
    }
    p.festival = Some(festival);
    p.closure = closure;
    Some(end)
}
