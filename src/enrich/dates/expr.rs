//! What a date expression says, before anything is resolved.

use crate::lexicon::calendar::Festival;

/// A year as written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Year {
    Abs(i16),
    /// `98年`
    Short(i16),
    /// Years from the anchor: 去年 is -1.
    Rel(i16),
    /// The nearest such month before (-1), about (0) or after (1) the anchor: last October.
    Last(i16),
    /// Years from the last year spoken of: 同年 is 0, 次年 is 1.
    Chain(i16),
}

/// A part of a year that is no month.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sub {
    Half(i8),
    Quarter(i8),
    QuarterRel(i32),
    /// 前三季度
    FirstQuarters(i8),
    /// 前10个月
    FirstMonths(i8),
    /// 后三月
    LastMonths(i8),
    /// 第8个月
    NthMonth(i8),
    /// 1 spring … 4 winter
    Season(i8),
    Whole,
}

/// A stretch at the beginning, in the middle or at the end of what stands before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Edge {
    Early,
    Mid,
    Late,
    /// 上旬 中旬 下旬
    Ten(i8),
    /// 上半月 下半月
    HalfMonth(i8),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Month {
    Abs(i8),
    Rel(i32),
    Chain(i32),
    /// Of the lunar year; true: the repeated one.
    Lunar(i8, bool),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Week {
    Rel(i32),
    Chain(i32),
    /// 第三周 of a month, or of a year.
    Nth(i8),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Day {
    Abs(i8),
    Rel(i32),
    /// Days from the last day spoken of: 同日 is 0, 次日 is 1.
    Chain(i32),
    /// 初一 … 三十 of a lunar month.
    Lunar(i8),
    /// 1 Monday … 7 Sunday, 8 the weekend
    Weekday(i8),
    /// 第三个周日; -1 is the last.
    NthWeekday(i8, i8),
    /// One of the 24 solar terms.
    Term(usize),
}

/// A part of a day; the hours it usually covers are those of `hours`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    Dawn,
    Morning,
    Noon,
    Afternoon,
    Evening,
    Night,
    Midnight,
    Daytime,
}

impl Part {
    /// Hour on the 24-hour clock of an hour said with this part of the day; 24 and up is the next day.
    pub fn hour(self, hour: i8) -> i8 {
        match self {
            Part::Afternoon if hour < 12 => hour + 12,
            Part::Noon if hour < 10 => hour + 12,
            Part::Evening | Part::Night | Part::Midnight => match hour {
                12 => 24,
                0..=3 if self != Part::Evening => hour,
                1..=3 => hour + 24,
                0 => 24,
                4..=11 => hour + 12,
                _ => hour,
            },
            Part::Dawn | Part::Morning if hour == 12 && self == Part::Dawn => 0,
            _ => hour,
        }
    }

    /// The TIMEX code.
    pub fn code(self) -> &'static str {
        match self {
            Part::Dawn | Part::Morning => "TMO",
            Part::Noon => "TMI",
            Part::Afternoon => "TAF",
            Part::Evening => "TEV",
            Part::Night | Part::Midnight => "TNI",
            Part::Daytime => "TDT",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clock {
    pub hour: i8,
    pub minute: Option<i8>,
    pub second: Option<i8>,
}

/// One point or stretch of time, from the coarse to the fine.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point<'a> {
    /// 农历
    pub lunar: bool,
    pub century: Option<i16>,
    /// First year of a decade: 1980, or 80 without its century.
    pub decade: Option<i16>,
    pub year: Option<Year>,
    /// The year was printed after a reign's name or the like; it is absolute all the same.
    pub sub: Option<Sub>,
    pub month: Option<Month>,
    pub edge: Option<Edge>,
    pub week: Option<Week>,
    pub festival: Option<&'a Festival>,
    /// 假期, 黄金周: the days off around the festival.
    pub closure: bool,
    pub day: Option<Day>,
    pub part: Option<Part>,
    pub clock: Option<Clock>,
    /// The number stands without its unit, which follows behind (3 of 3至5日).
    pub elided: bool,
}

impl Point<'_> {
    /// How fine it is: 1 year … 7 clock; 0 for nothing.
    pub fn rank(&self) -> u8 {
        if self.clock.is_some() {
            7
        } else if self.part.is_some() {
            6
        } else if self.day.is_some() || self.festival.is_some() {
            5
        } else if self.week.is_some() || self.edge.is_some() {
            4
        } else if self.month.is_some() {
            3
        } else if self.sub.is_some() {
            2
        } else {
            u8::from(self.year.is_some() || self.century.is_some() || self.decade.is_some())
        }
    }

    /// The coarsest thing it names, on the same scale.
    pub fn top(&self) -> u8 {
        if self.year.is_some() || self.century.is_some() || self.decade.is_some() {
            1
        } else if self.sub.is_some() {
            2
        } else if self.month.is_some() {
            3
        } else if self.week.is_some() || self.edge.is_some() {
            4
        } else if self.day.is_some() || self.festival.is_some() {
            5
        } else if self.part.is_some() {
            6
        } else {
            7
        }
    }
}

/// Units of a duration, fine to coarse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Workday,
    Week,
    Month,
    Quarter,
    Year,
    Century,
}

/// A length of time: up to a few numbers with their units.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Length {
    /// Low, high, unit; coarse to fine.
    pub parts: Vec<(f64, f64, Unit)>,
}

impl Length {
    /// The finest unit in it.
    pub fn unit(&self) -> Unit {
        self.parts.last().map_or(Unit::Day, |p| p.2)
    }
}

/// Which side of the point is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Open {
    #[default]
    No,
    /// 前, 以前
    Before,
    /// 后, 以后
    After,
    /// 起, 以来
    Since,
}

/// A whole expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr<'a> {
    Point(Point<'a>, Open),
    Range(Point<'a>, Point<'a>),
    /// A length alone.
    Length(Length),
    /// So long before (-1) or after (1).
    Offset(Length, i32),
    /// The stretch of that length before (-1) or after (1) the anchor.
    Window(Length, i32),
    /// The same as the period before, years back.
    SamePeriod(i16),
    /// The same in a given year: 2019年同期.
    PeriodOf(i16),
    /// A five-year plan, by its first year.
    Plan(i16),
    /// A season or term that has begun: 入春以来.
    SinceTerm(usize),
    /// 今冬明春, 今明两年, 九十年代到…: from and to years or seasons given outright.
    Years(i16, i16),
    Winter(i16),
    Now,
    /// Recurring, as a TIMEX duration.
    Set(String),
}
