//! Who said it, in English: `the mayor said`, `said Yue Yang`, `he recalled`.

use crate::enrich::entities::Named;
use crate::enrich::statements::Said;
use crate::record::mention::Ent;
use crate::record::span::Span;

/// The statement of the English verb at `verb`, if it has a speaker.
pub fn at(text: &str, para: Span, named: &Named, verb: Span) -> Option<Said> {
    let before = Span::new(para.start, verb.start).of(text);
    let after = Span::new(verb.end, para.end).of(text);
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '-');
    if inside(before.chars().next_back()) || inside(after.chars().next()) {
        return None;
    }
    named_before(text, para, named, verb)
        .or_else(|| named_after(text, para, named, verb))
        .or_else(|| word_before(before, verb))
}

/// A name with at most an adverb, a parenthesis or a helping verb between it and the verb.
fn named_before(text: &str, para: Span, named: &Named, verb: Span) -> Option<Said> {
    let last = named.ents.partition_point(|e| e.span.start < verb.start);
    let near = || (0..last).zip(named.ents.get(..last).unwrap_or_default()).rev().take(6);
    let said = |(index, ent): (usize, &Ent)| Said { speaker: ent.span, verb, ent: Some(index), pronoun: false };
    let inside = |e: &Ent| e.span.start >= para.start && e.span.end <= verb.start;
    let apposition = near().find(|(_, e)| {
        let gap = Span::new(e.span.end.min(verb.start), verb.start).of(text);
        let commas = gap.starts_with(", ") && gap.trim_end().ends_with(',');
        e.label == "PERSON" && inside(e) && commas && gap.len() < 90 && !gap.contains(['.', ';', '”', '“', '"'])
    });
    if let Some(found) = apposition {
        return Some(said(found));
    }
    let (index, ent) = near().find(|(_, e)| matches!(e.label, "PERSON" | "ORG") && inside(e))?;
    let gap = Span::new(ent.span.end, verb.start).of(text);
    let short = gap.split_whitespace().count() <= 1 && !gap.starts_with("'s");
    (short && !gap.contains(['.', ',', ';', '”', '"'])).then_some(said((index, ent)))
}

/// `,” said Yue Yang`, `said chairman Yue Yang`.
fn named_after(text: &str, para: Span, named: &Named, verb: Span) -> Option<Said> {
    let before = Span::new(para.start, verb.start).of(text).trim_end();
    if !before.ends_with(['”', '"', '’', ',']) {
        return None;
    }
    let first = named.ents.partition_point(|e| e.span.start < verb.end);
    let (index, ent) = (first..)
        .zip(named.ents.get(first..)?)
        .take(4)
        .find(|(_, e)| matches!(e.label, "PERSON" | "ORG") && e.span.end <= para.end)?;
    let gap = Span::new(verb.end, ent.span.start).of(text);
    let short = gap.split_whitespace().count() <= 5 && !gap.contains(['.', ',', ';', '“']);
    short.then_some(Said { speaker: ent.span, verb, ent: Some(index), pronoun: false })
}

/// A pronoun or a common noun right before the verb.
fn word_before(before: &str, verb: Span) -> Option<Said> {
    const NOT: &[&str] = &[
        "was", "were", "is", "are", "be", "been", "being", "has", "have", "had", "as", "and", "or", "not", "to", "it",
        "that", "which", "also", "the", "a", "an", "of", "who", "when", "by",
    ];
    const HELPERS: &[&str] = &["also", "later", "has", "have", "had", "then", "often", "once", "yesterday", "today"];
    // `he also said`, `police have said`
    let mut rest = before.trim_end();
    let mut word = rest.rsplit(' ').next()?;
    while HELPERS.contains(&word) {
        rest = rest.strip_suffix(word)?.trim_end();
        word = rest.rsplit(' ').next()?;
    }
    let pronoun = matches!(word, "he" | "she" | "they" | "He" | "She" | "They");
    let letters = word.chars().all(|c| c.is_alphabetic() || c == '-');
    if !letters || word.is_empty() || (!pronoun && (NOT.contains(&word) || word.len() < 4)) {
        return None;
    }
    let base = verb.start - u32::try_from(before.len()).ok()?;
    let end = base + u32::try_from(rest.len()).ok()?;
    let speaker = Span::new(end - u32::try_from(word.len()).ok()?, end);
    Some(Said { speaker, verb, ent: None, pronoun })
}
