//! spaCy: what `Doc.from_json` reads.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Points;
use crate::record::line::{EntOut, Record};

/// The record as a document: tokens, sentences, names.
///
/// spaCy's `ents` may not overlap, so of names inside names the longest is kept there; all are in `spans["wenliu"]`.
pub(super) fn doc(record: &Record<'_>) -> Value {
    let points = Points::new(&record.text);
    let tokens: Vec<Value> = tokens(record, &points)
        .into_iter()
        .enumerate()
        .map(|(id, (start, end))| json!({ "id": id, "start": start, "end": end }))
        .collect();
    json!({
        "text": record.text,
        "ents": longest(&record.ents).into_iter().map(span).collect::<Vec<_>>(),
        "sents": sentences(record, points.count()).into_iter().map(|(s, e)| json!({ "start": s, "end": e })).collect::<Vec<_>>(),
        "tokens": tokens,
        "spans": { "wenliu": record.ents.iter().map(span).collect::<Vec<_>>() },
        "cats": {},
    })
}

fn span(ent: &EntOut<'_>) -> Value {
    json!({ "start": ent.start, "end": ent.end, "label": ent.label, "kb_id": "" })
}

/// Names of which none overlaps another; of two the longer stays, of equals the first.
fn longest<'a, 'r>(ents: &'a [EntOut<'r>]) -> Vec<&'a EntOut<'r>> {
    let mut by_length: Vec<&EntOut<'_>> = ents.iter().filter(|e| e.end > e.start).collect();
    by_length.sort_by_key(|e| (std::cmp::Reverse(e.end - e.start), e.start));
    let mut kept: std::collections::BTreeMap<u64, &EntOut<'_>> = std::collections::BTreeMap::new();
    for ent in by_length {
        let before = kept.range(..ent.end).next_back();
        if before.is_none_or(|(_, b)| b.end <= ent.start) {
            kept.insert(ent.start, ent);
        }
    }
    kept.into_values().collect()
}

/// Sentences that cover the text without a gap: what is none (a headline) counts as one, and line breaks go to the
/// sentence before them.
fn sentences(record: &Record<'_>, count: u64) -> Vec<(u64, u64)> {
    let mut starts: BTreeSet<u64> = record.sents.iter().map(|s| s.start).collect();
    starts.extend(record.paras.iter().map(|p| p.start));
    starts.insert(0);
    let starts: Vec<u64> = starts.into_iter().filter(|s| *s < count).collect();
    let ends = starts.iter().skip(1).copied().chain([count]);
    starts.iter().copied().zip(ends).collect()
}

/// The record's words, or single characters when it has none; cut so that no name or sentence ends inside a token.
/// A blank after a token is no token of its own, as spaCy has it; every other character is in one.
fn tokens(record: &Record<'_>, points: &Points<'_>) -> Vec<(u64, u64)> {
    let mut cuts: BTreeSet<u64> = record.tokens.start.iter().chain(&record.tokens.end).copied().collect();
    let has_words = !cuts.is_empty();
    cuts.extend(record.ents.iter().flat_map(|e| [e.start, e.end]));
    cuts.extend(sentences(record, points.count()).iter().flat_map(|s| [s.0, s.1]));
    let mut before: Option<char> = None;
    for (at, c) in record.text.chars().enumerate() {
        let at = at as u64;
        let joined = before.is_some_and(|b| word_part(b) && word_part(c));
        if c.is_whitespace() {
            cuts.extend([at, at + 1]);
        } else if !has_words && !joined {
            cuts.insert(at);
        }
        before = Some(c);
    }
    let count = points.count();
    let cuts: Vec<u64> = cuts.into_iter().filter(|c| *c < count).collect();
    let ends = cuts.iter().skip(1).copied().chain([count]);
    let pieces = cuts.iter().copied().zip(ends);
    let mut tokens: Vec<(u64, u64)> = Vec::new();
    for (start, end) in pieces {
        let after_token = tokens.last().is_some_and(|t| t.1 == start && points.slice(t.0, t.1).trim() != "");
        if !(points.slice(start, end) == " " && after_token) {
            tokens.push((start, end));
        }
    }
    tokens
}

fn word_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || (c.is_alphabetic() && !('\u{2e80}'..='\u{3ffff}').contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::export::tests::sample;

    #[test]
    fn tokens_and_sentences_cover_the_text_and_names_do_not_overlap() {
        let record = sample();
        let points = Points::new(&record.text);
        let joined: String = tokens(&record, &points).iter().map(|(s, e)| points.slice(*s, *e)).collect();
        assert_eq!(joined, record.text);
        assert_eq!(sentences(&record, points.count()), [(0, 7), (7, 18)]);
        let kept: Vec<&str> = longest(&record.ents).iter().map(|e| e.text.as_ref()).collect();
        assert_eq!(kept, ["王𬭎", "无锡市", "无锡市北大街"]);
    }

    #[test]
    fn one_blank_after_a_word_is_no_token() {
        let record = Record { text: "So it  is.".into(), ..Record::default() };
        let points = Points::new(&record.text);
        let words: Vec<&str> = tokens(&record, &points).iter().map(|(s, e)| points.slice(*s, *e)).collect();
        assert_eq!(words, ["So", "it", " ", "is", "."]);
    }
}
