//! Keywords: phrases weighted by title, position and frequency.
//!
//! The text becomes a row of units: names as a whole (a keyword never breaks one), and words of the dictionary. Units
//! that carry meaning and stand side by side form phrases; a phrase counts more the rarer its words are, the earlier
//! and the oftener it stands, and most when it stands in the headline. Of phrases that overlap the better one is kept.

use std::collections::HashMap;

use crate::enrich::View;
use crate::enrich::entities::Named;
use crate::lexicon::words::{LN, Tag, Word};
use crate::record::article::Role;
use crate::record::span::Span;

/// Units in a phrase, at most.
const UNITS_MAX: usize = 4;
/// Characters in a phrase, at most; a name may be longer.
const CHARS_MAX: usize = 12;
/// Units that are read; the keywords of an article stand in its first pages.
const READ_MAX: usize = 6_000;

/// The article's keywords, best first.
pub fn find(view: &View<'_>, named: &Named) -> Vec<String> {
    let units = units(view, named);
    let mut scores: HashMap<&str, Candidate, rapidhash::fast::GlobalState> = HashMap::default();
    for from in 0..units.len() {
        for len in 1..=UNITS_MAX.min(units.len() - from) {
            let phrase = &units[from..from + len];
            if !phrase.windows(2).all(|pair| pair[0].joins(&pair[1])) {
                break;
            }
            if let Some((text, weight)) = weigh(view, phrase) {
                let entry =
                    scores.entry(text).or_insert(Candidate { weight, from, units: len, ..Candidate::default() });
                entry.count += 1;
                entry.places += phrase[0].place;
                entry.title |= phrase[0].title;
            }
        }
    }
    let mut ranked: Vec<(&str, Candidate)> = scores.into_iter().filter(|(_, c)| c.holds()).collect();
    // The text breaks ties, so that the order is the same everywhere.
    ranked.sort_unstable_by(|a, b| b.1.score().total_cmp(&a.1.score()).then(a.0.cmp(b.0)));
    choose(&ranked, view.config.keywords_max)
}

/// A word or a whole name.
#[derive(Clone, Copy, Debug)]
struct Unit {
    span: Span,
    tag: Tag,
    /// How rare it is, in natural logarithms.
    rare: f64,
    name: bool,
    title: bool,
    /// More in the lead than at the end.
    place: f64,
    /// It carries meaning and may stand in a phrase.
    full: bool,
}

impl Unit {
    /// Whether a phrase may go on from this unit to the next.
    fn joins(&self, next: &Unit) -> bool {
        self.full && next.full && self.span.end == next.span.start && self.title == next.title
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Candidate {
    weight: f64,
    /// Where it stands first, in units, and how many it has.
    from: usize,
    units: usize,
    count: u32,
    places: f64,
    title: bool,
}

impl Candidate {
    /// A phrase that stands once, outside the headline, is chance unless it is one unit.
    fn holds(&self) -> bool {
        self.title || self.count > 1 || self.units == 1
    }

    fn score(&self) -> f64 {
        let often = 1.0 + f64::from(self.count).ln();
        let place = self.places / f64::from(self.count.max(1));
        self.weight * often * place * if self.title { 3.0 } else { 1.0 }
    }
}

/// Names and words, in order.
fn units(view: &View<'_>, named: &Named) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut words: Vec<Word> = Vec::new();
    let whole = f64::from(view.article.span.len().max(1));
    for para in view.article.paras.iter().filter(|p| p.role != Role::Byline) {
        let title = para.role == Role::Headline;
        let text = para.span.of(view.text);
        words.clear();
        view.lexicon.words.cut(&view.lexicon.script.simplify(text), &mut words);
        let first = named.ents.partition_point(|e| e.span.end <= para.span.start);
        let mut ents = named.ents[first..].iter().take_while(|e| e.span.start < para.span.end).peekable();
        let mut done = para.span.start;
        for word in &words {
            let span = word.span.plus(para.span.start);
            while let Some(ent) = ents.peek() {
                if ent.span.start >= span.end {
                    break;
                }
                let inside = title || view.article.body.holds(ent.span);
                if inside && ent.span.start >= done && ent.span.end > ent.span.start {
                    let place = place(ent.span.start, whole, para.role);
                    units.push(Unit::name(ent.span, ent.label, title, place));
                    done = ent.span.end;
                }
                ents.next();
            }
            let outside = !title && !view.article.body.holds(span);
            if span.start >= done && !outside {
                units.push(Unit::word(span, word, title, place(span.start, whole, para.role), view));
                done = span.end;
            }
        }
        if units.len() > READ_MAX {
            break;
        }
    }
    units
}

/// What stands in the lead says what the article is about.
fn place(start: u32, whole: f64, role: Role) -> f64 {
    match role {
        Role::Headline => 2.0,
        Role::Lead => 1.6,
        _ => 1.2 - 0.5 * f64::from(start) / whole,
    }
}

impl Unit {
    fn name(span: Span, label: &str, title: bool, place: f64) -> Unit {
        let rare = match label {
            "EVENT" | "WORK_OF_ART" | "LAW" => 13.0,
            "PERSON" | "ORG" | "FAC" => 11.0,
            "GPE" | "LOC" => 9.0,
            _ => 0.0,
        };
        Unit { span, tag: Tag::Proper, rare, name: true, title, place, full: rare > 0.0 }
    }

    fn word(span: Span, word: &Word, title: bool, place: f64, view: &View<'_>) -> Unit {
        let text = span.of(view.text);
        let chars = text.chars().count();
        let latin = word.tag == Tag::Latin;
        let kind = matches!(
            word.tag,
            Tag::Noun
                | Tag::Person
                | Tag::Foreign
                | Tag::Place
                | Tag::Body
                | Tag::Proper
                | Tag::VerbNoun
                | Tag::Short
                | Tag::Kind
                | Tag::Idiom
                | Tag::Morpheme
                | Tag::Latin
                | Tag::Unknown
                | Tag::Verb
                | Tag::Adjective
        );
        let rare = if latin { 6.0 + (chars as f64).min(8.0) / 2.0 } else { f64::from(word.cost) / f64::from(LN) };
        let stop = view.lexicon.stopwords.has(text);
        let kind = kind && (chars > 1 || matches!(word.tag, Tag::Noun | Tag::Morpheme | Tag::Place | Tag::Short));
        Unit { span, tag: word.tag, rare, name: false, title, place, full: kind && !stop && (!latin || chars > 1) }
    }

    /// Whether a phrase of one word may be this one.
    fn alone(&self, chars: usize) -> bool {
        let kind = match self.tag {
            Tag::Verb => self.title,
            Tag::Adjective | Tag::Morpheme | Tag::Kind => false,
            Tag::Unknown => chars > 1,
            _ => true,
        };
        self.name || (kind && chars > 1 && self.rare > 6.5)
    }
}

/// The text of a phrase and what its words weigh, if it can be a keyword.
fn weigh<'a>(view: &View<'a>, phrase: &[Unit]) -> Option<(&'a str, f64)> {
    let (first, last) = (phrase.first()?, phrase.last()?);
    let text = Span::new(first.span.start, last.span.end).of(view.text);
    let chars = text.chars().count();
    let latin = first.tag == Tag::Latin;
    if !phrase.iter().all(|u| u.full) || chars < 2 {
        return None;
    }
    let name = phrase.iter().any(|u| u.name);
    if phrase.len() == 1 {
        return first.alone(chars).then_some((text, first.rare));
    }
    // A phrase ends in a noun; a person's name stands alone.
    let ends =
        !matches!(last.tag, Tag::Adjective | Tag::Kind | Tag::Morpheme) && (last.tag != Tag::Verb || first.title);
    if !ends || (chars > CHARS_MAX && !latin && !name) || chars > 24 {
        return None;
    }
    // One verb makes an object phrase (接待游客); two are a sentence.
    let verbs = phrase.iter().filter(|u| matches!(u.tag, Tag::Verb)).count();
    if verbs > 1 || (verbs == 1 && phrase.len() > 2) {
        return None;
    }
    let mean = phrase.iter().map(|u| u.rare).sum::<f64>() / phrase.len() as f64;
    let verb = if verbs > 0 { 0.8 } else { 1.0 };
    Some((text, mean * verb * (1.0 + 0.25 * (phrase.len() - 1) as f64)))
}

/// The best phrases that do not say each other again, in part or in whole.
fn choose(ranked: &[(&str, Candidate)], max: usize) -> Vec<String> {
    let mut chosen: Vec<(&str, Candidate)> = Vec::new();
    for (text, phrase) in ranked {
        if chosen.len() == max {
            break;
        }
        let again = |other: &(&str, Candidate)| {
            let (a, b) = (phrase, &other.1);
            let overlap = a.from < b.from + b.units && b.from < a.from + a.units;
            overlap || other.0.contains(text) || text.contains(other.0)
        };
        if !chosen.iter().any(again) {
            chosen.push((text, *phrase));
        }
    }
    chosen.into_iter().map(|(text, _)| text.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrich::testing;

    fn check(marked: &str, holds: &[&str], lacks: &[&str]) {
        testing::with_names(marked, |view, named| {
            let found = find(view, named);
            for word in holds {
                assert!(found.iter().any(|f| f == word), "{word} is missing: {found:?}");
            }
            for word in lacks {
                assert!(!found.iter().any(|f| f.contains(word)), "{word} should not be there: {found:?}");
            }
        });
    }

    #[test]
    fn the_headline_counts_most_and_names_stay_whole() {
        let text = "# 外贸进出口增长\n宁波海关昨日介绍，⟦应采儿⟧说外贸进出口增长较快。外贸进出口订单不少。";
        check(text, &["外贸进出口"], &["采儿说", "昨日"]);
    }

    #[test]
    fn nothing_but_stop_words_has_no_keywords() {
        check("他们表示，目前已经开始进行。", &[], &["表示", "目前", "开始"]);
    }
}
