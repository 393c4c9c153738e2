//! Title and extractive summary.

use crate::enrich::View;
use crate::record::mention::DateMention;
use crate::record::span::Span;

/// Characters of a title that is made from the first clauses, at most.
const TITLE_MAX: usize = 36;
/// Sentences that are looked at; a report says what it is about at its beginning.
const READ_MAX: usize = 30;

/// The title (never empty) and the summary (never half a sentence).
///
/// The title is the headline. Where none is printed it is the first clauses of the first sentence, without dateline
/// and leading date: `市委常委会召开第120次会议，传达学习省委十四届七次全会精神`.
pub fn find(view: &View<'_>, dates: &[DateMention], keywords: &[String]) -> (String, String) {
    (title(view, dates), summary(view, keywords))
}

fn title(view: &View<'_>, dates: &[DateMention]) -> String {
    let headline: Vec<&str> = view.article.headline.parts().map(|p| p.of(view.text).trim()).collect();
    if headline.iter().any(|h| !h.is_empty()) {
        return headline.join(" ");
    }
    let made = sentences(view).take(4).map(|s| first_clauses(view.text, s, dates)).find(|t| !t.is_empty());
    made.unwrap_or_else(|| {
        let line = view.text.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or("…");
        line.chars().take(TITLE_MAX).collect()
    })
}

/// The sentences of the body, without the dateline that the first one may start with.
fn sentences<'a>(view: &View<'a>) -> impl Iterator<Item = Span> + use<'a> {
    let (text, body) = (view.text, view.article.body);
    view.article.sents.iter().take(READ_MAX).filter_map(move |sent| {
        let from = sent.span.start.max(body.start).min(sent.span.end);
        let to = sent.span.end.min(body.end).max(from);
        let piece = Span::new(from, to).of(text);
        let blank = Span::at(0, piece.len() - piece.trim_start().len()).end;
        (!piece.trim().is_empty()).then(|| Span::new(from + blank, to))
    })
}

/// Clauses that only say when, or where the paper has it from.
fn is_frame(clause: &str) -> bool {
    const ENDS: [&str; 12] =
        ["获悉", "獲悉", "了解到", "了解", "介绍", "介紹", "报道", "報道", "報導", "消息", "据悉", "日前"];
    ENDS.iter().any(|end| clause.ends_with(end)) || ["近日", "昨日", "昨天", "今天", "今日", "近年来"].contains(&clause)
}

fn first_clauses(text: &str, sentence: Span, dates: &[DateMention]) -> String {
    let mut title = String::new();
    let mut at = sentence.start;
    for clause in sentence.of(text).split_inclusive(['，', '；', '：', ',']) {
        let start = at;
        at += Span::at(0, clause.len()).end;
        let mut rest = Span::new(start, at);
        if title.is_empty() {
            rest = without_dates(text, rest, dates);
        }
        let bare = rest.of(text).trim_matches(|c: char| c.is_whitespace() || "，；：,。！？!?.".contains(c));
        if bare.is_empty() || (title.is_empty() && is_frame(bare)) {
            continue;
        }
        let length = title.chars().count() + bare.chars().count() + 1;
        if !title.is_empty() && length > TITLE_MAX {
            break;
        }
        if !title.is_empty() {
            title.push_str(if bare.is_ascii() { ", " } else { "，" });
        }
        title.push_str(bare);
        if length >= TITLE_MAX {
            break;
        }
    }
    shortened(&title)
}

/// A clause without the dates that it starts with.
fn without_dates(text: &str, clause: Span, dates: &[DateMention]) -> Span {
    let mut start = clause.start;
    let first = dates.partition_point(|d| d.span.start < clause.start);
    for date in &dates[first..] {
        let gap = text.get(start as usize..date.span.start as usize).unwrap_or("x");
        if !gap.trim_matches(|c| matches!(c, ' ' | '，' | '、')).is_empty() || date.span.end > clause.end {
            break;
        }
        start = date.span.end;
    }
    Span::new(start, clause.end)
}

/// At most [`TITLE_MAX`] characters, of which no Latin word and no number is cut; open marks are closed or left out.
fn shortened(title: &str) -> String {
    let mut short: String = title.chars().take(TITLE_MAX).collect();
    if short.len() < title.len() {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '.';
        let next = title.get(short.len()..).and_then(|r| r.chars().next());
        if next.is_some_and(word) && !short.chars().all(word) {
            short.truncate(short.trim_end_matches(word).len());
        }
    }
    for (open, close) in [('“', '”'), ('《', '》'), ('（', '）'), ('「', '」'), ('『', '』')] {
        let (mut opened, mut closed) = (short.matches(open).count(), short.matches(close).count());
        while closed > opened
            && let Some(at) = short.rfind(close)
        {
            short.remove(at);
            closed -= 1;
        }
        while opened > closed
            && let Some(at) = short.rfind(open)
        {
            short.remove(at);
            opened -= 1;
        }
    }
    short.trim_end_matches(|c: char| "，、；：,. ".contains(c)).to_owned()
}

/// Whole sentences: the lead, then what says most of the keywords that the lead does not say, in order of the text.
fn summary(view: &View<'_>, keywords: &[String]) -> String {
    let max = view.config.summary_max_chars;
    let all: Vec<(&str, usize)> = sentences(view)
        .map(|s| s.of(view.text).trim())
        .filter(|s| is_whole(s))
        .map(|s| (s, s.chars().count()))
        .collect();
    let mut said = vec![false; keywords.len()];
    let mut chosen: Vec<usize> = Vec::new();
    let mut room = max;
    while chosen.len() < 3 {
        let best = (0..all.len())
            .filter(|nth| !chosen.contains(nth) && all[*nth].1 <= room)
            .map(|nth| (worth(nth, all[nth].0, keywords, &said), nth))
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        let Some((worth, nth)) = best else { break };
        // A second sentence must say something; the first is taken whatever it says.
        if !chosen.is_empty() && worth < 0.9 {
            break;
        }
        for (keyword, said) in keywords.iter().zip(&mut said) {
            *said |= all[nth].0.contains(keyword.as_str());
        }
        room -= all[nth].1;
        chosen.push(nth);
    }
    chosen.sort_unstable();
    let mut summary = String::new();
    for nth in chosen {
        if summary.ends_with(|c: char| c.is_ascii()) && !summary.is_empty() {
            if summary.chars().count() + all[nth].1 >= max {
                break;
            }
            summary.push(' ');
        }
        summary.push_str(all[nth].0);
    }
    summary
}

/// It ends as a sentence ends, and its quotation marks are closed.
fn is_whole(sentence: &str) -> bool {
    let bare = sentence.trim_end_matches(['”', '’', '」', '』', '）', ')', '》']);
    let ends = bare.ends_with(['。', '！', '？', '…', '!', '?', '.']);
    let even = |open: char, close: char| sentence.matches(open).count() == sentence.matches(close).count();
    ends && bare.contains(char::is_alphanumeric) && even('“', '”') && even('「', '」') && even('《', '》')
}

/// The lead counts most; then the keywords that nobody has said yet.
fn worth(nth: usize, sentence: &str, keywords: &[String], said: &[bool]) -> f64 {
    let lead = if nth == 0 { 3.0 } else { 0.6 / nth as f64 };
    let new = keywords.iter().zip(said).enumerate().filter(|(_, (k, said))| !**said && sentence.contains(k.as_str()));
    let words: f64 = new.map(|(rank, _)| 1.0 / (1.0 + rank as f64 / 4.0)).sum();
    let opens =
        ["“", "「", "他", "她", "但", "而", "此外", "同时", "不过", "其中"].iter().any(|o| sentence.starts_with(o));
    lead + words - if opens && nth > 0 { 0.8 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrich::testing;

    fn check(text: &str, title: &str, summary: &str) {
        testing::with_names(text, |view, _| {
            let date = DateMention { span: Span::new(0, 8), ..DateMention::default() };
            let dates = if text.starts_with("9月4日") { vec![date] } else { Vec::new() };
            assert_eq!(find(view, &dates, &["改革".into()]), (title.to_owned(), summary.to_owned()));
        });
    }

    #[test]
    fn the_headline_is_the_title() {
        check("# 改革再出发\n本市推进改革。", "改革再出发", "本市推进改革。");
    }

    #[test]
    fn without_a_headline_the_first_clauses_are() {
        check(
            "9月4日，市委常委会召开第120次会议，传达学习省委十四届七次全会精神，决定近期召开市委十四届八次全会作全面研究部署。",
            "市委常委会召开第120次会议，传达学习省委十四届七次全会精神",
            "9月4日，市委常委会召开第120次会议，传达学习省委十四届七次全会精神，决定近期召开市委十四届八次全会作全面研究部署。",
        );
        check("记者昨日从市商务局获悉，外贸增长。", "外贸增长", "记者昨日从市商务局获悉，外贸增长。");
        check("。。。", "。。。", "");
    }

    #[test]
    fn a_sentence_that_is_too_long_is_never_cut() {
        let long = "很长的句子，".repeat(30);
        check(
            &format!("{long}完。改革成效明显。"),
            "很长的句子，很长的句子，很长的句子，很长的句子，很长的句子，很长的句子",
            "改革成效明显。",
        );
    }
}
