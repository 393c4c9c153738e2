//! Expressions become stretches of the calendar, counted from the anchor and from what was spoken of before.

use jiff::civil::{Date, DateTime, Time, Weekday};

use crate::enrich::dates::expr::{Day, Edge, Expr, Length, Month, Open, Part, Point, Sub, Unit, Week, Year};
use crate::enrich::dates::lengths;
use crate::lexicon::calendar::{Calendar, days_after};

/// What dates count from.
#[derive(Clone, Copy, Debug)]
pub struct Base {
    pub date: Date,
    pub clock: Option<Time>,
    pub basis: &'static str,
}

/// What was spoken of before.
#[derive(Clone, Copy, Debug, Default)]
pub struct Chain {
    pub day: Option<Date>,
    /// Year and month of the last date that named its month.
    pub month: Option<(i16, i8)>,
    /// The last year that was named.
    pub year: Option<i16>,
    /// That year was named in this sentence, as its setting.
    pub year_holds: bool,
    /// The last day or month was named in this paragraph.
    pub near: bool,
    /// First and last day (exclusive) of the last period or day.
    pub period: Option<(Date, Date)>,
    pub part: Option<Part>,
}

/// A resolved expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// "" for an open side.
    pub date: String,
    pub end_date: String,
    pub timex: String,
    pub precision: &'static str,
    pub basis: &'static str,
    /// What it leaves to the dates after it.
    pub leaves: Leaves,
}

/// What a date leaves to those after it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Leaves {
    pub day: Option<Date>,
    pub month: Option<(i16, i8)>,
    pub year: Option<i16>,
    pub period: Option<(Date, Date)>,
    pub part: Option<Part>,
}

/// A stretch of the calendar.
#[derive(Clone, Debug)]
struct Stretch {
    start: DateTime,
    end: DateTime,
    precision: &'static str,
    timex: String,
    basis: &'static str,
}

/// Resolves expressions.
#[derive(Clone, Copy, Debug)]
pub struct Resolver<'a> {
    pub calendar: &'a Calendar,
    pub base: Base,
    pub chain: Chain,
    /// A word such as 将 or 定于 says that the future is meant.
    pub future: bool,
    /// 前 follows: what is named is a deadline.
    pub deadline: bool,
}

fn day_start(date: Date) -> DateTime {
    date.to_datetime(Time::midnight())
}

fn month_start(year: i16, month: i32) -> Option<Date> {
    let zero = i32::from(year) * 12 + month - 1;
    Date::new(i16::try_from(zero.div_euclid(12)).ok()?, i8::try_from(zero.rem_euclid(12) + 1).ok()?, 1).ok()
}

fn days(from: Date, to: Date) -> Option<(DateTime, DateTime)> {
    Some((day_start(from), day_start(to)))
}

fn monday(date: Date) -> Option<Date> {
    days_after(date, -i32::from(date.weekday().to_monday_zero_offset()))
}

/// A date or a date and time as the record writes it.
fn written(at: DateTime, precision: &str) -> String {
    match precision {
        "hour" | "minute" => at.strftime("%Y-%m-%dT%H:%M").to_string(),
        "second" => at.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        _ => day_text(at.date()),
    }
}

/// `2024-09-04`; years before our era with a sign.
fn day_text(date: Date) -> String {
    let (y, m, d) = (date.year(), date.month(), date.day());
    if y < 0 { format!("-{:04}-{m:02}-{d:02}", -y) } else { format!("{y:04}-{m:02}-{d:02}") }
}

fn year_text(year: i16) -> String {
    if year <= 0 { format!("BC{:04}", 1 - year) } else { format!("{year:04}") }
}

impl Resolver<'_> {
    /// The calendar's answer to an expression.
    pub fn resolve(&self, expr: &Expr<'_>) -> Option<Resolved> {
        match expr {
            Expr::Point(p, open) => self.pointed(p, *open),
            Expr::Range(a, b) => self.ranged(a, b),
            Expr::Length(length) => Some(Resolved {
                timex: lengths::timex(length),
                precision: lengths::precision(length),
                ..Resolved::bare("text")
            }),
            Expr::Set(timex) => {
                Some(Resolved { timex: format!("R/{timex}"), precision: "set", ..Resolved::bare("text") })
            }
            Expr::Window(length, side) => self.window(length, *side),
            Expr::Offset(length, side) => self.offset(length, *side),
            Expr::SamePeriod(years) => self.same_period(*years),
            Expr::PeriodOf(year) => {
                let from = self.chain.period.map_or(self.base.date.year(), |p| p.0.year());
                self.same_period(year - from)
            }
            Expr::Plan(first) => {
                let (start, end) = (Date::new(*first, 1, 1).ok()?, Date::new(first + 5, 1, 1).ok()?);
                Some(self.period(start, end, "year", format!("{first}/{}", first + 4), "text"))
            }
            Expr::SinceTerm(term) => {
                let start = self.calendar.term(self.base.date.year(), *term)?;
                let start =
                    if start > self.base.date { self.calendar.term(self.base.date.year() - 1, *term)? } else { start };
                Some(Resolved {
                    date: day_text(start),
                    timex: format!("{}/", day_text(start)),
                    precision: "day",
                    ..Resolved::bare(self.base.basis)
                })
            }
            Expr::Years(from, to) => {
                let y = self.base.date.year();
                let (start, end) = (Date::new(y + from, 1, 1).ok()?, Date::new(y + to + 1, 1, 1).ok()?);
                Some(self.period(start, end, "year", format!("{}/{}", y + from, y + to), self.base.basis))
            }
            Expr::Winter(shift) => {
                let y = self.winter_year() + shift;
                let (start, end) = (Date::new(y, 12, 1).ok()?, Date::new(y + 1, 6, 1).ok()?);
                Some(self.period(start, end, "season", format!("{y}-WI/{}-SP", y + 1), self.base.basis))
            }
            Expr::Now => {
                let at = self.base.date.to_datetime(self.base.clock?);
                let end = at.checked_add(jiff::Span::new().minutes(1)).ok()?;
                Some(Resolved {
                    date: written(at, "minute"),
                    end_date: written(end, "minute"),
                    timex: "PRESENT_REF".into(),
                    precision: "minute",
                    ..Resolved::bare(self.base.basis)
                })
            }
        }
    }

    /// 今冬 in January is the winter that began last year.
    fn winter_year(&self) -> i16 {
        self.base.date.year() - i16::from(self.base.date.month() <= 4)
    }

    fn pointed(&self, p: &Point<'_>, open: Open) -> Option<Resolved> {
        let s = Resolver { deadline: open == Open::Before, ..*self }.stretch(p)?;
        let fine = matches!(s.precision, "hour" | "minute" | "second");
        let mut leaves = self.leaves(p, &s);
        let (mut date, mut end_date) = (written(s.start, s.precision), written(s.end, s.precision));
        let mut timex = s.timex;
        match open {
            Open::No => {}
            Open::Before => {
                // A day is excluded; the end of a month or year that lies ahead is a deadline and is included.
                let excluded = fine || p.rank() >= 5 || s.end.date() <= self.base.date;
                end_date = if excluded { date.clone() } else { end_date };
                date = String::new();
                timex = format!("/{timex}");
            }
            Open::After => {
                date = if fine { date } else { end_date };
                end_date = String::new();
                timex.push('/');
            }
            Open::Since => {
                end_date = String::new();
                timex.push('/');
                leaves.period = Some((s.start.date(), self.base.date)).filter(|(a, b)| a < b);
            }
        }
        Some(Resolved { date, end_date, timex, precision: s.precision, basis: s.basis, leaves })
    }

    fn leaves(&self, p: &Point<'_>, s: &Stretch) -> Leaves {
        let day = p.rank() >= 5;
        let date = s.start.date();
        let month = (day || p.month.is_some()) && p.century.is_none() && p.decade.is_none();
        Leaves {
            day: (day && !matches!(p.day, Some(Day::Weekday(8)))).then_some(date),
            month: month.then(|| (date.year(), date.month())),
            year: matches!(p.year, Some(Year::Abs(_) | Year::Short(_) | Year::Rel(_) | Year::Chain(_)))
                .then(|| if p.lunar { date.year() } else { s.start.year() }),
            period: Some((date, if day { days_after(date, 1).unwrap_or(date) } else { s.end.date() })),
            part: p.part,
        }
    }

    fn period(&self, start: Date, end: Date, precision: &'static str, timex: String, basis: &'static str) -> Resolved {
        Resolved {
            date: day_text(start),
            end_date: day_text(end),
            timex,
            precision,
            basis,
            leaves: Leaves { period: Some((start, end)), ..Leaves::default() },
        }
    }

    fn ranged(&self, a: &Point<'_>, b: &Point<'_>) -> Option<Resolved> {
        let first = self.stretch(a)?;
        let left = self.leaves(a, &first);
        let mut then = *self;
        then.chain.day = left.day.or(then.chain.day);
        then.chain.month = left.month.or(then.chain.month);
        then.chain.year = left.year.or(then.chain.year);
        then.chain.near = true;
        then.chain.part = a.part;
        if a.year.is_some() && b.year.is_none() {
            then.chain.year_holds = true;
        }
        // 12日到3日 with a bare day: the month is that of the beginning.
        let mut b = *b;
        if b.month.is_none() && matches!(b.day, Some(Day::Abs(_))) && b.year.is_none() && b.week.is_none() {
            b.month = left.month.and_then(|(_, m)| (a.rank() >= 5).then_some(Month::Abs(m)));
            b.year = left.month.map(|(y, _)| Year::Abs(y)).filter(|_| b.month.is_some()).or(b.year);
        }
        let mut second = then.stretch(&b)?;
        if second.start < first.start {
            second = Self::later(second, a, &b)?;
        }
        let clocked = |s: &Stretch| matches!(s.precision, "hour" | "minute" | "second");
        let precision = if clocked(&second) { second.precision } else { first.precision };
        let precision = if clocked(&first) && !clocked(&second) { first.precision } else { precision };
        let end = if clocked(&second) { second.start } else { second.end };
        if end < first.start {
            return None;
        }
        let coarse = coarser(first.precision, second.precision);
        let precision = if clocked(&first) || clocked(&second) { precision } else { coarse };
        let mut leaves = self.leaves(a, &first);
        let last = self.leaves(&b, &second);
        leaves.month = last.month.or(leaves.month);
        leaves.day = last.day.or(leaves.day);
        leaves.part = b.part.or(leaves.part);
        leaves.period = Some((first.start.date(), second.end.date()));
        Some(Resolved {
            date: written(first.start, precision),
            end_date: written(end, precision),
            timex: format!("{}/{}", first.timex, second.timex),
            precision,
            basis: first.basis,
            leaves,
        })
    }

    /// The end of a range that would lie before its beginning is the next such day, month or year.
    fn later(s: Stretch, a: &Point<'_>, b: &Point<'_>) -> Option<Stretch> {
        let by = if b.top() >= 6 || (a.day == b.day && b.clock.is_some()) {
            jiff::Span::new().days(1)
        } else if matches!(b.day, Some(Day::Weekday(_))) {
            jiff::Span::new().weeks(1)
        } else if a.month == b.month && matches!(b.day, Some(Day::Abs(_))) {
            jiff::Span::new().months(1)
        } else if matches!(b.year, Some(Year::Abs(_) | Year::Short(_) | Year::Rel(_))) && a.year != b.year {
            return Some(s);
        } else {
            jiff::Span::new().years(1)
        };
        let start = s.start.checked_add(by).ok()?;
        let end = s.end.checked_add(by).ok()?;
        Some(Stretch { start, end, timex: written(start, s.precision), ..s })
    }

    fn stretch(&self, p: &Point<'_>) -> Option<Stretch> {
        let mut s = self.dated(p)?;
        if let Some(clock) = p.clock {
            let mut hour = clock.hour;
            if let Some(part) = p.part {
                hour = part.hour(hour);
            } else if p.day.is_none() && p.festival.is_none() {
                // 当晚8时……9时15分: the part of the day goes on.
                hour = match self.chain.part {
                    Some(q @ (Part::Evening | Part::Night)) if (5..12).contains(&hour) => q.hour(hour),
                    Some(Part::Afternoon) if (1..=6).contains(&hour) => hour + 12,
                    _ => hour,
                };
            }
            let (minute, second) = (clock.minute.unwrap_or(0), clock.second.unwrap_or(0));
            let date = days_after(s.start.date(), i32::from(hour / 24))?;
            let start = date.to_datetime(Time::new(hour % 24, minute, second, 0).ok()?);
            let (precision, by) = match (clock.minute, clock.second) {
                (_, Some(_)) => ("second", jiff::Span::new().seconds(1)),
                (Some(_), None) => ("minute", jiff::Span::new().minutes(1)),
                _ => ("hour", jiff::Span::new().hours(1)),
            };
            let bare = p.top() >= 6;
            let head = if bare { String::new() } else { s.timex };
            let tail = if precision == "second" { start.strftime("T%H:%M:%S") } else { start.strftime("T%H:%M") };
            let head = if hour >= 24 && !bare { day_text(date) } else { head };
            s = Stretch {
                start,
                end: start.checked_add(by).ok()?,
                precision,
                timex: format!("{head}{tail}"),
                basis: s.basis,
            };
        } else if let Some(part) = p.part {
            s.timex.push_str(part.code());
        }
        Some(s)
    }

    /// The stretch of whole days that a point names.
    fn dated(&self, p: &Point<'_>) -> Option<Stretch> {
        if p.century.is_some() || p.decade.is_some() {
            return self.long(p);
        }
        if let Some(festival) = p.festival {
            let (mut year, basis) = self.year_or(p, 0);
            if p.year.is_none()
                && self.deadline
                && self.calendar.festival(festival, year).is_some_and(|d| (self.base.date - d).get_days() > 60)
            {
                // 春节前 in September is a deadline, and the next one is meant.
                year += 1;
            }
            let (start, end) = if p.closure {
                self.calendar.closure(festival, year)?
            } else {
                let start = self.calendar.festival(festival, year)?;
                (start, days_after(start, festival.days)?)
            };
            let timex = day_text(start);
            return self.made(start, end, "day", timex, basis);
        }
        match p.day {
            Some(day) => self.day(p, day),
            None => self.coarse(p),
        }
    }

    fn made(
        &self,
        start: Date,
        end: Date,
        precision: &'static str,
        timex: String,
        basis: &'static str,
    ) -> Option<Stretch> {
        let (start, end) = days(start, end)?;
        Some(Stretch { start, end, precision, timex, basis })
    }

    /// The year of a point and what it rests on; `month` is the one it names, or 0.
    fn year_or(&self, p: &Point<'_>, month: i8) -> (i16, &'static str) {
        match p.year {
            Some(Year::Abs(y)) if y < -5000 => (self.cycle(y), self.base.basis),
            Some(Year::Abs(y)) => (y, "text"),
            Some(Year::Short(y)) => (self.short(y), "text"),
            Some(Year::Rel(n)) => (self.base.date.year() + n, self.base.basis),
            Some(Year::Last(n)) => {
                let here = self.base.date.month();
                let by = match n {
                    -1 => -i16::from(month >= here),
                    1 => i16::from(month <= here),
                    _ => 0,
                };
                (self.base.date.year() + by, self.base.basis)
            }
            Some(Year::Chain(n)) => match self.chain.year.or(self.chain.month.map(|m| m.0)) {
                Some(y) => (y + n, "previous"),
                None => (self.base.date.year() + n, self.base.basis),
            },
            None => match self.chain.year.filter(|_| self.chain.year_holds) {
                Some(y) => (y, "previous"),
                None => (self.base.date.year(), self.base.basis),
            },
        }
    }

    /// 98年 is the nearest such year that is not far ahead.
    fn short(&self, y: i16) -> i16 {
        let base = self.base.date.year();
        let century = base - base.rem_euclid(100);
        let year = century + y;
        if year > base + 15 { year - 100 } else { year }
    }

    /// 甲辰年: the year of the cycle nearest to the anchor, the past first.
    fn cycle(&self, y: i16) -> i16 {
        let place = y + 6000;
        let base = self.base.date.year();
        let back = (base - 1984 - place).rem_euclid(60);
        if back > 50 { base + 60 - back } else { base - back }
    }

    /// The year of a month or day that is named without one.
    fn near_year(&self, month: i8, day: i8) -> (i16, &'static str) {
        let base = self.base.date;
        if self.chain.year_holds
            && let Some(y) = self.chain.year
        {
            return (y, "previous");
        }
        let year = base.year();
        let ahead = Date::new(year, month, day.clamp(1, 28)).map_or(0, |d| (d - base).get_days());
        if self.future && ahead < -180 {
            (year + 1, self.base.basis)
        } else if !self.future && ahead > 270 {
            (year - 1, self.base.basis)
        } else {
            (year, self.base.basis)
        }
    }

    fn day(&self, p: &Point<'_>, day: Day) -> Option<Stretch> {
        let one = |date: Date, timex: Option<String>, basis| {
            self.made(date, days_after(date, 1)?, "day", timex.unwrap_or_else(|| day_text(date)), basis)
        };
        match day {
            Day::Rel(n) => one(days_after(self.base.date, n)?, None, self.base.basis),
            Day::Chain(n) => {
                let (from, basis) = self.chain.day.map_or((self.base.date, self.base.basis), |d| (d, "previous"));
                one(days_after(from, n)?, None, basis)
            }
            Day::Term(term) => {
                let (mut year, basis) = self.year_or(p, 0);
                // 2017年大寒 is the one at the end of that lunar year.
                if p.year.is_some() && !matches!(p.year, Some(Year::Rel(_))) && term < 2 {
                    year += 1;
                }
                one(self.calendar.term(year, term)?, None, basis)
            }
            Day::Weekday(n) => self.weekday(p, n),
            Day::NthWeekday(nth, weekday) => {
                let (start, _, _, _, basis) = self.month(p)?;
                let weekday = Weekday::from_monday_one_offset(weekday.min(7)).ok()?;
                one(start.nth_weekday_of_month(nth, weekday).ok()?, None, basis)
            }
            Day::Lunar(n) => self.lunar_day(p, n),
            Day::Abs(n) if p.lunar || matches!(p.month, Some(Month::Lunar(..))) => self.lunar_day(p, n),
            Day::Abs(n) => self.month_day(p, n),
        }
    }

    fn weekday(&self, p: &Point<'_>, n: i8) -> Option<Stretch> {
        let (from, basis) = match p.week {
            Some(Week::Chain(_)) => self.chain.day.map_or((self.base.date, self.base.basis), |d| (d, "previous")),
            _ => (self.base.date, self.base.basis),
        };
        let monday = monday(days_after(from, 7 * p.week.map_or(0, Week::shift))?)?;
        if n == 8 {
            let start = days_after(monday, 5)?;
            let iso = monday.iso_week_date();
            return self.made(
                start,
                days_after(start, 2)?,
                "day",
                format!("{:04}-W{:02}-WE", iso.year(), iso.week()),
                basis,
            );
        }
        let date =
            if n == 0 && from.weekday() == Weekday::Sunday { from } else { days_after(monday, i32::from(n) - 1)? };
        let timex = if p.week.is_some() { day_text(date) } else { format!("XXXX-WXX-{n}") };
        self.made(date, days_after(date, 1)?, "day", timex, basis)
    }

    fn lunar_day(&self, p: &Point<'_>, day: i8) -> Option<Stretch> {
        let (month, leap) = match p.month {
            Some(Month::Lunar(m, leap)) => (m, leap),
            Some(Month::Abs(m)) => (m, false),
            // 大年初一 belongs to the first month.
            _ => (1, false),
        };
        let (mut year, basis) = self.lunar_year(p, month);
        let mut date = self.calendar.lunar(year, month, day, leap);
        if date.is_none() && leap {
            year += 1;
            date = self.calendar.lunar(year, month, day, leap);
        }
        let date = date?;
        self.made(date, days_after(date, 1)?, "day", day_text(date), basis)
    }

    /// The lunar year that a lunar month without a year belongs to: the last months are those of the winter at hand.
    fn lunar_year(&self, p: &Point<'_>, month: i8) -> (i16, &'static str) {
        let (year, basis) = self.year_or(p, 0);
        if p.year.is_none() && month >= 11 && self.base.date.month() <= 6 {
            return (year - 1, basis);
        }
        (year, basis)
    }

    fn month_day(&self, p: &Point<'_>, n: i8) -> Option<Stretch> {
        if p.month.is_some() {
            let (start, _, named, month, basis) = self.month_for(p, n)?;
            let date = Date::new(start.year(), start.month(), n).ok()?;
            let timex = if named { day_text(date) } else { format!("XXXX-{month:02}-{n:02}") };
            return self.made(date, days_after(date, 1)?, "day", timex, basis);
        }
        if p.year.is_some() || p.sub.is_some() {
            return None;
        }
        let (date, basis) = self.day_alone(n)?;
        self.made(date, days_after(date, 1)?, "day", format!("XXXX-XX-{n:02}"), basis)
    }

    /// A bare day: of the month spoken of, else the nearest such day.
    fn day_alone(&self, n: i8) -> Option<(Date, &'static str)> {
        let base = self.base.date;
        if self.chain.near
            && let Some((y, m)) = self.chain.month
            && let Ok(date) = Date::new(y, m, n)
        {
            return Some((date, "previous"));
        }
        let (y, m) = (base.year(), i32::from(base.month()));
        let of = |months: i32| {
            let start = month_start(y, m + months)?;
            Date::new(start.year(), start.month(), n).ok()
        };
        // The past is preferred: a day ahead must be three times as near, and one that 将 points to must not lie behind.
        let cost = |d: &Date| match (d.since(base).map_or(0, |s| s.get_days()), self.future) {
            (n, false) if n > 1 => n * 3,
            (n, true) if n < 0 => -n * 3,
            (n, _) => n.abs(),
        };
        let picked = [of(0), of(-1), of(1), of(-2)].into_iter().flatten().min_by_key(cost)?;
        Some((picked, self.base.basis))
    }

    /// First day of the month a point names, the first day after it, whether its year is given, its number, the basis.
    fn month(&self, p: &Point<'_>) -> Option<(Date, Date, bool, i8, &'static str)> {
        self.month_for(p, 15)
    }

    fn month_for(&self, p: &Point<'_>, day: i8) -> Option<(Date, Date, bool, i8, &'static str)> {
        let base = self.base.date;
        let (year, month, named, basis) = match p.month? {
            Month::Abs(m) => {
                if p.year.is_some() {
                    let (y, basis) = self.year_or(p, m);
                    (y, i32::from(m), true, basis)
                } else {
                    let (y, basis) = self.near_year(m, day);
                    (y, i32::from(m), false, basis)
                }
            }
            Month::Rel(n) => (base.year(), i32::from(base.month()) + n, true, self.base.basis),
            Month::Chain(n) => match self.chain.month {
                Some((y, m)) => (y, i32::from(m) + n, true, "previous"),
                None => (base.year(), i32::from(base.month()) + n, true, self.base.basis),
            },
            Month::Lunar(m, leap) => {
                let (y, basis) = self.lunar_year(p, m);
                let (start, length) = self.calendar.lunar_month(y, m, leap)?;
                return Some((start, days_after(start, i32::from(length))?, true, m, basis));
            }
        };
        let start = month_start(year, month)?;
        let end = month_start(year, month + 1)?;
        Some((start, end, named, start.month(), basis))
    }

    /// Years, halves, quarters, months, weeks and their parts.
    fn coarse(&self, p: &Point<'_>) -> Option<Stretch> {
        if p.month.is_some() {
            let (start, end, named, month, basis) = self.month(p)?;
            let timex = if named {
                format!("{}-{:02}", year_text(start.year()), start.month())
            } else {
                format!("XXXX-{month:02}")
            };
            if let Some(edge) = p.edge {
                return self.month_edge(start, end, edge, timex, basis);
            }
            if let Some(Week::Nth(n)) = p.week {
                let first = days_after(start, i32::from((7 - start.weekday().to_monday_zero_offset()) % 7))?;
                let monday = if start.weekday().to_monday_zero_offset() == 0 { start } else { first };
                let from = days_after(monday, 7 * (i32::from(n) - 1))?;
                return self.week_from(from, basis);
            }
            let lunar = matches!(p.month, Some(Month::Lunar(..)));
            return self.made(start, end, "month", if lunar { day_text(start) } else { timex }, basis);
        }
        if let Some(sub) = p.sub {
            let s = self.sub(p, sub)?;
            return match p.edge {
                None => Some(s),
                Some(edge) => {
                    // 季度末 is its last month.
                    let (start, end) = (s.start.date(), s.end.date());
                    let last = month_start(end.year(), i32::from(end.month()) - 1)?;
                    let next = month_start(start.year(), i32::from(start.month()) + 1)?;
                    let (from, to) = if edge == Edge::Early { (start, next) } else { (last, end) };
                    self.made(from, to, "month", day_text(from).chars().take(7).collect(), s.basis)
                }
            };
        }
        if let Some(week) = p.week {
            let (from, basis) = match week {
                Week::Chain(_) => self.chain.day.map_or((self.base.date, self.base.basis), |d| (d, "previous")),
                _ => (self.base.date, self.base.basis),
            };
            if let Week::Nth(n) = week {
                let (y, basis) = self.year_or(p, 0);
                let first = jiff::civil::ISOWeekDate::new(y, n, Weekday::Monday).ok()?.date();
                return self.week_from(first, basis);
            }
            return self.week_from(monday(days_after(from, 7 * week.shift())?)?, basis);
        }
        if p.year.is_none() && matches!(p.edge, Some(Edge::Ten(_) | Edge::HalfMonth(_))) {
            let base = self.chain.month.filter(|_| self.chain.near);
            let (y, m) = base.unwrap_or((self.base.date.year(), self.base.date.month()));
            let (start, end) = (month_start(y, i32::from(m))?, month_start(y, i32::from(m) + 1)?);
            let basis = if base.is_some() { "previous" } else { self.base.basis };
            return self.month_edge(start, end, p.edge?, String::new(), basis);
        }
        if p.year.is_none() && p.edge.is_none() {
            // A part of the day or a time alone is that of the day spoken of.
            let date = self.chain.day.unwrap_or(self.base.date);
            let basis = if self.chain.day.is_some() { "previous" } else { self.base.basis };
            return self.made(date, days_after(date, 1)?, "day", String::new(), basis).map(|mut s| {
                if p.clock.is_none() {
                    s.timex = day_text(date);
                }
                s
            });
        }
        self.whole_year(p)
    }

    fn week_from(&self, monday: Date, basis: &'static str) -> Option<Stretch> {
        let iso = monday.iso_week_date();
        self.made(monday, days_after(monday, 7)?, "week", format!("{:04}-W{:02}", iso.year(), iso.week()), basis)
    }

    fn month_edge(&self, start: Date, end: Date, edge: Edge, timex: String, basis: &'static str) -> Option<Stretch> {
        let d = |n: i32| days_after(start, n - 1);
        let (from, to, precision) = match edge {
            Edge::Early => (start, d(11)?, "ten_days"),
            Edge::Ten(1) => (start, d(11)?, "ten_days"),
            Edge::Mid => (d(11)?, d(21)?, "ten_days"),
            Edge::Ten(2) => (d(11)?, d(21)?, "ten_days"),
            Edge::Late | Edge::Ten(_) => (d(21)?, end, "ten_days"),
            Edge::HalfMonth(1) => (start, d(16)?, "half_month"),
            Edge::HalfMonth(_) => (d(16)?, end, "half_month"),
        };
        let _ = timex;
        self.made(from, to, precision, format!("{}/{}", day_text(from), day_text(days_after(to, -1)?)), basis)
    }

    fn whole_year(&self, p: &Point<'_>) -> Option<Stretch> {
        let (y, basis) = if p.edge.is_some() && p.year.is_none() {
            (self.edge_year(p.edge?), self.base.basis)
        } else {
            self.year_or(p, 0)
        };
        if p.lunar && y > 0 && p.edge.is_none() {
            let (start, _) = self.calendar.lunar_month(y, 1, false)?;
            let (end, _) = self.calendar.lunar_month(y + 1, 1, false)?;
            return self.made(start, end, "year", year_text(y), basis);
        }
        let m = |month: i32| month_start(y, month);
        match p.edge {
            None => self.made(m(1)?, m(13)?, "year", year_text(y), basis),
            Some(Edge::Early) => self.made(m(1)?, m(2)?, "month", format!("{}-01", year_text(y)), basis),
            Some(Edge::Mid) => self.made(m(6)?, m(7)?, "month", format!("{}-06", year_text(y)), basis),
            Some(_) => self.made(m(12)?, m(13)?, "month", format!("{}-12", year_text(y)), basis),
        }
    }

    /// 年底 in January looks back unless the text looks ahead.
    fn edge_year(&self, edge: Edge) -> i16 {
        let y = self.base.date.year();
        match edge {
            Edge::Late if !self.future && self.base.date.month() == 1 => y - 1,
            _ => y,
        }
    }

    fn sub(&self, p: &Point<'_>, sub: Sub) -> Option<Stretch> {
        let (y, basis) = self.year_or(p, 0);
        let text = year_text(y);
        let m = |month: i32| month_start(y, month);
        match sub {
            Sub::Whole => self.made(m(1)?, m(13)?, "year", text, basis),
            Sub::Half(n) => {
                let from = if n == 1 { 1 } else { 7 };
                self.made(m(from)?, m(from + 6)?, "half", format!("{text}-H{n}"), basis)
            }
            Sub::Quarter(n) => {
                let from = 3 * i32::from(n) - 2;
                self.made(m(from)?, m(from + 3)?, "quarter", format!("{text}-Q{n}"), basis)
            }
            Sub::QuarterRel(n) => {
                let here = (i32::from(self.base.date.month()) - 1) / 3;
                let start = month_start(self.base.date.year(), 3 * (here + n) + 1)?;
                let end = month_start(start.year(), i32::from(start.month()) + 3)?;
                let timex = format!("{}-Q{}", year_text(start.year()), (start.month() + 2) / 3);
                self.made(start, end, "quarter", timex, self.base.basis)
            }
            Sub::FirstQuarters(n) => {
                self.made(m(1)?, m(3 * i32::from(n) + 1)?, "quarter", format!("{text}-Q1/{text}-Q{n}"), basis)
            }
            Sub::FirstMonths(n) => {
                self.made(m(1)?, m(i32::from(n) + 1)?, "month", format!("{text}-01/{text}-{n:02}"), basis)
            }
            Sub::LastMonths(n) => {
                let from = 13 - i32::from(n);
                self.made(m(from)?, m(13)?, "month", format!("{text}-{from:02}/{text}-12"), basis)
            }
            Sub::NthMonth(n) => self.made(m(n.into())?, m(i32::from(n) + 1)?, "month", format!("{text}-{n:02}"), basis),
            Sub::Season(n) => {
                let y = if n == 4 && matches!(p.year, Some(Year::Rel(0))) { self.winter_year() } else { y };
                let from = 3 * i32::from(n);
                let code = ["SP", "SU", "FA", "WI"].get(usize::try_from(n - 1).ok()?)?;
                self.made(
                    month_start(y, from)?,
                    month_start(y, from + 3)?,
                    "season",
                    format!("{}-{code}", year_text(y)),
                    basis,
                )
            }
        }
    }

    /// Centuries and decades.
    fn long(&self, p: &Point<'_>) -> Option<Stretch> {
        let year = |y: i32| Date::new(i16::try_from(y).ok()?, 1, 1).ok();
        let century = p.century.map(|c| if c > 0 { (i32::from(c) - 1) * 100 } else { i32::from(c) * 100 + 1 });
        if let Some(decade) = p.decade {
            let start = match (decade, century) {
                (d, _) if d >= 1000 => i32::from(d),
                (d, Some(c)) => c + i32::from(d),
                (d, None) => {
                    let base = i32::from(self.base.date.year());
                    let y = base / 100 * 100 + i32::from(d);
                    if y > base + 5 { y - 100 } else { y }
                }
            };
            let (from, to) = match p.edge {
                None => (0, 10),
                Some(Edge::Early) => (0, 3),
                Some(Edge::Mid) => (4, 7),
                Some(_) => (7, 10),
            };
            return self.made(year(start + from)?, year(start + to)?, "decade", format!("{}", start / 10), "text");
        }
        let start = century?;
        let (from, to) = match p.edge {
            None => (0, 100),
            Some(Edge::Early) => (0, 20),
            Some(Edge::Mid) => (40, 60),
            Some(_) => (80, 100),
        };
        self.made(year(start + from)?, year(start + to)?, "century", format!("{:02}", start.div_euclid(100)), "text")
    }

    /// The stretch of a length before or after the anchor.
    fn window(&self, length: &Length, side: i32) -> Option<Resolved> {
        let base = self.now(length);
        let far = self.shifted(length, side, |p| p.1)?;
        let (start, end) = if side < 0 { (far, base) } else { (base, far) };
        let fine = length.unit() < Unit::Day;
        if fine && self.base.clock.is_none() {
            return Some(Resolved {
                timex: lengths::timex(length),
                precision: lengths::precision(length),
                ..Resolved::bare("text")
            });
        }
        let precision = lengths::precision(length);
        let shown = if fine { "minute" } else { "day" };
        let mut r = self.period(start.date(), end.date(), precision, lengths::timex(length), self.base.basis);
        (r.date, r.end_date) = (written(start, shown), written(end, shown));
        Some(r)
    }

    fn now(&self, length: &Length) -> DateTime {
        let clock = if length.unit() < Unit::Day { self.base.clock } else { None };
        self.base.date.to_datetime(clock.unwrap_or(Time::midnight()))
    }

    fn shifted(&self, length: &Length, side: i32, value: impl Fn(&(f64, f64, Unit)) -> f64) -> Option<DateTime> {
        let mut at = self.now(length);
        for part in &length.parts {
            let n = value(part) * f64::from(side);
            if n.abs() > 1e7 {
                return None;
            }
            let whole = n.trunc() as i64;
            let half = n.fract() != 0.0;
            let sign = i64::from(side);
            let span = jiff::Span::new();
            let by = match part.2 {
                Unit::Century => span.try_years(whole * 100),
                Unit::Year => span.try_years(whole).and_then(|s| s.try_months(if half { 6 * sign } else { 0 })),
                Unit::Quarter => span.try_months(whole * 3),
                Unit::Month => span.try_months(whole).and_then(|s| s.try_days(if half { 15 * sign } else { 0 })),
                Unit::Week => span.try_weeks(whole),
                Unit::Day => span.try_days(whole).and_then(|s| s.try_hours(if half { 12 * sign } else { 0 })),
                Unit::Workday => span.try_days(workdays(at.date(), whole)?),
                Unit::Hour => span.try_hours(whole).and_then(|s| s.try_minutes(if half { 30 * sign } else { 0 })),
                Unit::Minute => span.try_minutes(whole).and_then(|s| s.try_seconds(if half { 30 * sign } else { 0 })),
                Unit::Second => span.try_seconds(whole),
            };
            at = at.checked_add(by.ok()?).ok()?;
        }
        Some(at)
    }

    /// The point that lies so far before or after.
    fn offset(&self, length: &Length, side: i32) -> Option<Resolved> {
        let fine = length.unit() < Unit::Day;
        if fine && self.base.clock.is_none() {
            return Some(Resolved {
                timex: lengths::timex(length),
                precision: lengths::precision(length),
                ..Resolved::bare("text")
            });
        }
        // 三天后 in a story counts from the day it spoke of.
        let mut from = *self;
        let mut basis = self.base.basis;
        if side > 0
            && self.chain.near
            && let Some(day) = self.chain.day
            && !fine
            && day < self.base.date
        {
            from.base.date = day;
            basis = "previous";
        }
        let at = from.shifted(length, side, |p| p.0)?;
        let other = from.shifted(length, side, |p| p.1)?;
        let (first, last) = if at <= other { (at, other) } else { (other, at) };
        let whole = length.parts.len() == 1 && length.parts[0].0.fract() == 0.0;
        let unit = length.unit();
        let (start, end, precision) = match unit {
            Unit::Century | Unit::Year if whole => {
                (Date::new(first.year(), 1, 1).ok()?, Date::new(last.year() + 1, 1, 1).ok()?, "year")
            }
            Unit::Century | Unit::Year | Unit::Quarter | Unit::Month => (
                month_start(first.year(), first.month().into())?,
                month_start(last.year(), i32::from(last.month()) + 1)?,
                "month",
            ),
            Unit::Week => (monday(first.date())?, days_after(monday(last.date())?, 7)?, "week"),
            Unit::Day | Unit::Workday => (first.date(), days_after(last.date(), 1)?, "day"),
            Unit::Hour | Unit::Minute | Unit::Second => {
                let precision = if unit == Unit::Second { "second" } else { "minute" };
                let end = last.checked_add(jiff::Span::new().minutes(1)).ok()?;
                return Some(Resolved {
                    date: written(first, precision),
                    end_date: written(end, precision),
                    timex: written(first, precision),
                    precision,
                    ..Resolved::bare(basis)
                });
            }
        };
        let timex = match precision {
            "year" => year_text(start.year()),
            "month" => day_text(start).chars().take(7).collect(),
            _ => day_text(start),
        };
        let mut r = self.period(start, end, precision, timex, basis);
        if precision == "day" {
            r.leaves.day = Some(start);
            r.leaves.month = Some((start.year(), start.month()));
        }
        Some(r)
    }

    /// The period before, some years earlier.
    fn same_period(&self, years: i16) -> Option<Resolved> {
        let by = jiff::Span::new().try_years(years).ok()?;
        let (start, end, basis) = match self.chain.period {
            Some((a, b)) => (a, b, "previous"),
            None => (Date::new(self.base.date.year(), 1, 1).ok()?, self.base.date, self.base.basis),
        };
        let (start, end) = (start.checked_add(by).ok()?, end.checked_add(by).ok()?);
        let mut r =
            self.period(start, end, "day", format!("{}/{}", day_text(start), day_text(days_after(end, -1)?)), basis);
        r.leaves.period = None;
        Some(r)
    }
}

/// Calendar days of so many working days.
fn workdays(from: Date, n: i64) -> Option<i64> {
    let n = n.clamp(-10_000, 10_000);
    let mut left = n.abs();
    let (mut days, step) = (0_i64, n.signum());
    while left > 0 {
        days += step;
        let day = days_after(from, i32::try_from(days).ok()?)?;
        if day.weekday().to_monday_one_offset() <= 5 {
            left -= 1;
        }
    }
    Some(days)
}

/// The coarser of two precisions, for ranges such as 2008.03-2009.
fn coarser(a: &'static str, b: &'static str) -> &'static str {
    const ORDER: &[&str] =
        &["day", "week", "ten_days", "half_month", "month", "quarter", "half", "season", "year", "decade", "century"];
    let rank = |p: &str| ORDER.iter().position(|o| *o == p).unwrap_or(0);
    if rank(a) <= rank(b) { a } else { b }
}

impl Resolved {
    fn bare(basis: &'static str) -> Resolved {
        Resolved {
            date: String::new(),
            end_date: String::new(),
            timex: String::new(),
            precision: "",
            basis,
            leaves: Leaves::default(),
        }
    }
}
