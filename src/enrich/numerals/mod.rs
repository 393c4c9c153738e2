//! Numbers in every script: `1,234.5`, `1.2万亿`, `三百二十万`, `壹仟玖佰`, `二〇二四`, `十几`, `五六百`, `860余万`.
//!
//! Every function looks ahead a bounded number of characters, or over one run of numerals that the caller then skips.

pub mod words;

use crate::enrich::glyphs::{at, is_han};

/// A number as read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number {
    pub end: usize,
    pub value: f64,
    /// Upper bound, for `五六百` and `几十`; else equal to `value`.
    pub upper: f64,
    pub style: Style,
    /// 多, 余, 来, 几 or 数 is part of it.
    pub vague: bool,
    /// A multiple of ten thousand and up is part of it.
    pub scale: f64,
    /// It has a decimal point.
    pub decimal: bool,
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `12`, `1.2万`.
    Arabic,
    /// `十二`, `两百`.
    Chinese,
    /// `二〇二四`, `九八`: digits in a row.
    Digits,
    /// `三五`, `七八`: two neighbours, "three to five".
    Pair,
    /// `百`, `千万`: a unit without a number before it.
    Unit,
}

const RUN_MAX: usize = 32;

/// The value of a Chinese digit.
pub fn digit(c: char) -> Option<u8> {
    Some(match c {
        '零' | '〇' | '○' => 0,
        '一' | '壹' => 1,
        '二' | '两' | '贰' => 2,
        '三' | '叁' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

/// The value of 十, 百, 千 and their formal faces.
fn small_unit(c: char) -> Option<f64> {
    Some(match c {
        '十' | '拾' => 10.0,
        '百' | '佰' => 100.0,
        '千' | '仟' => 1000.0,
        _ => return None,
    })
}

/// The value of 万, 亿, 兆.
fn big_unit(c: char) -> Option<f64> {
    Some(match c {
        '万' => 1e4,
        '亿' => 1e8,
        '兆' => 1e12,
        _ => return None,
    })
}

/// Whether a number may begin with this character.
pub fn starts(c: char) -> bool {
    c.is_ascii_digit() || is_numeral(c) || matches!(c, '几' | '数')
}

/// Whether the character is a Chinese numeral.
pub fn is_numeral(c: char) -> bool {
    digit(c).is_some() || small_unit(c).is_some() || big_unit(c).is_some() || matches!(c, '廿' | '卅')
}

/// The end of the run of digits and numerals at a place; where reading failed, reading goes on there.
pub fn run_end(text: &[char], place: usize) -> usize {
    let mut end = place;
    while end < text.len() && (text[end].is_ascii_digit() || is_numeral(text[end])) {
        end += 1;
    }
    end.max(place + 1)
}

/// Arabic digits with separators of thousands and a decimal point: end, value, and whether it has decimals.
fn arabic(text: &[char], place: usize) -> Option<(usize, f64, bool)> {
    let mut end = place;
    let mut digits = String::new();
    while at(text, end).is_ascii_digit() {
        if digits.len() > 20 {
            return None;
        }
        digits.push(text[end]);
        end += 1;
    }
    if digits.is_empty() {
        return None;
    }
    if digits.len() <= 3 && !digits.starts_with('0') {
        end = thousands(text, end, &mut digits);
    }
    let mut decimal = false;
    if at(text, end) == '.' && at(text, end + 1).is_ascii_digit() {
        let mut after = end + 1;
        digits.push('.');
        while at(text, after).is_ascii_digit() && after - end <= 12 {
            digits.push(text[after]);
            after += 1;
        }
        decimal = true;
        end = after;
    }
    Some((end, digits.parse().ok()?, decimal))
}

/// Reads `,345,678` into `digits`; the comma of Chinese punctuation only where it must be a separator.
fn thousands(text: &[char], mut end: usize, digits: &mut String) -> usize {
    let group = |from: usize| {
        matches!(at(text, from), ',' | '，')
            && (1..=3).all(|n| at(text, from + n).is_ascii_digit())
            && !at(text, from + 4).is_ascii_digit()
    };
    let mut wide = false;
    let (start, before) = (end, digits.len());
    while group(end) && end - start < 32 {
        wide |= text[end] == '，';
        digits.extend(&text[end + 1..end + 4]);
        end += 4;
    }
    let sure = end - start >= 8 || (at(text, end) == '.' && at(text, end + 1).is_ascii_digit());
    if wide && !sure {
        digits.truncate(before);
        return start;
    }
    end
}

/// What has been read of a number so far.
#[derive(Default)]
struct Sum {
    total: (f64, f64),
    section: (f64, f64),
    current: Option<(f64, f64)>,
    /// The last unit, for 三万五.
    last: f64,
    zero: bool,
    vague: bool,
    scale: f64,
    decimal: bool,
    arabic: bool,
    bare: bool,
}

impl Sum {
    fn pending(&self) -> (f64, f64) {
        let (low, high) = self.current.unwrap_or((0.0, 0.0));
        (self.section.0 + low, self.section.1 + high)
    }

    fn small(&mut self, unit: f64) {
        if self.current.is_none() && self.section.0 == 0.0 && self.total.0 == 0.0 && unit > 10.0 {
            self.bare = true;
        }
        let (low, high) = self.current.take().unwrap_or((1.0, 1.0));
        self.section = (self.section.0 + low * unit, self.section.1 + high * unit);
        self.last = unit;
        self.zero = false;
    }

    fn big(&mut self, unit: f64) {
        let (mut low, mut high) = self.pending();
        if low == 0.0 && high == 0.0 {
            if self.total.1 == 0.0 {
                self.bare = true;
                (low, high) = (1.0, 1.0);
            } else {
                // 万亿: the unit multiplies all before it.
                self.total = (self.total.0 * unit, self.total.1 * unit);
                (self.last, self.scale) = (unit, self.scale.max(1.0) * unit);
                return;
            }
        }
        if self.scale != 0.0 && self.scale < unit {
            self.total = ((self.total.0 + low) * unit, (self.total.1 + high) * unit);
        } else {
            self.total = (self.total.0 + low * unit, self.total.1 + high * unit);
        }
        (self.section, self.current, self.last, self.zero) = ((0.0, 0.0), None, unit, false);
        self.scale = self.scale.max(unit);
    }

    fn finish(mut self, start: usize, end: usize) -> Option<Number> {
        if end == start {
            return None;
        }
        if let Some((low, high)) = self.current
            && self.last >= 100.0
            && !self.zero
            && !self.arabic
            && high < 10.0
            && !self.decimal
        {
            // 两百三 is 230, 三万五 is 35,000.
            self.current = Some((low * self.last / 10.0, high * self.last / 10.0));
        }
        let (low, high) = self.pending();
        let style = match (self.arabic, self.bare) {
            (true, _) => Style::Arabic,
            (false, true) => Style::Unit,
            _ => Style::Chinese,
        };
        let (value, upper) = (self.total.0 + low, self.total.1 + high);
        Some(Number { end, value, upper, style, vague: self.vague, scale: self.scale, decimal: self.decimal })
    }
}

/// Reads the number at a place.
pub fn number(text: &[char], place: usize) -> Option<Number> {
    if let Some(plain) = digits_in_a_row(text, place) {
        return plain;
    }
    let mut sum = Sum::default();
    let mut end = place;
    loop {
        if end - place > RUN_MAX {
            return None;
        }
        let c = at(text, end);
        if c.is_ascii_digit() {
            if sum.current.is_some() || (end > place && sum.last == 0.0) {
                break;
            }
            let Some((next, value, decimal)) = arabic(text, end) else { break };
            (sum.current, sum.arabic, sum.decimal) = (Some((value, value)), true, sum.decimal || decimal);
            end = next;
            // 177.1 亿
            if at(text, end) == ' ' && big_unit(at(text, end + 1)).is_some() {
                end += 1;
            }
        } else if let Some(d) = digit(c) {
            let Some(next) = chinese_digit(text, end, d, &mut sum) else { break };
            end = next;
        } else if sum.arabic && sum.current.is_some() && is_measure(text, end) {
            break;
        } else if let Some(unit) = small_unit(c) {
            if sum.last != 0.0 && sum.current.is_none() && !(unit == 10.0 && (sum.zero || sum.last >= 100.0)) {
                break;
            }
            if sum.section.0 != 0.0 && unit >= sum.last {
                break;
            }
            sum.small(unit);
            end += 1;
        } else if matches!(c, '廿' | '卅') && sum.current.is_none() {
            let tens = if c == '廿' { 20.0 } else { 30.0 };
            sum.section = (sum.section.0 + tens, sum.section.1 + tens);
            sum.last = 10.0;
            end += 1;
        } else if let Some(unit) = big_unit(c) {
            if sum.scale != 0.0 && sum.scale == unit && sum.pending().1 == 0.0 {
                break;
            }
            sum.big(unit);
            end += 1;
        } else if c == '个' && at(text, end + 1) == '亿' && sum.current.is_some() {
            end += 1;
        } else if let Some(next) = vague(text, place, end, &mut sum) {
            end = next;
        } else {
            break;
        }
    }
    if sum.zero && sum.current.is_none() && sum.last != 0.0 {
        // A trailing 零 belongs to what follows (一年零三个月).
        end -= 1;
    }
    sum.finish(place, end)
}

/// Whether what looks like a multiple begins a unit behind figures: 960百帕, 5千克.
fn is_measure(text: &[char], place: usize) -> bool {
    matches!(
        (at(text, place), at(text, place + 1)),
        ('百', '帕' | '分')
            | ('兆', '赫' | '瓦' | '帕' | '焦' | '字' | '比')
            | ('千', '米' | '瓦' | '克' | '伏' | '卡' | '焦' | '帕' | '赫' | '字')
    )
}

/// 多, 余, 来 behind a number; 几 and 数 in the place of a digit.
fn vague(text: &[char], place: usize, end: usize, sum: &mut Sum) -> Option<usize> {
    let (c, next) = (at(text, end), at(text, end + 1));
    match c {
        '几' | '数' if sum.current.is_none() => {
            let follows = small_unit(next).is_some() || (c == '几' && big_unit(next).is_some());
            let counts = c == '几' && end > place && sum.last == 10.0;
            if !follows && !counts {
                return None;
            }
            if counts && !follows {
                sum.section.1 += 10.0;
            } else {
                sum.current = Some((1.0, 10.0));
            }
            sum.vague = true;
            Some(end + 1)
        }
        '多' | '余' | '来' if end > place && !sum.vague => {
            if c == '来'
                && !(sum.last >= 10.0 && sum.current.is_none() && is_han(next) && !"到自临看说源".contains(next))
            {
                return None;
            }
            if c == '余' && "额下热震波粮留晖味姚杭".contains(next) {
                return None;
            }
            sum.vague = true;
            Some(end + 1)
        }
        _ => None,
    }
}

/// A digit of 三百二十五, 五六百, 三点五.
fn chinese_digit(text: &[char], place: usize, d: u8, sum: &mut Sum) -> Option<usize> {
    let value = f64::from(d);
    let next = at(text, place + 1);
    if sum.current.is_some() {
        return None;
    }
    if d == 0 && sum.last != 0.0 {
        sum.zero = true;
        return Some(place + 1);
    }
    if next == '点' && digit(at(text, place + 2)).is_some() {
        let (end, fraction) = decimals(text, place + 2);
        sum.current = Some((value + fraction, value + fraction));
        sum.decimal = true;
        return Some(end);
    }
    if let Some(upper) = digit(next).filter(|u| neighbours(d, *u)) {
        sum.current = Some((value, f64::from(upper)));
        return Some(place + 2);
    }
    sum.current = Some((value, value));
    Some(place + 1)
}

/// Chinese digits behind 点.
fn decimals(text: &[char], place: usize) -> (usize, f64) {
    let (mut end, mut value, mut weight) = (place, 0.0, 0.1);
    while let Some(d) = digit(at(text, end)).filter(|_| end - place < 10) {
        value += f64::from(d) * weight;
        weight /= 10.0;
        end += 1;
    }
    // 0.1 + 0.04 is not 0.14 in binary; what was written has at most ten places.
    (end, (value * 1e10).round() / 1e10)
}

/// Whether two digits side by side mean "a to b".
fn neighbours(a: u8, b: u8) -> bool {
    a > 0 && (b == a + 1 || (a, b) == (3, 5))
}

/// `二〇二四`, `九八`, `三五`: Chinese digits without a unit. `Some(None)`: a run that is no number.
fn digits_in_a_row(text: &[char], place: usize) -> Option<Option<Number>> {
    let mut end = place;
    let mut value = 0.0;
    while let Some(d) = digit(at(text, end)) {
        if end - place > 18 {
            return Some(None);
        }
        value = value * 10.0 + f64::from(d);
        end += 1;
    }
    let length = end - place;
    if length < 2 || at(text, end) == '点' {
        return None;
    }
    let (first, second) = (digit(text[place])?, digit(text[place + 1])?);
    let pair = length == 2 && neighbours(first, second);
    let unit = small_unit(at(text, end)).is_some() || big_unit(at(text, end)).is_some();
    if unit {
        return None;
    }
    let (style, low, high) =
        if pair { (Style::Pair, first.into(), second.into()) } else { (Style::Digits, value, value) };
    Some(Some(Number { end, value: low, upper: high, style, vague: false, scale: 0.0, decimal: false }))
}

/// A small whole number of at most `max`, as dates use them: `9`, `09`, `二十一`, `廿一`, `卅`, `○九`.
pub fn small(text: &[char], place: usize, max: u32) -> Option<(usize, u32)> {
    if at(text, place).is_ascii_digit() {
        let mut end = place;
        let mut value = 0;
        while let Some(d) = at(text, end).to_digit(10) {
            if end - place == 4 {
                return None;
            }
            value = value * 10 + d;
            end += 1;
        }
        return (value <= max).then_some((end, value));
    }
    let (end, value) = small_chinese(text, place)?;
    (value <= max).then_some((end, value))
}

fn small_chinese(text: &[char], place: usize) -> Option<(usize, u32)> {
    // Formal numerals count money; in dates they are surnames (陆时雨).
    let d = |p: usize| digit(at(text, p)).filter(|_| !"壹贰叁肆伍陆柒捌玖拾".contains(at(text, p))).map(u32::from);
    let (mut end, tens) = match at(text, place) {
        '廿' => (place + 1, 20),
        '卅' => (place + 1, 30),
        '十' => (place + 1, 10),
        '零' | '〇' | '○' => (place + 1, 0),
        _ => {
            let first = d(place)?;
            match at(text, place + 1) {
                '十' => (place + 2, first * 10),
                _ => return if d(place + 1).is_some() { None } else { Some((place + 1, first)) },
            }
        }
    };
    let mut value = tens;
    if let Some(ones) = d(end) {
        value += ones;
        end += 1;
    }
    if d(end).is_some() || small_unit(at(text, end)).is_some() {
        return None;
    }
    Some((end, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, value: f64, upper: f64) {
        let chars: Vec<char> = text.chars().collect();
        let n = number(&chars, 0).map(|n| (n.value, n.upper, n.end));
        assert_eq!(n, Some((value, upper, chars.len())), "{text}");
    }

    #[test]
    fn numbers_in_every_script() {
        for (text, value) in [
            ("12", 12.0),
            ("1,234,567.5", 1_234_567.5),
            ("1.2万", 12_000.0),
            ("3万5千", 35_000.0),
            ("8万6千", 86_000.0),
            ("2.5万亿", 2.5e12),
            ("177.1 亿", 1.771e10),
            ("三千万亿", 3e15),
            ("一万二千三百四十五", 12_345.0),
            ("六十四万零一百四十三", 640_143.0),
            ("两百三", 230.0),
            ("三万五", 35_000.0),
            ("三点一二", 3.12),
            ("三点五亿", 3.5e8),
            ("肆佰叁拾万", 4.3e6),
            ("二〇二四", 2024.0),
            ("廿三", 23.0),
            ("一百零五", 105.0),
            ("两个亿", 2e8),
            ("860余万", 8.6e6),
            ("三百多万", 3e6),
            ("二十多", 20.0),
            ("十", 10.0),
            ("百万", 1e6),
        ] {
            check(text, value, value);
        }
    }

    #[test]
    fn ranges_in_one_word() {
        check("五六百万", 5e6, 6e6);
        check("三五百", 300.0, 500.0);
        check("两三百", 200.0, 300.0);
        check("七八十", 70.0, 80.0);
        check("十七八", 17.0, 18.0);
        check("几十万", 1e5, 1e6);
        check("十几", 10.0, 20.0);
        check("数十亿", 1e9, 1e10);
        check("三五", 3.0, 5.0);
    }

    #[test]
    fn a_long_run_is_no_number() {
        let run: Vec<char> = "一二三四五六七八九".chars().cycle().take(90).collect();
        assert_eq!(number(&run, 0), None);
        assert_eq!(run_end(&run, 0), 90);
    }
}
