//! English dates: `Sept. 5, 2024`, `last Friday`, `the third quarter`, `8:30 pm on Wednesday`, `by 2030`.

use crate::enrich::dates::expr::{Clock, Day, Edge, Expr, Length, Month, Open, Part, Point, Sub, Unit, Week, Year};
use crate::enrich::dates::lengths;
use crate::enrich::dates::read::Reader;
use crate::enrich::dates::years::four_digits;
use crate::enrich::glyphs::{at, is_han};
use crate::enrich::numerals::words;

/// A word in lower case with its place.
#[derive(Clone, Debug)]
struct Token {
    start: usize,
    end: usize,
    word: String,
}

/// Most words that an expression can have.
const WORDS_MAX: usize = 12;

/// Words that may open an expression, besides months, weekdays, numbers and festivals.
const OPENERS: &[&str] = &[
    "today",
    "tomorrow",
    "yesterday",
    "tonight",
    "last",
    "this",
    "next",
    "the",
    "since",
    "before",
    "by",
    "until",
    "after",
    "every",
    "each",
    "early",
    "late",
    "mid",
    "end",
    "noon",
    "midnight",
    "in",
    "half",
    "a",
    "an",
    "past",
    "following",
    "previous",
    "coming",
    "first",
    "second",
    "third",
    "fourth",
    "spring",
    "summer",
    "autumn",
    "fall",
    "winter",
    "q1",
    "q2",
    "q3",
    "q4",
    "of",
    "from",
    "during",
    "through",
    "between",
    "to",
    "year",
    "on",
    "at",
    "within",
    "over",
    "and",
];

/// The expression at a place that begins with a letter or digit.
pub fn expression<'a>(reader: &Reader<'a>, place: usize) -> Option<(usize, Expr<'a>)> {
    let text = reader.text;
    if place > 0
        && (at(text, place - 1).is_ascii_alphanumeric()
            || is_han(at(text, place - 1))
            || matches!(at(text, place - 1), '.' | '$' | '-' | '\'' | '/' | ',') && at(text, place).is_ascii_digit())
    {
        return None;
    }
    let first = token(text, place)?;
    let digits = first.word.starts_with(|c: char| c.is_ascii_digit());
    let known = digits
        || OPENERS.contains(&first.word.as_str())
        || month(&first.word).is_some()
        || weekday(&first.word).is_some()
        || words::is_word(&first.word)
        || reader.calendar.festivals.at(text, place).is_some();
    if !known || (is_han(at(text, first.end)) && !digits) {
        return None;
    }
    let t = tokens(text, place);
    let english = English { reader, t: &t };
    english.whole().filter(|(end, _)| !is_han(at(text, *end)) && !at(text, *end).is_ascii_alphanumeric())
}

fn token(text: &[char], place: usize) -> Option<Token> {
    let c = at(text, place);
    if !c.is_ascii_alphanumeric() {
        return None;
    }
    let mut end = place;
    let digits = c.is_ascii_digit();
    while end - place < 24
        && (at(text, end).is_ascii_alphanumeric() || (at(text, end) == '\'' && at(text, end + 1).is_ascii_alphabetic()))
    {
        if digits
            && at(text, end).is_ascii_alphabetic()
            && !matches!(at(text, end), 't' | 'h' | 's' | 'n' | 'd' | 'r' | 'a' | 'p' | 'm')
        {
            break;
        }
        end += 1;
    }
    let word = text.get(place..end)?.iter().map(char::to_ascii_lowercase).collect();
    Some(Token { start: place, end, word })
}

/// The words from a place on, in one clause; the stop of an abbreviation is passed over.
fn tokens(text: &[char], place: usize) -> Vec<Token> {
    let mut list: Vec<Token> = Vec::new();
    let mut at_place = place;
    while list.len() < WORDS_MAX {
        let Some(mut next) = token(text, at_place) else { break };
        // a.m., p.m.
        if matches!(next.word.as_str(), "a" | "p") && at(text, next.end) == '.' && at(text, next.end + 1) == 'm' {
            next.word.push('m');
            next.end += 2 + usize::from(at(text, next.end + 2) == '.');
        }
        at_place = next.end;
        let short = month(&next.word).is_some() && next.word.len() <= 4;
        list.push(next);
        if at(text, at_place) == '.' && short {
            at_place += 1;
        }
        if at(text, at_place) == ',' && at(text, at_place + 1) == ' ' {
            list.push(Token { start: at_place, end: at_place + 1, word: ",".into() });
            at_place += 1;
        }
        match at(text, at_place) {
            ' ' | '\n' if at(text, at_place) == ' ' => at_place += 1,
            '-' | '—' => {
                list.push(Token { start: at_place, end: at_place + 1, word: "-".into() });
                at_place += 1;
            }
            ':' => {
                list.push(Token { start: at_place, end: at_place + 1, word: ":".into() });
                at_place += 1;
            }
            _ => break,
        }
    }
    list
}

fn month(word: &str) -> Option<i8> {
    const MONTHS: &[&str] = &[
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let n = MONTHS.iter().position(|m| {
        *m == word || (word.len() == 3 && m.starts_with(word)) || (word == "sept" && *m == "september")
    })?;
    i8::try_from(n + 1).ok()
}

fn weekday(word: &str) -> Option<i8> {
    const DAYS: &[&str] = &["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    const SHORT: &[&str] = &["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let n = DAYS
        .iter()
        .position(|d| *d == word)
        .or_else(|| SHORT.iter().position(|d| *d == word && word != "sun" && word != "sat"))?;
    i8::try_from(n + 1).ok()
}

fn part(word: &str) -> Option<Part> {
    Some(match word {
        "morning" => Part::Morning,
        "afternoon" => Part::Afternoon,
        "evening" => Part::Evening,
        "night" => Part::Night,
        _ => return None,
    })
}

fn season(word: &str) -> Option<i8> {
    ["spring", "summer", "autumn", "winter"]
        .iter()
        .position(|s| *s == word)
        .or((word == "fall").then_some(2))
        .and_then(|n| i8::try_from(n + 1).ok())
}

fn unit(word: &str) -> Option<Unit> {
    Some(match word.strip_suffix('s').unwrap_or(word) {
        "second" => Unit::Second,
        "minute" | "min" => Unit::Minute,
        "hour" | "hr" => Unit::Hour,
        "day" => Unit::Day,
        "week" => Unit::Week,
        "month" => Unit::Month,
        "quarter" => Unit::Quarter,
        "year" => Unit::Year,
        "century" | "centurie" => Unit::Century,
        _ => return None,
    })
}

fn ordinal(word: &str) -> Option<i8> {
    words::ordinal(word).and_then(|n| i8::try_from(n as i64).ok())
}

struct English<'r, 'a> {
    reader: &'r Reader<'a>,
    t: &'r [Token],
}

impl<'a> English<'_, 'a> {
    fn word(&self, k: usize) -> &str {
        self.t.get(k).map_or("", |t| t.word.as_str())
    }

    fn end(&self, k: usize) -> usize {
        self.t.get(k.wrapping_sub(1)).map_or(0, |t| t.end)
    }

    fn whole(&self) -> Option<(usize, Expr<'a>)> {
        let open = match self.word(0) {
            "before" => Some(Open::Before),
            "since" => Some(Open::Since),
            "after" => Some(Open::After),
            _ => None,
        };
        if let Some(open) = open {
            let from = 1 + usize::from(self.word(1) == "the" && self.word(2) == "end");
            let (k, p) = self.point(from).filter(|(_, p)| p.clock.is_none() || open == Open::Before)?;
            if open == Open::After && p.rank() >= 5 && p.top() >= 5 {
                return None;
            }
            return Some((self.end(k), Expr::Point(p, open)));
        }
        match self.word(0) {
            "every" | "each" => return self.set(),
            "by" | "until" | "on" | "at" | "of" | "from" | "during" | "through" | "to" | "and" | "in" | "over"
            | "between" => {
                return None;
            }
            _ => {}
        }
        if let Some(found) = self.length() {
            return Some(found);
        }
        let (k, first) = self.point(0)?;
        let between = self.before(0, "between");
        let joined = matches!(self.word(k), "to" | "through" | "until" | "-") || (between && self.word(k) == "and");
        if joined && let Some((last, mut second)) = self.range_end(k + 1, &first) {
            if second.year.is_none() {
                second.year = first.year;
            }
            let mut first = first;
            if first.year.is_none() && second.month.is_some() && first.month.is_some() {
                first.year = second.year;
            }
            return Some((self.end(last), Expr::Range(first, second)));
        }
        Some((self.end(k), Expr::Point(first, Open::No)))
    }

    /// Whether a word stands before the first token.
    fn before(&self, k: usize, word: &str) -> bool {
        let Some(start) = self.t.get(k).map(|t| t.start) else { return false };
        let mut chars = word.chars().rev();
        let text = self.reader.text;
        let Some(mut place) = start.checked_sub(1).filter(|p| at(text, *p) == ' ') else { return false };
        chars.all(|c| {
            place = place.wrapping_sub(1);
            at(text, place).to_ascii_lowercase() == c
        })
    }

    /// Whether `3 to` stands before the first token.
    fn number_before(&self) -> bool {
        let start = self.t.first().map_or(0, |t| t.start);
        start >= 5 && at(self.reader.text, start - 5).is_ascii_digit()
    }

    /// The other end of a range: a point, or the day of `Sept. 3-4`.
    fn range_end(&self, k: usize, first: &Point<'a>) -> Option<(usize, Point<'a>)> {
        if let Some((last, p)) = self.point(k).filter(|(_, p)| p.top() <= first.rank() || p.rank() == first.rank()) {
            return Some((last, p));
        }
        let n: i8 = self.word(k).parse().ok().filter(|n| (1..=31).contains(n))?;
        matches!(first.day, Some(Day::Abs(_))).then_some(())?;
        let mut p = Point { month: first.month, day: Some(Day::Abs(n)), year: first.year, ..Point::default() };
        let mut last = k + 1;
        if let Some((e, y)) = self.year_behind(last) {
            (p.year, last) = (Some(Year::Abs(y)), e);
        }
        Some((last, p))
    }

    /// A point in time, with the day, year or time that follows it.
    fn point(&self, k: usize) -> Option<(usize, Point<'a>)> {
        self.clock(k)
            .or_else(|| self.festival(k))
            .or_else(|| self.month_first(k))
            .or_else(|| self.day_first(k))
            .or_else(|| self.named_day(k))
            .or_else(|| self.relative(k))
            .or_else(|| self.part_of_year(k))
            .or_else(|| self.year_alone(k))
    }

    /// `, 2024`, `2024`, `of 2024`, `in 2024` behind a month or festival.
    fn year_behind(&self, k: usize) -> Option<(usize, i16)> {
        let from = k + usize::from(matches!(self.word(k), "," | "of" | "in"));
        let token = self.t.get(from)?;
        let (year, end) = four_digits(self.reader.text, token.start)?;
        (end == token.end && (1500..2200).contains(&year)).then_some((from + 1, year))
    }

    /// `Sept. 5, 2024`, `May 2013`, `August`.
    fn month_first(&self, k: usize) -> Option<(usize, Point<'a>)> {
        let n = month(self.word(k))?;
        let token = self.t.get(k)?;
        let capital = at(self.reader.text, token.start).is_ascii_uppercase();
        if !capital {
            return None;
        }
        let mut p = Point { month: Some(Month::Abs(n)), ..Point::default() };
        let mut last = k + 1;
        let day = self.word(last).trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let suffix = self.word(last).len() - day.len();
        if let Some(day) = day.parse::<i8>().ok().filter(|d| (1..=31).contains(d) && suffix != 1) {
            p.day = Some(Day::Abs(day));
            last += 1;
        }
        if let Some((e, year)) = self.year_behind(last) {
            (p.year, last) = (Some(Year::Abs(year)), e);
        } else if p.day.is_none() && matches!(n, 3 | 5) {
            // May and March alone are words.
            let text = self.reader.text;
            let cued = ["in", "since", "last", "until", "by", "early", "late", "of", "from", "and", "to"]
                .iter()
                .any(|w| self.before(k, w))
                || k > 0;
            if !cued || token.end - token.start < 3 || text.is_empty() {
                return None;
            }
        }
        Some((self.time_behind(last, &mut p), p))
    }

    /// `5 September 2024`, `the 5th of May`.
    fn day_first(&self, k: usize) -> Option<(usize, Point<'a>)> {
        let from = k + usize::from(self.word(k) == "the");
        let digits = self.word(from).trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let day: i8 = digits.parse().ok().filter(|d| (1..=31).contains(d))?;
        let next = from + 1 + usize::from(self.word(from + 1) == "of");
        let n = month(self.word(next))?;
        let mut p = Point { month: Some(Month::Abs(n)), day: Some(Day::Abs(day)), ..Point::default() };
        let mut last = next + 1;
        if let Some((e, year)) = self.year_behind(last) {
            (p.year, last) = (Some(Year::Abs(year)), e);
        }
        Some((self.time_behind(last, &mut p), p))
    }

    /// A time of day behind a day: `Sunday night`, `May 5 at 9 am`.
    fn time_behind(&self, k: usize, p: &mut Point<'a>) -> usize {
        if p.day.is_none() {
            return k;
        }
        if let Some(q) = part(self.word(k)) {
            p.part = Some(q);
            return k + 1;
        }
        let from = k + usize::from(matches!(self.word(k), "at" | ","));
        if let Some((e, clock, part)) = self.time(from) {
            (p.clock, p.part) = (Some(clock), part);
            return e;
        }
        k
    }

    /// `3:40 am`, `9 a.m.`, `noon`: the clock alone.
    fn time(&self, k: usize) -> Option<(usize, Clock, Option<Part>)> {
        match self.word(k) {
            "noon" => return Some((k + 1, Clock { hour: 12, minute: None, second: None }, None)),
            "midnight" => return Some((k + 1, Clock { hour: 24, minute: None, second: None }, None)),
            _ => {}
        }
        let (digits, glued) = match self
            .word(k)
            .strip_suffix("am")
            .map(|d| (d, "am"))
            .or_else(|| self.word(k).strip_suffix("pm").map(|d| (d, "pm")))
        {
            Some((d, m)) => (d, Some(m)),
            None => (self.word(k), None),
        };
        let hour: i8 = digits.parse().ok().filter(|h| (0..=24).contains(h))?;
        let mut last = k + 1;
        let mut minute = None;
        let mut half = glued.map(str::to_owned);
        if half.is_none()
            && self.word(last) == ":"
            && self.t.get(last).is_some_and(|t| t.end == self.t.get(last + 1).map_or(0, |n| n.start))
        {
            let word = self.word(last + 1);
            let plain = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            minute = plain.parse::<i8>().ok().filter(|m| plain.len() == 2 && *m < 60);
            minute?;
            half = (word.len() > 2).then(|| word.trim_start_matches(|c: char| c.is_ascii_digit()).to_owned());
            last += 2;
        }
        if half.is_none() && matches!(self.word(last), "am" | "pm") {
            half = Some(self.word(last).to_owned());
            last += 1;
        }
        let hour = match half.as_deref() {
            Some("pm") if hour < 12 => hour + 12,
            Some("am") if hour == 12 => 0,
            Some("am" | "pm") => hour,
            Some(_) => return None,
            None => return None,
        };
        Some((last, Clock { hour, minute, second: None }, None))
    }

    fn clock(&self, k: usize) -> Option<(usize, Point<'a>)> {
        let (mut last, clock, part) = self.time(k)?;
        let mut p = Point { clock: Some(clock), part, ..Point::default() };
        let from = last + usize::from(matches!(self.word(last), "on" | ","));
        if let Some((e, day)) = self.month_first(from).or_else(|| self.day_first(from)).or_else(|| self.named_day(from))
            && day.rank() >= 5
            && day.clock.is_none()
        {
            last = e;
            p = Point { clock: p.clock, part: None, ..day };
        }
        Some((last, p))
    }

    fn festival(&self, k: usize) -> Option<(usize, Point<'a>)> {
        let from = k + usize::from(self.word(k) == "the");
        let token = self.t.get(from)?;
        let (end, festival) = self.reader.calendar.festivals.at(self.reader.text, token.start)?;
        if at(self.reader.text, end).is_ascii_alphanumeric() || !at(self.reader.text, token.start).is_ascii_alphabetic()
        {
            return None;
        }
        // Names may hold hyphens and apostrophes; count up to the token that ends with the name.
        let mut last = from;
        while self.t.get(last).is_some_and(|t| t.start < end) {
            last += 1;
        }
        if self.end(last) != end {
            return None;
        }
        let mut p = Point { festival: Some(festival), ..Point::default() };
        if let Some((e, year)) = self.year_behind(last) {
            (p.year, last) = (Some(Year::Abs(year)), e);
        }
        Some((last, p))
    }

    /// Weekdays and the like: `Friday`, `next Monday`, `early on Tuesday`, `tomorrow night`.
    fn named_day(&self, k: usize) -> Option<(usize, Point<'a>)> {
        let mut from = k;
        let mut week = None;
        if matches!(self.word(from), "early" | "late") {
            from += 1 + usize::from(self.word(from + 1) == "on");
        }
        match self.word(from) {
            "last" => week = Some(Week::Rel(-1)),
            "this" => week = Some(Week::Rel(0)),
            "next" => week = Some(Week::Rel(1)),
            _ => {}
        }
        let day = from + usize::from(week.is_some());
        let mut p = Point::default();
        let mut last;
        if let Some(n) = weekday(self.word(day)) {
            let token = self.t.get(day)?;
            if !at(self.reader.text, token.start).is_ascii_uppercase() {
                return None;
            }
            // English weeks begin with Sunday.
            (p.week, p.day) = (week, Some(Day::Weekday(if n == 7 && week.is_none() { 0 } else { n })));
            last = day + 1;
            // Friday, Sept. 6
            let comma = last + usize::from(self.word(last) == ",");
            if week.is_none()
                && let Some((e, date)) = self.month_first(comma).filter(|(_, d)| d.day.is_some())
            {
                return Some((e, date));
            }
        } else {
            let n = match self.word(from) {
                "today" => 0,
                "tonight" => 0,
                "tomorrow" => 1,
                "yesterday" => -1,
                "last" if self.word(from + 1) == "night" => -1,
                "this" if part(self.word(from + 1)).is_some() => 0,
                _ => return self.chained(from),
            };
            p.day = Some(Day::Rel(n));
            last = from + 1;
            if self.word(from) == "tonight" {
                p.part = Some(Part::Evening);
            }
        }
        last = self.time_behind(last, &mut p);
        Some((last, p))
    }

    /// `the same afternoon`, `the next morning`, `the following day`.
    fn chained(&self, k: usize) -> Option<(usize, Point<'a>)> {
        if self.word(k) != "the" {
            return None;
        }
        let n = match self.word(k + 1) {
            "same" => 0,
            "next" | "following" => 1,
            "previous" => -1,
            _ => return None,
        };
        let part = part(self.word(k + 2));
        if part.is_none() && self.word(k + 2) != "day" {
            return None;
        }
        Some((k + 3, Point { day: Some(Day::Chain(n)), part, ..Point::default() }))
    }

    /// `last week`, `next month`, `this year`, `last October`, `the following spring`.
    fn relative(&self, k: usize) -> Option<(usize, Point<'a>)> {
        let mut from = k;
        let mut edge = None;
        match self.word(from) {
            "early" => (edge, from) = (Some(Edge::Early), from + 1),
            "late" => (edge, from) = (Some(Edge::Late), from + 1),
            "mid" if self.word(from + 1) == "-" => (edge, from) = (Some(Edge::Mid), from + 2),
            "end" if self.word(from + 1) == "of" => {
                (edge, from) = (Some(Edge::Late), from + 2);
                if self.word(from) == "the" && matches!(self.word(from + 1), "year" | "month") {
                    let year = self.word(from + 1) == "year";
                    let p = Point {
                        year: year.then_some(Year::Rel(0)),
                        month: (!year).then_some(Month::Rel(0)),
                        edge,
                        ..Point::default()
                    };
                    return Some((from + 2, p));
                }
            }
            _ => {}
        }
        if edge.is_some() {
            if let Some((e, p)) = self.month_first(from).filter(|(_, p)| p.day.is_none()) {
                return Some((e, Point { edge, ..p }));
            }
            if let Some((e, year)) = self.year_behind(from) {
                return Some((e, Point { year: Some(Year::Abs(year)), edge, ..Point::default() }));
            }
        }
        let following = self.word(from) == "the" && self.word(from + 1) == "following";
        let shift = match self.word(from) {
            "last" => -1,
            "this" => 0,
            "next" => 1,
            "the" if following => 1,
            _ => return None,
        };
        let unit = from + 1 + usize::from(following);
        let mut p = Point { edge, ..Point::default() };
        if let Some(n) = month(self.word(unit)) {
            p.month = Some(Month::Abs(n));
            p.year = Some(Year::Last(shift));
            return Some((unit + 1, p));
        }
        match self.word(unit) {
            "week" => p.week = Some(if following { Week::Chain(1) } else { Week::Rel(shift.into()) }),
            "month" => p.month = Some(if following { Month::Chain(1) } else { Month::Rel(shift.into()) }),
            "year" => p.year = Some(if following { Year::Chain(1) } else { Year::Rel(shift) }),
            "quarter" => p.sub = Some(Sub::QuarterRel(shift.into())),
            "weekend" => (p.week, p.day) = (Some(Week::Rel(shift.into())), Some(Day::Weekday(8))),
            word => {
                p.sub = Some(Sub::Season(season(word)?));
                p.year = Some(if following { Year::Chain(1) } else { Year::Rel(shift) });
            }
        }
        Some((unit + 1, p))
    }

    /// `the third quarter of 2023`, `second half`, `the summer of 1998`, `Q3 2024`, `the 19th century`, `the 1980s`.
    fn part_of_year(&self, k: usize) -> Option<(usize, Point<'a>)> {
        let from = k + usize::from(self.word(k) == "the");
        let mut p = Point::default();
        let mut last;
        if let Some(n) =
            self.word(from).strip_prefix('q').and_then(|n| n.parse::<i8>().ok()).filter(|n| (1..=4).contains(n))
        {
            p.sub = Some(Sub::Quarter(n));
            last = from + 1;
        } else if let Some(decade) = self
            .word(from)
            .strip_suffix('s')
            .and_then(|d| d.parse::<i16>().ok())
            .filter(|d| (1000..2200).contains(d) && d % 10 == 0)
        {
            return Some((from + 1, Point { decade: Some(decade), ..p }));
        } else if let Some(n) = ordinal(self.word(from)) {
            match self.word(from + 1) {
                "quarter" if n <= 4 => p.sub = Some(Sub::Quarter(n)),
                "half" if n <= 2 && (k < from || self.word(from + 2) == "of") => p.sub = Some(Sub::Half(n)),
                "century" => return Some((from + 2, Point { century: Some(n.into()), ..p })),
                _ => return None,
            }
            last = from + 2;
            if matches!(p.sub, Some(Sub::Half(_))) && self.word(last) != "of" {
                return None;
            }
        } else {
            p.sub = Some(Sub::Season(season(self.word(from))?));
            last = from + 1;
            self.year_behind(last)?;
        }
        if let Some((e, year)) = self.year_behind(last) {
            (p.year, last) = (Some(Year::Abs(year)), e);
        } else if self.word(last) == "of"
            && let Some((e, year)) = self.relative(last + 1).and_then(|(e, q)| Some((e, q.year?)))
        {
            (p.year, last) = (Some(year), e);
        } else if matches!(p.sub, Some(Sub::Half(_))) {
            if self.word(last) == "of" && self.word(last + 1) == "the" && self.word(last + 2) == "year" {
                last += 3;
            } else {
                return None;
            }
        }
        Some((last, p))
    }

    /// A year alone, behind a word that needs one: `in 2019`, `by 2030`.
    fn year_alone(&self, k: usize) -> Option<(usize, Point<'a>)> {
        let token = self.t.get(k)?;
        let (year, end) = four_digits(self.reader.text, token.start).filter(|(y, _)| (1900..2100).contains(y))?;
        if end != token.end {
            return None;
        }
        let cued = k > 0
            || [
                "in", "since", "by", "of", "from", "until", "during", "to", "and", "before", "after", "year", "the",
                "through", "for", "fiscal", "between",
            ]
            .iter()
            .any(|w| self.before(k, w));
        let next = self.word(k + 1);
        let counted = words::is_word(next)
            || matches!(next, "people" | "yuan" | "percent" | "dollars" | "tonnes" | "tons" | "meters" | "km");
        (cued && !counted && !matches!(next, ":"))
            .then_some((k + 1, Point { year: Some(Year::Abs(year)), ..Point::default() }))
    }

    /// `47 days`, `two and a half years`, `three days ago`, `the past three years`, `half an hour`.
    fn length(&self) -> Option<(usize, Expr<'a>)> {
        let side = match (self.word(0), self.word(1)) {
            ("the", "past" | "last") | ("past" | "last", _) => -1,
            ("the", "next" | "coming") | ("next", _) => 1,
            _ => 0,
        };
        let from = match self.word(0) {
            "the" if side != 0 => 2,
            "past" | "last" | "next" if side != 0 => 1,
            _ => 0,
        };
        if side != 0
            && let Some(unit) = unit(self.word(from)).filter(|_| self.word(0) == "the" && self.word(1) != "next")
        {
            // the past year, the last decade
            let length = Length { parts: vec![(1.0, 1.0, unit)] };
            return Some((self.end(from + 1), Expr::Window(length, side)));
        }
        if matches!(self.word(from), "a" | "an") {
            let unit = unit(self.word(from + 1))?;
            // once a year, 30 yuan a month
            let rate = unit >= Unit::Day && matches!(self.word(from + 2), "" | ",")
                || ["once", "twice", "times"].iter().any(|w| self.before(0, w));
            if matches!(self.word(from + 2), "ago" | "later") {
                let side = if self.word(from + 2) == "ago" { -1 } else { 1 };
                return Some((self.end(from + 3), Expr::Offset(Length { parts: vec![(1.0, 1.0, unit)] }, side)));
            }
            return rate
                .then(|| (self.end(from + 2), Expr::Set(lengths::timex(&Length { parts: vec![(1.0, 1.0, unit)] }))));
        }
        let start = self.t.get(from)?.start;
        // 3 to 14 years is no one length.
        if side == 0 && self.before(0, "to") && self.number_before() {
            return None;
        }
        if self.word(from) == "half" && matches!(self.word(from + 1), "a" | "an") {
            let unit = unit(self.word(from + 2))?;
            return Some((self.end(from + 3), Expr::Length(Length { parts: vec![(0.5, 0.5, unit)] })));
        }
        let (end, mut value) = words::number(self.reader.text, start)?;
        let mut k = from;
        while self.t.get(k).is_some_and(|t| t.start < end) {
            k += 1;
        }
        // 7th minute
        if self.end(k) != end {
            return None;
        }
        if self.word(k) == "and" && self.word(k + 1) == "a" && self.word(k + 2) == "half" {
            (value, k) = (value + 0.5, k + 3);
        }
        k += usize::from(self.word(k) == "-");
        let decade = matches!(self.word(k), "decade" | "decades");
        let unit = if decade { Unit::Year } else { unit(self.word(k))? };
        let value = if decade { value * 10.0 } else { value };
        // 4-year-old says how old somebody is.
        if self.word(k + 1) == "-" || self.word(k + 1) == "old" {
            return None;
        }
        let length = Length { parts: vec![(value, value, unit)] };
        let expr = match (side, self.word(k + 1)) {
            (0, "ago" | "earlier") => return Some((self.end(k + 2), Expr::Offset(length, -1))),
            (0, "later") => return Some((self.end(k + 2), Expr::Offset(length, 1))),
            (0, _) => Expr::Length(length),
            (side, _) => Expr::Window(length, side),
        };
        Some((self.end(k + 1), expr))
    }

    /// `every day`, `every Tuesday and Thursday`, `each year`, `every two hours`.
    fn set(&self) -> Option<(usize, Expr<'a>)> {
        if weekday(self.word(1)).is_some() {
            let mut k = 2;
            while matches!(self.word(k), "and" | ",") && weekday(self.word(k + 1)).is_some() {
                k += 2;
            }
            k += usize::from(part(self.word(k)).is_some());
            return Some((self.end(k), Expr::Set("P1W".into())));
        }
        if part(self.word(1)).is_some() {
            return Some((self.end(2), Expr::Set("P1D".into())));
        }
        let (k, value) = match self.t.get(1).and_then(|t| words::number(self.reader.text, t.start)) {
            Some((end, value)) => (self.t.iter().position(|t| t.start >= end)?, value),
            None => (1, 1.0),
        };
        let unit = unit(self.word(k))?;
        Some((self.end(k + 1), Expr::Set(lengths::timex(&Length { parts: vec![(value, value, unit)] }))))
    }
}
