//! Years, centuries, decades, halves, quarters, seasons.

use crate::enrich::dates::expr::{Edge, Point, Sub, Year};
use crate::enrich::dates::read::connector;
use crate::enrich::glyphs::{any, any_before, at, one_of, word};
use crate::enrich::numerals::{self, digit, small};
use crate::lexicon::calendar::Calendar;

/// A century or decade, with what part of it.
pub fn long(text: &[char], place: usize, p: &mut Point<'_>) -> Option<usize> {
    let mut end = place;
    if let Some((after, n)) = one_of(
        text,
        place,
        &[("上个世纪", -1), ("上世纪", -1), ("本世纪", 0), ("这个世纪", 0), ("下个世纪", 1), ("下世纪", 1)],
    ) {
        // Counted from the 21st, which all newspapers that can be dropped here were printed in or just before.
        p.century = Some(21 + n);
        end = after;
    } else {
        let before = any(text, place, "公元前 前");
        let from =
            if let Some(e) = word(text, place, "公元前") { e } else { word(text, place, "公元").unwrap_or(place) };
        if let Some((after, n)) = small(text, from, 40)
            && let Some(e) = word(text, after, "世纪")
            && n > 0
        {
            let n = i16::try_from(n).ok()?;
            p.century = Some(if before && from > place { -n } else { n });
            end = e;
        }
    }
    if let Some(after) = decade(text, if any(text, end, "的") && end > place { end + 1 } else { end }, p) {
        end = after;
    }
    if end == place {
        return None;
    }
    if let Some((after, edge)) = one_of(
        text,
        end,
        &[
            ("早期", Edge::Early),
            ("初期", Edge::Early),
            ("前期", Edge::Early),
            ("初叶", Edge::Early),
            ("初", Edge::Early),
            ("中期", Edge::Mid),
            ("中叶", Edge::Mid),
            ("末期", Edge::Late),
            ("后期", Edge::Late),
            ("晚期", Edge::Late),
            ("末叶", Edge::Late),
            ("末", Edge::Late),
            ("之初", Edge::Early),
        ],
    ) {
        p.edge = Some(edge);
        end = after;
    }
    Some(end)
}

/// `80年代`, `八九十年代`, `1980年代`.
fn decade(text: &[char], place: usize, p: &mut Point<'_>) -> Option<usize> {
    if let Some((year, end)) = four_digits(text, place)
        && let Some(after) = word(text, end, "年代").or_else(|| word(text, end, "s"))
    {
        p.decade = Some(year / 10 * 10);
        return Some(after);
    }
    let (after, tens) = small(text, place, 99)?;
    let end = word(text, after, "年代")?;
    if tens % 10 != 0 {
        return None;
    }
    p.decade = i16::try_from(tens).ok();
    Some(end)
}

/// Four digits of a year in Arabic or Chinese.
pub fn four_digits(text: &[char], place: usize) -> Option<(i16, usize)> {
    let ascii = at(text, place).is_ascii_digit();
    let mut value = 0_i16;
    for n in 0..4 {
        let c = at(text, place + n);
        let d = if ascii { c.to_digit(10) } else { digit(c).filter(|_| c != '两').map(u32::from) }?;
        value = value * 10 + i16::try_from(d).ok()?;
    }
    let next = at(text, place + 4);
    let more = if ascii { next.is_ascii_digit() } else { digit(next).is_some() };
    (!more && (1000..2900).contains(&value)).then_some((value, place + 4))
}

const RELATIVE: &[(&str, Year)] = &[
    ("大前年", Year::Rel(-3)),
    ("大后年", Year::Rel(3)),
    ("前年", Year::Rel(-2)),
    ("去年", Year::Rel(-1)),
    ("昨年", Year::Rel(-1)),
    ("旧年", Year::Rel(-1)),
    ("上一年度", Year::Rel(-1)),
    ("上一年", Year::Rel(-1)),
    ("上年度", Year::Rel(-1)),
    ("上年", Year::Rel(-1)),
    ("今年", Year::Rel(0)),
    ("本年度", Year::Rel(0)),
    ("本年", Year::Rel(0)),
    ("这一年", Year::Rel(0)),
    ("明年", Year::Rel(1)),
    ("来年", Year::Rel(1)),
    ("出年", Year::Rel(1)),
    ("下一年度", Year::Rel(1)),
    ("下一年", Year::Rel(1)),
    ("下年度", Year::Rel(1)),
    ("下年", Year::Rel(1)),
    ("后年", Year::Rel(2)),
    ("同年", Year::Chain(0)),
    ("当年", Year::Chain(0)),
    ("该年", Year::Chain(0)),
    ("那一年", Year::Chain(0)),
    ("次年", Year::Chain(1)),
    ("翌年", Year::Chain(1)),
    ("隔年", Year::Chain(1)),
    ("第二年", Year::Chain(1)),
];

/// A year.
pub fn year(text: &[char], place: usize, calendar: &Calendar) -> Option<(usize, Year)> {
    if let Some((end, year)) = one_of(text, place, RELATIVE) {
        let wrong = any_before(text, place, "以 之 然 日 此 过 应 跨 先 今 想")
            && !any(text, place, "去年 今年 明年 当年 本年")
            || any(text, place, "本年") && any_before(text, place, "日")
            || any(text, end, "纪 级 轻 龄")
            || any(text, place, "来年") && any_before(text, place, "以 近 多 年 几 两 三 十")
            || any(text, place, "前年") && any_before(text, place, "年");
        return (!wrong).then_some((end, year));
    }
    western(text, place)
        .or_else(|| numbered(text, place))
        .or_else(|| era(text, place, calendar))
        .or_else(|| sexagenary(text, place))
}

/// 公元2024年, 公元前221年, 西元618年.
fn western(text: &[char], place: usize) -> Option<(usize, Year)> {
    let (after, sign) = one_of(text, place, &[("公元前", -1_i16), ("西元前", -1), ("公元", 1), ("西元", 1)])?;
    let (end, value) = small(text, after, 3000)
        .or_else(|| four_digits(text, after).map(|(y, e)| (e, u32::from(y.unsigned_abs()))))
        .or_else(|| three_digits(text, after))?;
    let end = word(text, end, "年")?;
    let value = i16::try_from(value).ok()?;
    Some((end, Year::Abs(if sign < 0 { 1 - value } else { value })))
}

fn three_digits(text: &[char], place: usize) -> Option<(usize, u32)> {
    let n = numerals::number(text, place)?;
    (n.value < 3000.0 && n.value.fract() == 0.0).then_some((n.end, n.value as u32))
}

/// `2024年`, `二〇二四年`, `98年`, `零七年`; the number alone when a range or enumeration of years follows.
fn numbered(text: &[char], place: usize) -> Option<(usize, Year)> {
    if let Some((value, end)) = four_digits(text, place) {
        if let Some((after, ())) = one_of(text, end, &[("赛季", ()), ("财年", ())]) {
            return Some((after, Year::Abs(value)));
        }
        let from = end + usize::from(at(text, end) == ' ' && at(text, end + 1) == '年');
        if at(text, from) == '年' && !any(text, from, "年级 年龄 年代 年薪 年租") {
            let after = word(text, from, "年度").filter(|e| !any(text, *e, "假")).unwrap_or(from + 1);
            return Some((after, Year::Abs(value)));
        }
        if at(text, place).is_ascii_digit() && elided_year(text, end) {
            return Some((end, Year::Abs(value)));
        }
        return None;
    }
    let two_ascii = at(text, place).is_ascii_digit()
        && at(text, place + 1).is_ascii_digit()
        && at(text, place + 2) == '年'
        && !(place > 0 && (at(text, place - 1).is_ascii_digit() || at(text, place - 1) == '.'));
    let two_chinese = digit(at(text, place)).is_some()
        && digit(at(text, place + 1)).is_some()
        && at(text, place + 2) == '年'
        && at(text, place) != '两';
    if !two_ascii && !two_chinese {
        return None;
    }
    let d = |c: char| c.to_digit(10).or_else(|| digit(c).map(u32::from));
    let value = i16::try_from(d(at(text, place))? * 10 + d(at(text, place + 1))?).ok()?;
    let after = place + 3;
    // 15年 alone is a length; with a month, a season or a part of the year behind it, it is a year.
    let cue = small(text, after, 12).is_some_and(|(e, _)| any(text, e, "月 -") || connector(text, e).is_some())
        || any(
            text,
            after,
            "底 初 末 年底 年初 春节 国庆 上半年 下半年 第一季 第二季 第三季 第四季 一季度 二季度 三季度 四季度 前 首季 伊始 端午 中秋 冬 夏 秋 春 元旦 大寒 小寒 清明",
        ) && !any(text, after, "前 前后 春秋 末位");
    let low_pair = two_chinese
        && matches!((digit(at(text, place)), digit(at(text, place + 1))), (Some(a), Some(b)) if a == 0 || (a > 3 && b != a + 1) || (a == b && a > 0));
    let plain = low_pair && !any_before(text, place, "第 近 约 了 过 满");
    let first_months = any(text, after, "前")
        && numerals::number(text, after + 1).is_some_and(|n| any(text, n.end, "个月 月 季度 个季度"));
    (cue || first_months || plain || any(text, after, "第")).then_some((after, Year::Short(value)))
}

/// Whether a connector and a second year with 年 follow (2020至2025年).
fn elided_year(text: &[char], place: usize) -> bool {
    let Some(after) = connector(text, place).or_else(|| word(text, place, "、")).or_else(|| word(text, place, "和"))
    else {
        return false;
    };
    let second = four_digits(text, after)
        .map(|(_, e)| e)
        .or_else(|| small(text, after, 99).filter(|(e, _)| *e == after + 2).map(|(e, _)| e));
    second.is_some_and(|e| at(text, e) == '年' && !any(text, e, "年级 年龄"))
}

/// 民国108年, 光绪三十年, 康熙元年, 民國前1年.
fn era(text: &[char], place: usize, calendar: &Calendar) -> Option<(usize, Year)> {
    let (mut after, era) = calendar.eras.at(text, place)?;
    let before = at(text, after) == '前';
    after += usize::from(before);
    let (end, value) = match word(text, after, "元年") {
        Some(end) => (end, 1),
        None => {
            let (e, v) = small(text, after, 200).or_else(|| {
                numerals::number(text, after).filter(|n| n.value < 200.0).map(|n| (n.end, n.value as u32))
            })?;
            (word(text, e, "年")?, i16::try_from(v).ok()?)
        }
    };
    if value == 0 || (era.years > 0 && value > era.years + 1) {
        return None;
    }
    Some((end, Year::Abs(if before { era.first - value } else { era.first + value - 1 })))
}

/// 甲辰年: the nearest such year is found when the anchor is known; here it is kept as its place in the cycle.
fn sexagenary(text: &[char], place: usize) -> Option<(usize, Year)> {
    let stem = "甲乙丙丁戊己庚辛壬癸".chars().position(|c| c == at(text, place))?;
    let branch = "子丑寅卯辰巳午未申酉戌亥".chars().position(|c| c == at(text, place + 1))?;
    let mut end = place + 2;
    if "鼠牛虎兔龙蛇马羊猴鸡狗猪".contains(at(text, end)) {
        end += 1;
    }
    if at(text, end) != '年' {
        return None;
    }
    let cycle = (0..60).find(|n| n % 10 == stem && n % 12 == branch)?;
    // 1984 began a cycle.
    Some((end + 1, Year::Abs(i16::try_from(cycle).ok()? - 6000)))
}

/// Halves, quarters, runs of months, seasons.
pub fn sub(text: &[char], place: usize, p: &mut Point<'_>) -> Option<usize> {
    let year = p.year.is_some();
    if let Some((end, sub)) = one_of(
        text,
        place,
        &[
            ("上半年度", Sub::Half(1)),
            ("下半年度", Sub::Half(2)),
            ("上半年", Sub::Half(1)),
            ("下半年", Sub::Half(2)),
            ("前半年", Sub::Half(1)),
            ("后半年", Sub::Half(2)),
            ("全年度", Sub::Whole),
            ("全年", Sub::Whole),
            ("年内", Sub::Whole),
            ("首季度", Sub::Quarter(1)),
            ("末季度", Sub::Quarter(4)),
            ("首季", Sub::Quarter(1)),
            ("末季", Sub::Quarter(4)),
            ("首月", Sub::NthMonth(1)),
            ("上上个季度", Sub::QuarterRel(-2)),
            ("上上季度", Sub::QuarterRel(-2)),
            ("上个季度", Sub::QuarterRel(-1)),
            ("上一季度", Sub::QuarterRel(-1)),
            ("上季度", Sub::QuarterRel(-1)),
            ("本季度", Sub::QuarterRel(0)),
            ("这个季度", Sub::QuarterRel(0)),
            ("当季度", Sub::QuarterRel(0)),
            ("下下个季度", Sub::QuarterRel(2)),
            ("下下季度", Sub::QuarterRel(2)),
            ("下个季度", Sub::QuarterRel(1)),
            ("下一季度", Sub::QuarterRel(1)),
            ("下季度", Sub::QuarterRel(1)),
            ("上季", Sub::QuarterRel(-1)),
        ],
    ) {
        let wrong = any(text, place, "全年") && any(text, end, "级 龄")
            || any(text, place, "年内")
                && any_before(text, place, "一 两 二 三 四 五 六 七 八 九 十 百 几 数 0 1 2 3 4 5 6 7 8 9 多 半 近")
            || matches!(sub, Sub::NthMonth(_)) && !year
            || any(text, place, "全年") && year
            || any(text, place, "上季 末季") && !any(text, end, "度") && !year;
        if wrong {
            return None;
        }
        p.sub = Some(sub);
        return Some(end);
    }
    if let Some(end) = quarter(text, place, year, p).or_else(|| first(text, place, year, p)) {
        return Some(end);
    }
    season(text, place, year, p)
}

/// 一季度, 第三季度, 第三季, Q3.
fn quarter(text: &[char], place: usize, year: bool, p: &mut Point<'_>) -> Option<usize> {
    if at(text, place) == 'Q' {
        let n = at(text, place + 1).to_digit(10).filter(|n| (1..=4).contains(n))?;
        if at(text, place + 2).is_ascii_alphanumeric() || (place > 0 && at(text, place - 1).is_ascii_alphabetic()) {
            return None;
        }
        p.sub = Some(Sub::Quarter(i8::try_from(n).ok()?));
        return Some(place + 2);
    }
    let ordinal = at(text, place) == '第';
    let (after, n) = small(text, place + usize::from(ordinal), 4)?;
    let end = word(text, after, "季度")
        .or_else(|| word(text, after, "个季度").filter(|_| ordinal))
        .or_else(|| word(text, after, "季").filter(|e| year && !any(text, *e, "节 后赛 报")))
        .or_else(|| {
            // 二、三季度; 一至三季度: the unit stands behind.
            let next = connector(text, after).or_else(|| word(text, after, "、"))?;
            let (e, m) = small(text, next, 4)?;
            word(text, e, "季度").filter(|_| m > n)?;
            p.elided = true;
            Some(after)
        })?;
    if n == 0 || (!ordinal && any_before(text, place, "前 第 首 每 连续 个")) {
        return None;
    }
    p.sub = Some(Sub::Quarter(i8::try_from(n).ok()?));
    Some(end)
}

/// 前三季度, 首两个月, 前10个月, 后三月, 第8个月.
fn first(text: &[char], place: usize, year: bool, p: &mut Point<'_>) -> Option<usize> {
    let (after, kind) = one_of(text, place, &[("前", 1), ("首", 1), ("头", 1), ("后", 2), ("第", 3)])?;
    if kind == 1 && any_before(text, place, "以 之 目 当 从 日 此 午 战 会 事 先 提") && !year {
        return None;
    }
    let (after, n) = small(text, after, 12)?;
    let n = i8::try_from(n).ok().filter(|n| *n > 0)?;
    let quarters = word(text, after, "季度")
        .or_else(|| word(text, after, "个季度"))
        .or_else(|| word(text, after, "季").filter(|_| at(text, place) == '首' || year));
    if let Some(end) = quarters.filter(|_| kind == 1 && n <= 4) {
        p.sub = Some(Sub::FirstQuarters(n));
        return Some(end);
    }
    let months =
        word(text, after, "个月").or_else(|| word(text, after, "月").filter(|e| year && !any(text, *e, "份")))?;
    // 前三个月 without a year counts from the beginning of the year when it may be a statistic, and 后, 第 need a year.
    p.sub = Some(match kind {
        1 => Sub::FirstMonths(n),
        2 if year => Sub::LastMonths(n),
        3 if year => Sub::NthMonth(n),
        _ => return None,
    });
    Some(months)
}

/// 今夏, 去冬; 春季, 冬天 behind a year.
fn season(text: &[char], place: usize, year: bool, p: &mut Point<'_>) -> Option<usize> {
    let number = |c: char| "春夏秋冬".chars().position(|s| s == c).and_then(|n| i8::try_from(n + 1).ok());
    if year {
        let n = number(at(text, place))?;
        let end = place + 1;
        if any(text, end, "节 运 晚 联 耕 游 粮 收 闱 奥 训 招 考 令营 种 播 装 至 分 茶 笋 蚕")
        {
            return None;
        }
        p.sub = Some(Sub::Season(n));
        return Some(if any(text, end, "季 天 日") { end + 1 } else { end });
    }
    let (after, shift) = one_of(text, place, &[("今", 0), ("去", -1), ("明", 1), ("来", 1), ("前年", -2)])?;
    let n = number(at(text, after))?;
    let end = after + 1;
    if any_before(text, place, "古 过 回 下 上 进 出 说 文 光 证 走 而 以")
        || any(text, end, "节 晚 运 耕 雨 梦 风 联 游 分 至")
    {
        return None;
    }
    p.year = Some(Year::Rel(shift));
    p.sub = Some(Sub::Season(n));
    Some(if any(text, end, "季 天") { end + 1 } else { end })
}

/// Parts of what stands before: 年底, 月初, 上旬, 底. `rank` is that of the piece before.
pub fn edge(text: &[char], place: usize, rank: u8, inside: bool) -> Option<(usize, Edge)> {
    const AFTER_MONTH: &[(&str, Edge)] = &[
        ("月上旬", Edge::Ten(1)),
        ("月月底", Edge::Late),
        ("月底", Edge::Late),
        ("月初", Edge::Early),
        ("月末", Edge::Late),
        ("上旬", Edge::Ten(1)),
        ("中旬", Edge::Ten(2)),
        ("下旬", Edge::Ten(3)),
        ("上半月", Edge::HalfMonth(1)),
        ("下半月", Edge::HalfMonth(2)),
        ("初", Edge::Early),
        ("底", Edge::Late),
        ("末", Edge::Late),
        ("尾", Edge::Late),
        ("头", Edge::Early),
        ("中", Edge::Mid),
        ("伊始", Edge::Early),
    ];
    const AFTER_YEAR: &[(&str, Edge)] = &[
        ("年初", Edge::Early),
        ("年头", Edge::Early),
        ("年中", Edge::Mid),
        ("年底", Edge::Late),
        ("年末", Edge::Late),
        ("年尾", Edge::Late),
        ("年终", Edge::Late),
        ("岁末", Edge::Late),
        ("伊始", Edge::Early),
        ("之初", Edge::Early),
        ("初", Edge::Early),
        ("底", Edge::Late),
        ("末", Edge::Late),
        ("尾", Edge::Late),
        ("头", Edge::Early),
        ("中", Edge::Mid),
    ];
    const ALONE: &[(&str, Edge)] = &[
        ("年初", Edge::Early),
        ("年中", Edge::Mid),
        ("年底", Edge::Late),
        ("年末", Edge::Late),
        ("年尾", Edge::Late),
        ("岁末", Edge::Late),
        ("上旬", Edge::Ten(1)),
        ("中旬", Edge::Ten(2)),
        ("下旬", Edge::Ten(3)),
        ("月初", Edge::Early),
        ("月底", Edge::Late),
        ("月末", Edge::Late),
        ("月尾", Edge::Late),
    ];
    let (end, edge) = match (rank, inside) {
        (3, _) => one_of(text, place, AFTER_MONTH)?,
        (1 | 2, true) => one_of(text, place, AFTER_YEAR)?,
        (0, false) => one_of(text, place, ALONE)?,
        _ => return None,
    };
    let next = at(text, end);
    if end - place == 1 {
        let wrong = match at(text, place) {
            '中' => !"，。、；前后以将时（ ".contains(next) && next != '\0',
            '初' => "中高期步次心级三二一学衷试始稿夏冬秋春".contains(next),
            '头' => !"，。、；".contains(next) && next != '\0',
            '末' => "位端梢".contains(next),
            '尾' => "气号盘款矿水市".contains(next),
            '底' => "线层座部蕴盘价牌色片".contains(next),
            _ => false,
        };
        return (!wrong).then_some((end, edge));
    }
    if !inside
        && (any_before(text, place, "个 每 半 多 几 数 本 连 各 终 当年 0 1 2 3 4 5 6 7 8 9")
            || any(text, end, "考 报"))
    {
        return None;
    }
    if !inside && any(text, place, "年中") && !"，。、；前后以将时会".contains(next) {
        return None;
    }
    Some((end, edge))
}
