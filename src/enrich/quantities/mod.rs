//! Numbers with their units.
//!
//! One pass over the text: where a number, a sign of money or a word such as 百分之 stands, [`read`] takes as much as
//! belongs to it, with bounded look-ahead. What is part of a date is left alone, but for lengths of time: they stand
//! in both lists, as a duration among the dates and as a number of hours or years here.

mod english;
mod read;

use std::sync::LazyLock;

use crate::enrich::View;
use crate::enrich::glyphs::Glyphs;
use crate::enrich::numerals;
use crate::enrich::quantities::read::Reader;
use crate::lexicon::Lexicon;
use crate::record::mention::{DateMention, Quantity};
use crate::record::remark::Remarks;
use crate::record::span::Span;

/// A quantity as read, in places of the folded text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Amount {
    pub start: usize,
    pub end: usize,
    pub value: f64,
    pub upper: f64,
    pub unit: String,
    pub kind: &'static str,
    pub modifier: &'static str,
}

static STARTS: LazyLock<Vec<bool>> = LazyLock::new(|| {
    let mut starts = vec![false; 1 << 16];
    for c in "0123456789〇零○一二三四五六七八九十百千万亿兆两壹贰叁肆伍陆柒捌玖拾佰仟廿卅几数半第负-−摄华"
        .chars()
        .chain('A'..='Z')
        .chain('a'..='z')
    {
        starts[c as usize] = true;
    }
    starts
});

/// Finds every quantity outside `dates` (lengths of time are in both), in order of the text, without overlaps.
pub fn find(view: &View<'_>, dates: &[DateMention], remarks: &mut Remarks) -> Vec<Quantity> {
    scan(view.text, view.lexicon, dates, remarks)
}

/// The quantities of a text whose dates are known.
pub fn scan(text: &str, lexicon: &Lexicon, dates: &[DateMention], remarks: &mut Remarks) -> Vec<Quantity> {
    let glyphs = Glyphs::new(text);
    let reader = Reader { text: &glyphs.chars, units: &lexicon.units };
    let starts: &[bool] = &STARTS;
    let chars = reader.text;
    let mut taken = taken(dates, &glyphs);
    let mut found = Vec::new();
    let mut place = 0;
    while place < chars.len() {
        let c = chars[place];
        let begins = starts.get(c as usize).copied().unwrap_or(false)
            || lexicon.units.before.starts(c)
            || lexicon.units.fixed.starts(c);
        if !begins {
            place += 1;
            continue;
        }
        if let Some(end) = taken.covering(place) {
            place = end;
            continue;
        }
        if let Some((end, ())) = lexicon.units.fixed.at(chars, place) {
            place = end;
            continue;
        }
        match reader.amount(place) {
            Some(amount) if taken.free(amount.start, amount.end) => {
                let span = glyphs.span(amount.start, amount.end);
                remarks.say("quantities.read", span, || format!("{} {}, {}", amount.value, amount.unit, amount.kind));
                let unit = as_printed(&amount, &glyphs, text);
                place = amount.end.max(place + 1);
                found.push(Quantity {
                    span,
                    value: amount.value,
                    upper: amount.upper,
                    unit,
                    kind: amount.kind,
                    modifier: amount.modifier,
                });
            }
            _ => place = skip(chars, place),
        }
    }
    found
}

/// The unit in the script of the text: 公頃 in a traditional text, though the table says 公顷.
fn as_printed(amount: &Amount, glyphs: &Glyphs, text: &str) -> String {
    let length = amount.unit.chars().count();
    let money = amount.kind == "money";
    if money || length == 0 || amount.end < length {
        return amount.unit.clone();
    }
    for end in [amount.end, amount.end.saturating_sub(1)] {
        let Some(start) = end.checked_sub(length).filter(|s| *s >= amount.start) else { continue };
        if glyphs.chars.get(start..end).is_some_and(|tail| tail.iter().copied().eq(amount.unit.chars())) {
            let printed = glyphs.span(start, end).of(text);
            return if printed.is_ascii() || printed.chars().all(crate::enrich::glyphs::is_han) {
                printed.to_owned()
            } else {
                amount.unit.clone()
            };
        }
    }
    amount.unit.clone()
}

/// Where reading goes on when nothing was found at a place.
fn skip(chars: &[char], place: usize) -> usize {
    let c = chars[place];
    if c.is_ascii_digit() {
        let mut end = place;
        while chars.get(end).is_some_and(char::is_ascii_digit) {
            end += 1;
        }
        return end;
    }
    if c.is_ascii_alphabetic() {
        let mut end = place;
        while chars.get(end).is_some_and(|c| c.is_ascii_alphabetic() || *c == '-') {
            end += 1;
        }
        return end;
    }
    if numerals::is_numeral(c) {
        return numerals::run_end(chars, place);
    }
    place + 1
}

/// Places that belong to dates, in order.
struct Taken {
    spans: Vec<(usize, usize)>,
    next: usize,
    /// Lengths of time: a quantity is one of them whole or none of its parts.
    lengths: Vec<(usize, usize)>,
    length: usize,
}

fn taken(dates: &[DateMention], glyphs: &Glyphs) -> Taken {
    let length = |d: &DateMention| d.date.is_empty() && d.timex.starts_with('P') && d.precision != "set";
    let places = |span: Span| (glyphs.place(span.start), glyphs.place(span.end));
    let (lengths, spans): (Vec<_>, Vec<_>) = dates.iter().partition(|d| length(d));
    let all = |list: Vec<&DateMention>| list.iter().map(|d| places(d.span)).collect();
    Taken { spans: all(spans), next: 0, lengths: all(lengths), length: 0 }
}

impl Taken {
    /// The end of the date that covers a place; places are asked for in order.
    fn covering(&mut self, place: usize) -> Option<usize> {
        while self.spans.get(self.next).is_some_and(|s| s.1 <= place) {
            self.next += 1;
        }
        self.spans.get(self.next).filter(|s| s.0 <= place).map(|s| s.1)
    }

    /// Whether no date lies in a stretch that starts behind the last asked place.
    fn free(&mut self, start: usize, end: usize) -> bool {
        while self.lengths.get(self.length).is_some_and(|s| s.1 <= start) {
            self.length += 1;
        }
        let part = self.lengths.get(self.length).is_some_and(|s| s.0 < end && !(s.0 >= start && s.1 <= end));
        !part && self.spans.get(self.next).is_none_or(|s| s.0 >= end || s.1 <= start)
    }
}
