//! Calendars as tables: lunar years, solar terms, festivals, days off, reigns, and events whose year is known.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::lexicon::festivals::{self, Rule};
use crate::lexicon::lookup::Lookup;
use crate::lexicon::table::{Reader, Row, TableError};

/// All calendar tables.
#[derive(Debug)]
pub struct Calendar {
    lunar: BTreeMap<i16, LunarYear>,
    /// Days of the month of the 24 terms, 小寒 first.
    terms: BTreeMap<i16, [i8; 24]>,
    /// Names of the terms, and which of the 24 they are.
    pub term_names: Lookup<usize>,
    pub festivals: Lookup<Festival>,
    /// Days off by year and festival: from, to (exclusive).
    closures: BTreeMap<(i16, String), (Date, Date)>,
    pub eras: Lookup<Era>,
    pub events: Vec<DatedEvent>,
}

/// A lunar year: where it begins and how long its months are.
#[derive(Clone, Debug)]
struct LunarYear {
    new_year: Date,
    /// The month that is repeated, or 0.
    leap: i8,
    lengths: Vec<i8>,
}

/// A named day and how its date is found.
#[derive(Clone, Debug, PartialEq)]
pub struct Festival {
    /// The name it goes by in `closures.tsv` and the like.
    pub name: String,
    pub rule: Rule,
    pub days: i32,
    /// The name alone is a date; others need a year before or 节, 假期, 前 … behind.
    pub always: bool,
}

/// A reign or calendar with its own count of years.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Era {
    /// Western year of its first year.
    pub first: i16,
    /// How many it had, or 0.
    pub years: i16,
}

/// A meeting or event whose year everybody knows.
#[derive(Clone, Debug)]
pub struct DatedEvent {
    pub name: String,
    pub date: Date,
    /// 2: in the news in its own year; 1: a weaker hint; 0: history, no hint.
    pub weight: u8,
}

impl Calendar {
    /// Reads the built-in tables and the users'.
    ///
    /// # Errors
    /// A row with a wrong number, date or rule; the error names file and line.
    pub fn load(tables: &mut Reader<'_>) -> Result<Calendar, TableError> {
        let mut lunar = BTreeMap::new();
        for row in &tables.read("lunar.tsv", include_str!("../../config/lexicon/lunar.tsv"))?.rows {
            let lengths = row.cell(3).chars().map(|c| if c == '1' { 30 } else { 29 }).collect();
            lunar.insert(row.number(0)?, LunarYear { new_year: date(row, 1)?, leap: row.number(2)?, lengths });
        }
        let table = tables.read("solar_terms.tsv", include_str!("../../config/lexicon/solar_terms.tsv"))?;
        let names = table.columns.iter().skip(1).cloned().zip(0..).collect::<Vec<(String, usize)>>();
        let mut terms = BTreeMap::new();
        for row in &table.rows {
            let mut days = [0; 24];
            for (nth, day) in days.iter_mut().enumerate() {
                *day = row.number(nth + 1)?;
            }
            terms.insert(row.number(0)?, days);
        }
        let mut closures = BTreeMap::new();
        for row in &tables.read("closures.tsv", include_str!("../../config/lexicon/closures.tsv"))?.rows {
            closures.insert((row.number(0)?, row.cell(1).to_owned()), (date(row, 2)?, date(row, 3)?));
        }
        let mut festivals = Vec::new();
        for row in &tables.read("holidays.tsv", include_str!("../../config/lexicon/holidays.tsv"))?.rows {
            let rule = festivals::parse(row.cell(1), &names).map_err(|e| row.wrong(e))?;
            let (name, always) = (row.cell(0).to_owned(), row.cell(3) == "always");
            festivals.push((name.clone(), Festival { name, rule, days: row.number(2)?, always }));
        }
        let mut eras = Vec::new();
        for row in &tables.read("eras.tsv", include_str!("../../config/lexicon/eras.tsv"))?.rows {
            eras.push((row.cell(0).to_owned(), Era { first: row.number(1)?, years: row.number(2)? }));
        }
        let mut events = Vec::new();
        for row in &tables.read("dated_events.tsv", include_str!("../../config/lexicon/dated_events.tsv"))?.rows {
            let date = Date::new(row.number(1)?, row.number(2)?, row.number(3)?)
                .map_err(|e| row.wrong(format!("no such day: {e}")))?;
            events.push(DatedEvent { name: row.cell(0).to_owned(), date, weight: row.number(4)? });
        }
        Ok(Calendar {
            lunar,
            terms,
            term_names: Lookup::new(names),
            festivals: Lookup::new(festivals),
            closures,
            eras: Lookup::new(eras),
            events,
        })
    }

    /// The day on which month and day of a lunar year fall; `leap` asks for the repeated month.
    pub fn lunar(&self, year: i16, month: i8, day: i8, leap: bool) -> Option<Date> {
        let (start, length) = self.lunar_month(year, month, leap)?;
        // A short month's 三十 is taken for its last day.
        days_after(start, i32::from(day.min(length)) - 1)
    }

    /// First day and length of a lunar month.
    pub fn lunar_month(&self, year: i16, month: i8, leap: bool) -> Option<(Date, i8)> {
        let table = self.lunar.get(&year)?;
        let repeated = table.leap != 0 && (month > table.leap || (leap && month == table.leap));
        let index = usize::try_from(month - 1 + i8::from(repeated)).ok()?;
        let before: i32 = table.lengths.iter().take(index).map(|l| i32::from(*l)).sum();
        Some((days_after(table.new_year, before)?, *table.lengths.get(index)?))
    }

    /// The day of a solar term in a western year.
    pub fn term(&self, year: i16, term: usize) -> Option<Date> {
        let month = i8::try_from(term / 2 + 1).ok()?;
        Date::new(year, month, *self.terms.get(&year)?.get(term)?).ok()
    }

    /// First day of a festival in a year.
    pub fn festival(&self, festival: &Festival, year: i16) -> Option<Date> {
        festivals::resolve(&festival.rule, year, self)
    }

    /// The days off around a festival; where no announcement is known, `days` days from the festival on.
    pub fn closure(&self, festival: &Festival, year: i16) -> Option<(Date, Date)> {
        let name = festival.name.trim_end_matches("黄金周");
        let short = name.trim_end_matches('节');
        let short = match short {
            "五一" | "五一劳动" | "五一国际劳动" => "劳动",
            "十一" => "国庆",
            "除夕" | "农历新年" | "新春" => "春",
            other => other,
        };
        let known = |n: &str| self.closures.get(&(year, n.to_owned())).copied();
        known(short).or_else(|| known(&format!("{short}节"))).or_else(|| {
            let start = self.festival(festival, year)?;
            let usual = match short {
                "国庆" | "春" => 7,
                "劳动" | "元旦" | "清明" | "端午" | "中秋" => 3,
                _ => festival.days,
            };
            Some((start, days_after(start, usual)?))
        })
    }
}

/// `date` plus a number of days, if the calendar goes that far.
pub fn days_after(date: Date, days: i32) -> Option<Date> {
    date.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

fn date(row: &Row, column: usize) -> Result<Date, TableError> {
    row.cell(column).parse().map_err(|_| row.wrong(format!("`{}` is no date", row.cell(column))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar() -> Calendar {
        Calendar::load(&mut Reader::new(&[])).expect("the built-in tables")
    }

    #[test]
    fn lunar_days_fall_where_the_almanac_says() {
        let c = calendar();
        let check = |y, m, d, leap, want: &str| {
            assert_eq!(c.lunar(y, m, d, leap).map(|x| x.to_string()).as_deref(), Some(want), "{y}-{m}-{d}");
        };
        check(2024, 1, 1, false, "2024-02-10");
        check(2024, 8, 15, false, "2024-09-17");
        check(2020, 4, 1, true, "2020-05-23");
        check(2020, 5, 5, false, "2020-06-25");
        check(2023, 12, 30, false, "2024-02-09");
        check(1978, 8, 15, false, "1978-09-17");
    }

    #[test]
    fn festivals_and_terms() {
        let c = calendar();
        let check = |name: &str, year, want: &str| {
            let chars: Vec<char> = name.chars().collect();
            let (_, festival) = c.festivals.at(&chars, 0).expect("a known festival");
            assert_eq!(c.festival(festival, year).map(|x| x.to_string()).as_deref(), Some(want), "{name}");
        };
        check("春节", 2025, "2025-01-29");
        check("除夕", 2025, "2025-01-28");
        check("母亲节", 2021, "2021-05-09");
        check("感恩节", 2019, "2019-11-28");
        check("复活节", 2013, "2013-03-31");
        check("东正教复活节", 2013, "2013-05-05");
        check("清明节", 2022, "2022-04-05");
        check("教师节", 2024, "2024-09-10");
        check("古尔邦节", 2013, "2013-10-15");
        assert_eq!(c.term(2017, 1).map(|d| d.to_string()).as_deref(), Some("2017-01-20"));
    }
}
