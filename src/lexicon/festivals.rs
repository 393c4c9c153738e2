//! How the day of a festival is found in a given year.

use jiff::civil::{Date, Weekday};

use crate::lexicon::calendar::{Calendar, days_after};

/// The rule of a festival, as written in `holidays.tsv`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Month and day.
    Fixed(i8, i8),
    /// Lunar month and day; day 0 is the last of the month.
    Lunar(i8, i8),
    /// One of the 24 solar terms, and days after it.
    Term(usize, i32),
    /// In a month, the nth (or -1 = last) such weekday, 1 = Monday.
    Nth(i8, i8, i8),
    /// Days from Easter Sunday.
    Easter(i32),
    /// Days from Orthodox Easter Sunday.
    Orthodox(i32),
    /// Month and day of the tabular Islamic calendar.
    Islamic(i32, i32),
}

/// Reads a rule.
pub fn parse(text: &str, terms: &[(String, usize)]) -> Result<Rule, String> {
    let wrong = || format!("`{text}` is no rule for a festival");
    let number = |s: &str| s.parse::<i32>().map_err(|_| wrong());
    let small = |s: &str| s.parse::<i8>().map_err(|_| wrong());
    let pair = |s: &str| -> Result<(i8, i8), String> {
        let (month, day) = s.split_once('-').ok_or_else(wrong)?;
        Ok((small(month)?, if day == "last" { 0 } else { small(day)? }))
    };
    let words: Vec<&str> = text.split(' ').collect();
    match words.as_slice() {
        [fixed] => pair(fixed).map(|(m, d)| Rule::Fixed(m, d)),
        ["lunar", day] => pair(day).map(|(m, d)| Rule::Lunar(m, d)),
        ["term", name, rest @ ..] => {
            let term = terms.iter().find(|(n, _)| n == name).ok_or_else(wrong)?.1;
            Ok(Rule::Term(term, rest.first().map_or(Ok(0), |d| number(d))?))
        }
        ["nth", month, nth, weekday] => Ok(Rule::Nth(small(month)?, small(nth)?, small(weekday)?)),
        ["easter", days] => Ok(Rule::Easter(number(days)?)),
        ["orthodox", days] => Ok(Rule::Orthodox(number(days)?)),
        ["islamic", day] => pair(day).map(|(m, d)| Rule::Islamic(i32::from(m), i32::from(d))),
        _ => Err(wrong()),
    }
}

/// The first day of the festival in `year`.
pub fn resolve(rule: &Rule, year: i16, calendar: &Calendar) -> Option<Date> {
    match *rule {
        Rule::Fixed(month, day) => Date::new(year, month, day).ok(),
        // The last lunar month of the year before holds 腊八, 小年 and 除夕 of the western year's spring.
        Rule::Lunar(12, 0) => days_after(calendar.lunar(year, 1, 1, false)?, -1),
        Rule::Lunar(12, day) => calendar.lunar(year - 1, 12, day, false),
        Rule::Lunar(month, 0) => {
            let (start, length) = calendar.lunar_month(year, month, false)?;
            days_after(start, i32::from(length) - 1)
        }
        Rule::Lunar(month, day) => calendar.lunar(year, month, day, false),
        Rule::Term(term, days) => days_after(calendar.term(year, term)?, days),
        Rule::Nth(month, nth, weekday) => {
            let weekday = Weekday::from_monday_one_offset(weekday).ok()?;
            Date::new(year, month, 1).ok()?.nth_weekday_of_month(nth, weekday).ok()
        }
        Rule::Easter(days) => days_after(easter(year)?, days),
        Rule::Orthodox(days) => days_after(orthodox(year)?, days),
        Rule::Islamic(month, day) => islamic(year, month, day),
    }
}

/// Easter Sunday of the western churches.
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 19 * l) / 433;
    let month = (h + l - 7 * m + 90) / 25;
    let day = (h + l - 7 * m + 33 * month + 19) % 32;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Easter Sunday of the Orthodox churches, in the western calendar.
fn orthodox(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let d = (19 * (y % 19) + 15) % 30;
    let e = (2 * (y % 4) + 4 * (y % 7) - d + 34) % 7;
    let month = (d + e + 114) / 31;
    let day = (d + e + 114) % 31 + 1;
    let shift = y / 100 - y / 400 - 2;
    days_after(Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?, shift)
}

/// The first such day of the tabular Islamic calendar that falls into the western year.
fn islamic(year: i16, month: i32, day: i32) -> Option<Date> {
    let epoch = Date::new(622, 7, 19).ok()?;
    let guess = (i32::from(year) - 622) * 33 / 32;
    (guess - 1..=guess + 1).find_map(|y| {
        // 354 days, and a leap day in 11 of 30 years.
        let days = (y - 1) * 354 + (3 + 11 * y) / 30 + 29 * (month - 1) + month / 2 + day - 1;
        days_after(epoch, days).filter(|d| d.year() == year)
    })
}
