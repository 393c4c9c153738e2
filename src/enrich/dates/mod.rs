//! Dates and times, resolved.
//!
//! One pass over the text: a character that may begin a date is looked up, [`parse`] reads an expression there with
//! bounded look-ahead, [`resolve`] gives it its place in the calendar. What was spoken of before is remembered, so that
//! 在4日, 同日, 次日 and 当晚 find their day.

mod clock;
mod days;
mod english;
mod expr;
mod figures;
mod lengths;
mod parse;
mod read;
mod resolve;
mod sets;
mod years;

use std::sync::LazyLock;

use crate::enrich::View;
use crate::enrich::anchor::Anchor;
use crate::enrich::dates::expr::{Day, Expr, Month, Open, Part, Year};
use crate::enrich::dates::read::Reader;
pub(crate) use crate::enrich::dates::read::connector;
pub use crate::enrich::dates::resolve::Base;
use crate::enrich::dates::resolve::{Chain, Leaves, Resolver};
use crate::enrich::glyphs::{Glyphs, any, any_before, at};
use crate::enrich::numerals;
use crate::lexicon::Lexicon;
use crate::record::mention::DateMention;
use crate::record::remark::Remarks;

/// Characters that may begin a date, besides the first ones of festivals, terms and reigns.
const FIRSTS: &str = "今明昨前后去本上下当同次翌隔每各逐公西元周星礼早晚中凌清傍深夜午拂黄子白日大农阴夏旧古阳新正腊冬闰月年岁全首末头第半过最近未接往再这那该来出寻琴听而依宜现此目入立开去春秋季Q“「‘\"甲乙丙丁戊己庚辛壬癸初廿卅小晌晏朝双俩";

static STARTS: LazyLock<Vec<bool>> = LazyLock::new(|| {
    let mut starts = vec![false; 1 << 16];
    for c in FIRSTS
        .chars()
        .chain("〇零○一二三四五六七八九十百千两壹贰叁肆伍陆柒捌玖拾几数".chars())
        .chain('0'..='9')
        .chain('A'..='Z')
        .chain('a'..='z')
    {
        starts[c as usize] = true;
    }
    starts
});

/// Finds every date, time, duration and recurring time, in order of the text, without overlaps.
pub fn find(view: &View<'_>, anchor: &Anchor, remarks: &mut Remarks) -> Vec<DateMention> {
    scan(view.text, view.lexicon, &anchor.base(), remarks)
}

/// The dates of a text, counted from `base`.
pub fn scan(text: &str, lexicon: &Lexicon, base: &Base, remarks: &mut Remarks) -> Vec<DateMention> {
    let glyphs = Glyphs::new(text);
    let chars = glyphs.chars.as_slice();
    let reader = Reader { text: chars, calendar: &lexicon.calendar };
    let starts: &[bool] = &STARTS;
    let mut memory = Memory::default();
    let mut found = Vec::new();
    let mut place = 0;
    while place < chars.len() {
        let c = chars[place];
        memory.pass(c);
        let begins = starts.get(c as usize).copied().unwrap_or(false)
            || lexicon.calendar.festivals.starts(c)
            || lexicon.calendar.eras.starts(c)
            || lexicon.calendar.term_names.starts(c);
        if !begins {
            place += 1;
            continue;
        }
        let expr = parse::expression(&reader, place).filter(|(end, _)| *end > place);
        let ahead = expr.as_ref().is_some_and(|(end, _)| looks_ahead(chars, place, *end));
        let resolver =
            Resolver { calendar: &lexicon.calendar, base: *base, chain: memory.chain, future: ahead, deadline: false };
        if let Some((end, expr)) = expr
            && let Some(resolved) = resolver.resolve(&expr)
        {
            let span = glyphs.span(place, end);
            remarks.say("dates.resolved", span, || {
                format!("{} from {}: {} to {}", resolved.timex, resolved.basis, resolved.date, resolved.end_date)
            });
            let story = carries_the_story(chars, place, end) && !ahead;
            memory.keep(&expr, &resolved.leaves, sets_the_scene(chars, end), story);
            found.push(DateMention {
                span,
                timex: resolved.timex,
                date: resolved.date,
                end_date: resolved.end_date,
                precision: resolved.precision,
                basis: resolved.basis,
            });
            for passed in &chars[place + 1..end] {
                memory.pass(*passed);
            }
            place = end;
        } else {
            place = skip(chars, place);
        }
    }
    found
}

/// Where reading goes on after a place where nothing began: behind the run of numerals or letters.
fn skip(chars: &[char], place: usize) -> usize {
    let c = chars[place];
    if c.is_ascii_digit() || numerals::is_numeral(c) {
        let end = numerals::run_end(chars, place);
        // 第十一 9月: a digit behind numerals may begin a date of its own.
        let mut next = place + 1;
        while next < end && (at(chars, next).is_ascii_digit() == c.is_ascii_digit()) {
            next += 1;
        }
        return next;
    }
    if c.is_ascii_alphabetic() {
        let mut end = place;
        while at(chars, end).is_ascii_alphabetic() {
            end += 1;
        }
        return end;
    }
    place + 1
}

/// Whether words around a date say that it lies ahead: 将, 拟, 定于 … in the same clause.
fn looks_ahead(chars: &[char], place: usize, end: usize) -> bool {
    const BEFORE: &str = "将 拟 定于 订于 计划 预计 预定 有望 可望 力争 争取 确保 务必 即将 至迟 最迟 要在 须在 定在 推迟到 延期至 截止到 料 预料 会在 会于";
    const BEHIND: &str = "将 拟 起将 前将 计划 有望 即将 会 召开在即 举行在即";
    let stop = |c: char| matches!(c, '。' | '，' | '；' | '！' | '？' | '\n' | '\0' | ',' | '：');
    let mut from = place;
    while from > 0 && place - from < 12 && !stop(at(chars, from - 1)) {
        from -= 1;
    }
    if (from..place).any(|p| any(chars, p, BEFORE) && !any(chars, p, "将军 将士 将领")) {
        return true;
    }
    let mut to = end;
    while to - end < 10 && !stop(at(chars, to)) {
        to += 1;
    }
    // 9月10日，……将: the clause behind the comma of an opening date counts too.
    if at(chars, to) == '，' && to == end {
        to += 1;
        let start = to;
        while to - start < 14 && !stop(at(chars, to)) {
            to += 1;
        }
    }
    (end..to).any(|p| {
        any(chars, p, BEHIND)
            && !any(chars, p, "将军 将士 将领 会议 会上 会见 会谈 会同 会员 会展 会计 会场 会长 会后")
            && !(at(chars, p) == '会'
                && any_before(chars, p, "大 开 委 协 晚 峰 议 商 年 机 社 工 学 例 展 博 运 人 全 集 部 董 监 理 联"))
    })
}

/// Whether a year named here is the setting of what follows in the sentence: 2023年，…… 5月…….
fn sets_the_scene(chars: &[char], end: usize) -> bool {
    matches!(at(chars, end), '，' | ',' | '、' | '：')
}

/// Whether a day named here is the one on which the story goes on: at the head of a sentence, or before a comma.
fn carries_the_story(chars: &[char], place: usize, end: usize) -> bool {
    let before = if place == 0 { '\n' } else { chars[place - 1] };
    matches!(before, '\n' | '。' | '！' | '？' | '）' | ' ' | '”') || matches!(at(chars, end), '，' | ',')
}

/// What the text has spoken of so far.
#[derive(Default)]
struct Memory {
    chain: Chain,
    /// The day and part of the day on which the story goes on; a new paragraph falls back to it.
    scene: Option<jiff::civil::Date>,
    scene_part: Option<Part>,
    /// The month was named without a day and holds for this sentence only.
    month_alone: bool,
    /// A period of several days was named in this paragraph.
    long_period: bool,
}

impl Memory {
    fn pass(&mut self, c: char) {
        match c {
            '\n' => {
                self.chain.near = false;
                self.chain.year_holds = false;
                self.chain.day = self.scene.or(self.chain.day);
                self.chain.part = self.scene_part;
                self.long_period = false;
            }
            '。' | '！' | '？' => {
                self.chain.year_holds = false;
                self.chain.near &= !self.month_alone;
            }
            _ => {}
        }
    }

    fn keep(&mut self, expr: &Expr<'_>, leaves: &Leaves, scene: bool, story: bool) {
        let point = match expr {
            Expr::Point(p, _) | Expr::Range(p, _) => Some(p),
            _ => None,
        };
        let deadline = matches!(expr, Expr::Point(_, Open::Before | Open::After));
        if let Some(day) = leaves.day {
            self.chain.day = Some(day);
            self.chain.part = leaves.part;
            let timed = point.is_some_and(|p| p.part.is_some() || p.clock.is_some());
            if (story || timed || self.scene.is_none()) && !deadline {
                self.scene = Some(day);
                self.scene_part = leaves.part;
            }
        }
        if leaves.part.is_some() {
            self.chain.part = leaves.part;
        }
        if let (Some(month), Some(p)) = (leaves.month, point)
            && (matches!(p.month, Some(Month::Abs(_))) || matches!(p.day, Some(Day::Abs(_))))
        {
            self.chain.month = Some(month);
            self.chain.near = true;
            self.month_alone = leaves.day.is_none();
        }
        let past_year = point.is_some_and(|p| matches!(p.year, Some(Year::Rel(n)) if n < 0));
        if let Some((from, to)) = leaves.period.filter(|_| !past_year && !deadline) {
            let long = (to - from).get_days() > 6;
            if long || !self.long_period {
                self.chain.period = Some((from, to));
                self.long_period |= long;
            }
        }
        if let (Some(year), Some(p)) = (leaves.year, point) {
            self.chain.year = Some(year);
            let named = matches!(p.year, Some(Year::Abs(_) | Year::Short(_)));
            self.chain.year_holds = (scene && p.rank() == 1) || (named && p.month.is_some());
        }
    }
}
