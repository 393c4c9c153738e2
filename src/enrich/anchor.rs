//! The article's own date, and what all its relative dates count from.

use jiff::civil::{Date, Time};

use crate::enrich::View;
use crate::enrich::dates::{self, Base};
use crate::record::mention::{Created, DateMention};
use crate::record::remark::Remarks;
use crate::record::span::Span;

/// What dates are resolved against.
#[derive(Clone, Debug, Default)]
pub struct Anchor {
    /// The article's date and its basis.
    pub created: Created,
    /// The publication date, `YYYY-MM-DD`, and its basis.
    pub published: Created,
    /// The day that 昨天 and 今天 count from, and the time of day if one is known.
    pub day: Option<Date>,
    pub clock: Option<Time>,
}

impl Anchor {
    /// What the date grammar counts from.
    pub fn base(&self) -> Base {
        Base { date: self.day.unwrap_or(EPOCH), clock: self.clock, basis: self.published.basis }
    }
}

const EPOCH: Date = Date::constant(1970, 1, 1);

/// Characters of the text in which a date of its own is looked for.
const LEAD_MAX: usize = 120;

/// Finds the anchor: dateline, then publication date (masthead, file name), then the file's own time.
pub fn find(view: &View<'_>, warnings: &mut Vec<&'static str>, remarks: &mut Remarks) -> Anchor {
    let (day, clock, basis) = published(view, warnings, remarks);
    let mut anchor = Anchor {
        created: Created { date: day.to_string(), basis },
        published: Created { date: day.to_string(), basis },
        day: Some(day),
        clock,
    };
    // The date printed in the dateline is the day that its 今天 means; the date that opens the lead is only the
    // article's own.
    if let Some((date, full, from)) = printed(view, &anchor) {
        let sane = full || (day - date).get_days().abs() <= 400;
        if sane {
            anchor.created = Created { date: date.to_string(), basis: if full { "text" } else { basis } };
            remarks.say("anchor.created", from, || format!("{date} is printed at the head of the article"));
            let dateline =
                view.article.dateline.as_ref().is_some_and(|d| d.date == Some(from)) || cabled(view.text, from);
            if dateline || (full && basis == "mtime") {
                anchor.day = Some(date);
            }
            if full && basis == "mtime" {
                anchor.published = anchor.created.clone();
                warnings.retain(|w| *w != "date_from_mtime");
            }
        }
    }
    anchor
}

/// The publication date with its basis, best evidence first.
fn published(
    view: &View<'_>,
    warnings: &mut Vec<&'static str>,
    remarks: &mut Remarks,
) -> (Date, Option<Time>, &'static str) {
    let none = Span::default();
    if let Some((date, clock)) = stamp(&view.config.as_of) {
        remarks.say("anchor.config", none, || format!("{date} is set"));
        return (date, clock, "config");
    }
    if let Ok(date) = view.clean.page.published.parse::<Date>() {
        remarks.say("anchor.masthead", none, || format!("{date} stands in the masthead"));
        return (date, None, "masthead");
    }
    if let Some((date, clock)) = in_name(&view.clean.drop.name) {
        remarks.say("anchor.filename", none, || format!("{date} stands in the name `{}`", view.clean.drop.name));
        return (date, clock, "filename");
    }
    let mtime = mtime(view.clean.drop.mtime_ms);
    if let Some(event) = event(view) {
        warnings.push("year_from_event_anchor");
        remarks.say("anchor.event_anchor", event.1, || {
            format!("{} was in {}: the year is taken from it", event.2, event.0.year())
        });
        return (event.0, None, "event_anchor");
    }
    warnings.push("date_from_mtime");
    remarks.say("anchor.mtime", none, || format!("{mtime} is the file's own time, the last resort"));
    (mtime, None, "mtime")
}

/// The file's own time as a day in China.
fn mtime(ms: i64) -> Date {
    let days = (ms + 8 * 3_600_000).div_euclid(86_400_000).clamp(-700_000, 2_900_000);
    crate::lexicon::calendar::days_after(EPOCH, i32::try_from(days).unwrap_or(0)).unwrap_or(EPOCH)
}

/// `2024-09-05` or `2024-09-05T04:30`.
fn stamp(text: &str) -> Option<(Date, Option<Time>)> {
    let (day, time) = text.split_once(['T', ' ']).unwrap_or((text, ""));
    let time: String = time.chars().filter(char::is_ascii_digit).collect();
    Some((day.parse().ok()?, clock(&time)))
}

/// `0430` or `043000`
fn clock(digits: &str) -> Option<Time> {
    let two = |from: usize| digits.get(from..from + 2)?.parse::<i8>().ok();
    Time::new(two(0)?, two(2)?, two(4).unwrap_or(0), 0).ok()
}

/// The date in a file's path: `2024-09-05`, `20240905`, `2024-09-05T0430`, `2024_09_05`, `2024年9月5日`, `2024/09/05/`.
pub fn in_name(name: &str) -> Option<(Date, Option<Time>)> {
    let chars: Vec<char> = name.chars().collect();
    let mut best = None;
    let mut place = 0;
    while place < chars.len() {
        let run = chars[place..].iter().take_while(|c| c.is_ascii_digit()).count();
        if run == 0 {
            place += 1;
            continue;
        }
        if let Some((date, end)) = named(&chars, place, run) {
            let rest: String = match chars.get(end) {
                Some('T' | 't') => {
                    chars[end + 1..].iter().filter(|c| **c != ':').take_while(|c| c.is_ascii_digit()).collect()
                }
                _ => String::new(),
            };
            // The last date of a path is the nearest to the page.
            best = Some((date, clock(&rest)));
            place = end;
        } else {
            place += run;
        }
    }
    best
}

fn named(chars: &[char], place: usize, run: usize) -> Option<(Date, usize)> {
    let number = |from: usize, to: usize| chars.get(from..to)?.iter().collect::<String>().parse::<i16>().ok();
    let date = |y: i16, m: i16, d: i16| {
        (1800..2200).contains(&y).then(|| Date::new(y, i8::try_from(m).ok()?, i8::try_from(d).ok()?).ok()).flatten()
    };
    if run == 8 || run == 12 || run == 14 {
        let end = place + 8;
        return Some((date(number(place, place + 4)?, number(place + 4, place + 6)?, number(place + 6, end)?)?, end));
    }
    if run != 4 {
        return None;
    }
    let digits = |from: usize| chars.get(from..).unwrap_or(&[]).iter().take_while(|c| c.is_ascii_digit()).count();
    let first = *chars.get(place + 4)?;
    if !matches!(first, '-' | '_' | '.' | '/' | '年') {
        return None;
    }
    let month = place + 5;
    let m = digits(month);
    let second = *chars.get(month + m)?;
    let day = month + m + 1;
    let d = digits(day);
    if !(1..=2).contains(&m)
        || !(1..=2).contains(&d)
        || !(second == first || (first == '年' && second == '月') || (second == '-' && first == '/'))
    {
        // 2024-09/05 is how some papers lay out their folders.
        if !(first == '-' && second == '/' && (1..=2).contains(&m) && (1..=2).contains(&d)) {
            return None;
        }
    }
    let end = day + d;
    let found = date(number(place, place + 4)?, number(month, month + m)?, number(day, end)?)?;
    Some((found, end + usize::from(chars.get(end) == Some(&'日'))))
}

/// A date printed at the head: in the dateline, or opening the lead. Its day, whether its year is printed, its span.
fn printed(view: &View<'_>, anchor: &Anchor) -> Option<(Date, bool, Span)> {
    let article = view.article;
    let head = |span: Span| -> Option<(DateMention, Span)> {
        let part = view.text.get(span.range())?;
        let mut found = dates::scan(part, view.lexicon, &anchor.base(), &mut Remarks::default());
        (!found.is_empty()).then(|| {
            let first = found.remove(0);
            let at = first.span.plus(span.start);
            (first, at)
        })
    };
    let day = |m: &DateMention| m.date.get(..10).and_then(|d| d.parse::<Date>().ok());
    if let Some(span) = article.dateline.as_ref().and_then(|d| d.date)
        && let Some((mention, _)) = head(span)
        && let Some(date) = day(&mention)
    {
        return Some((date, mention.basis == "text", span));
    }
    let lead = article.body.start.max(article.dateline.as_ref().map_or(0, |d| d.span.end));
    let rest = view.text.get(lead as usize..)?;
    let length = rest.char_indices().nth(LEAD_MAX).map_or(rest.len(), |(at, _)| at);
    let line = rest.get(..length)?.split('\n').next().unwrap_or_default();
    let skip = line.len() - line.trim_start_matches([' ', '（', '(', '—', '-', '，']).len();
    let from = Span::at(lead as usize + skip, lead as usize + line.len());
    let (mention, at) = head(from)?;
    let opens = at.start == from.start || cabled(view.text, at);
    let full = mention.basis == "text" && matches!(mention.precision, "day" | "hour" | "minute");
    if !(opens || full && anchor.published.basis == "mtime") || !matches!(mention.precision, "day" | "hour" | "minute")
    {
        return None;
    }
    // Festivals and weekdays resolve, but only figures are printed dates.
    let figures = at.of(view.text).chars().any(|c| c.is_ascii_digit() || matches!(c, '日' | '号' | '號'));
    let relative = matches!(mention.basis, "previous") || mention.timex.contains("WXX");
    let date = day(&mention)?;
    let ahead = anchor.day.is_some_and(|d| date > d) && anchor.published.basis != "mtime";
    (figures && !relative && !ahead).then_some((date, full, at))
}

/// Whether 电 or 讯 follows a date: then it is a dateline, found or not.
fn cabled(text: &str, date: Span) -> bool {
    let rest = text.get(date.end as usize..).unwrap_or_default().trim_start();
    ["电", "讯", "專電", "专电", "電", "訊"].iter().any(|w| rest.starts_with(w))
}

/// The year by an event that the text names; its day, where it stands, its name.
fn event(view: &View<'_>) -> Option<(Date, Span, String)> {
    let mut best: Option<(u8, Date, Span, &str)> = None;
    for event in view.lexicon.calendar.events.iter().filter(|e| e.weight > 0) {
        if let Some(at) = view.text.find(&event.name) {
            let better = best.as_ref().is_none_or(|(w, d, ..)| (event.weight, event.date) > (*w, *d));
            if better {
                best = Some((event.weight, event.date, Span::at(at, at + event.name.len()), &event.name));
            }
        }
    }
    let (_, date, span, name) = best?;
    Some((date, span, name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, want: Option<&str>) {
        let got = in_name(name).map(|(d, t)| match t {
            Some(t) => format!("{d} {}", t.strftime("%H:%M")),
            None => d.to_string(),
        });
        assert_eq!(got.as_deref(), want, "{name}");
    }

    #[test]
    fn dates_in_file_names() {
        check("wuxi-2024-09-05.txt", Some("2024-09-05"));
        check("rmrb_20240905_01.txt", Some("2024-09-05"));
        check("in/2013-02-12T0430.txt", Some("2013-02-12 04:30"));
        check("2024/09/05/A03.txt", Some("2024-09-05"));
        check("日报2024年9月5日.txt", Some("2024-09-05"));
        check("nbs.D110000renmrb_2024-09/05/node.txt", Some("2024-09-05"));
        check("page 20241399.txt", None);
        check("no date 12.txt", None);
    }
}
