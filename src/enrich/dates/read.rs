//! Points in time as they are written: pieces from the coarse to the fine, each read where the one before ended.

use crate::enrich::dates::clock;
use crate::enrich::dates::expr::{Day, Month, Part, Point, Week};
use crate::enrich::dates::{days, figures, years};
use crate::enrich::glyphs::{any, any_before, at, one_of};
use crate::lexicon::calendar::Calendar;

/// A folded text with the tables that reading it needs.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    pub text: &'a [char],
    pub calendar: &'a Calendar,
}

/// The end of a word that joins two ends of a range.
pub fn connector(text: &[char], place: usize) -> Option<usize> {
    let mut start = place;
    if at(text, start) == ' ' {
        start += 1;
    }
    let (mut end, ()) = one_of(
        text,
        start,
        &[
            ("——", ()),
            ("--", ()),
            ("—", ()),
            ("-", ()),
            ("~", ()),
            ("至到", ()),
            ("一直到", ()),
            ("直到", ()),
            ("直至", ()),
            ("至", ()),
            ("到", ()),
            ("─", ()),
        ],
    )?;
    if at(text, end) == ' ' {
        end += 1;
    }
    Some(end)
}

const DAY_AND_PART: &[(&str, Day, Part)] = &[
    ("今天凌晨", Day::Rel(0), Part::Dawn),
    ("今早", Day::Rel(0), Part::Morning),
    ("今晨", Day::Rel(0), Part::Morning),
    ("今晚", Day::Rel(0), Part::Evening),
    ("今夜", Day::Rel(0), Part::Night),
    ("今午", Day::Rel(0), Part::Noon),
    ("昨早", Day::Rel(-1), Part::Morning),
    ("昨晨", Day::Rel(-1), Part::Morning),
    ("昨晚", Day::Rel(-1), Part::Evening),
    ("昨夜", Day::Rel(-1), Part::Night),
    ("昨午", Day::Rel(-1), Part::Noon),
    ("寻晚", Day::Rel(-1), Part::Evening),
    ("琴晚", Day::Rel(-1), Part::Evening),
    ("前晚", Day::Rel(-2), Part::Evening),
    ("明早", Day::Rel(1), Part::Morning),
    ("明晨", Day::Rel(1), Part::Morning),
    ("明晚", Day::Rel(1), Part::Evening),
    ("听晚", Day::Rel(1), Part::Evening),
    ("听朝", Day::Rel(1), Part::Morning),
    ("今朝", Day::Rel(0), Part::Morning),
    ("后晚", Day::Rel(2), Part::Evening),
    ("当晚", Day::Chain(0), Part::Evening),
    ("当夜", Day::Chain(0), Part::Night),
    ("同晚", Day::Chain(0), Part::Evening),
    ("次晨", Day::Chain(1), Part::Morning),
    ("翌晨", Day::Chain(1), Part::Morning),
    ("次晚", Day::Chain(1), Part::Evening),
    ("翌晚", Day::Chain(1), Part::Evening),
];

impl<'a> Reader<'a> {
    /// The point at a place, as long as it goes on.
    pub fn point(&self, place: usize) -> Option<(usize, Point<'a>)> {
        let text = self.text;
        let mut p = Point::default();
        let mut end = place;
        let mut rank = 0;
        if let Some((after, ())) =
            one_of(text, place, &[("农历", ()), ("阴历", ()), ("夏历", ()), ("旧历", ()), ("古历", ())])
        {
            p.lunar = true;
            end = after;
        } else if let Some((after, ())) = one_of(text, place, &[("公历", ()), ("阳历", ()), ("新历", ())]) {
            end = after;
        }
        let first = end;
        if let Some(after) = years::long(text, end, &mut p) {
            return Some((after, p));
        }
        if let Some((after, figures)) = figures::date(text, end) {
            rank = if figures.day.is_some() { 5 } else { 3 };
            end = after;
            p = Point { lunar: p.lunar, ..figures };
            if rank == 3 {
                return Some((end, p));
            }
        }
        loop {
            let mut from = end;
            if end > first {
                from = self.glue(end, rank, &mut p);
            }
            let Some((after, reached)) = self.piece(from, rank, &mut p, end > first) else { break };
            (end, rank) = (after, reached);
            if p.elided || rank == 7 {
                break;
            }
        }
        (rank > 0).then_some((end, p))
    }

    /// Skips what may stand between two pieces: 的, a blank, 农历, （星期二）.
    fn glue(&self, end: usize, rank: u8, p: &mut Point<'a>) -> usize {
        let text = self.text;
        let mut from = end;
        if rank == 1
            && let Some((after, ())) = one_of(text, from, &[("农历", ()), ("阴历", ()), ("的农历", ())])
        {
            p.lunar = true;
            return after;
        }
        if rank == 5 {
            if any(text, from, "T") && at(text, from + 1).is_ascii_digit() {
                return from + 1;
            }
            from = weekday_in_brackets(text, from).unwrap_or(from);
        }
        if any(text, from, "的 ,") && rank < 5 {
            from += 1;
        }
        if at(text, from) == ' ' {
            from += 1;
        }
        from
    }

    /// One more piece, finer than `rank`.
    fn piece(&self, place: usize, rank: u8, p: &mut Point<'a>, inside: bool) -> Option<(usize, u8)> {
        let text = self.text;
        if rank < 1
            && let Some((end, year)) = years::year(text, place, self.calendar)
        {
            p.year = Some(year);
            return Some((end, 1));
        }
        if rank < 2
            && let Some(end) = years::sub(text, place, p)
        {
            return Some((end, 2));
        }
        if rank < 3
            && let Some((end, month, elided)) = self.month(place, p)
        {
            (p.month, p.elided) = (Some(month), elided);
            return Some((end, 3));
        }
        if rank < 4 {
            if let Some((end, edge)) = years::edge(text, place, rank, inside) {
                p.edge = Some(edge);
                return Some((end, 4));
            }
            if let Some((end, week)) = days::week(text, place, p) {
                p.week = Some(week);
                return Some((end, 4));
            }
        }
        if rank < 5 {
            if rank == 0
                && let Some((end, (day, part))) = DAY_AND_PART
                    .iter()
                    .find_map(|(w, d, q)| Some((crate::enrich::glyphs::word(text, place, w)?, (*d, *q))))
                && !(any(text, place, "前晚") && any_before(text, place, "以 之"))
            {
                (p.day, p.part) = (Some(day), Some(part));
                return Some((end, 6));
            }
            if let Some(end) = days::festival(self, place, p) {
                return Some((end, 5));
            }
            if let Some((end, day, elided)) = days::day(self, place, p) {
                (p.day, p.elided) = (Some(day), elided);
                return Some((end, 5));
            }
        }
        if rank < 6
            && let Some((end, part)) = clock::part(text, place, rank >= 5)
            && (inside || clock::alone(text, place) || clock::clock(text, end, true).is_some())
            && (rank >= 4 || !inside)
        {
            p.part = Some(part);
            return Some((end, 6));
        }
        if (rank >= 4 || !inside)
            && (p.edge.is_none() || rank != 4)
            && let Some((end, clock, elided)) = clock::clock(text, place, rank >= 5)
        {
            (p.clock, p.elided) = (Some(clock), elided);
            return Some((end, 7));
        }
        None
    }

    fn month(&self, place: usize, p: &mut Point<'a>) -> Option<(usize, Month, bool)> {
        days::month(self.text, place, p)
    }
}

/// （星期二）, (周三), （本周二） behind a date.
fn weekday_in_brackets(text: &[char], place: usize) -> Option<usize> {
    let open = matches!(at(text, place), '（' | '(' | ' ' | '，');
    let bracket = matches!(at(text, place), '（' | '(');
    let mut end = place + usize::from(open && at(text, place) != '，');
    if any(text, end, "本 上 下") {
        end += 1;
    }
    let (after, ()) = one_of(text, end, &[("星期", ()), ("礼拜", ()), ("周", ())])?;
    if !"一二三四五六日天".contains(at(text, after)) {
        return None;
    }
    end = after + 1;
    if bracket {
        if !matches!(at(text, end), '）' | ')') {
            return None;
        }
        end += 1;
    }
    // The brackets belong to the date only when a time of day follows them.
    let from = end + usize::from(at(text, end) == ' ');
    (clock::part(text, from, true).is_some() || clock::clock(text, from, true).is_some()).then_some(end)
}

impl Week {
    /// Weeks from the anchor's week.
    pub fn shift(self) -> i32 {
        match self {
            Week::Rel(n) | Week::Chain(n) => n,
            Week::Nth(_) => 0,
        }
    }
}
