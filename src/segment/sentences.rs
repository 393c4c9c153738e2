//! Where sentences end.
//!
//! A sentence ends behind `。！？…` and the marks that close with them, never inside a quote, bracket or title. A quote
//! that is not closed within two hundred characters does not count as one, so a lost mark costs a sentence or two and
//! not the article.

use crate::record::span::Span;
use crate::segment::scan::{is_closer, is_han, is_terminator};

/// Longest quote or bracket that keeps its sentences together, in characters.
const QUOTE_MAX: u32 = 200;

/// Words behind which a full stop ends nothing.
const ABBREVIATIONS: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "st", "mt", "gen", "col", "maj", "capt", "lt", "sgt", "sen", "rep", "gov", "pres",
    "rev", "hon", "jr", "sr", "no", "nos", "vs", "etc", "inc", "ltd", "co", "corp", "bros", "jan", "feb", "mar", "apr",
    "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "fig", "approx", "dept", "est", "e.g", "i.e", "a.m",
    "p.m", "u.s", "u.k", "u.n", "ph.d", "d.c", "messrs", "mme", "mlle", "vol", "pp",
];

/// Abbreviations that also end sentences when a capital follows.
const MAY_END: &[&str] =
    &["inc", "ltd", "co", "corp", "jr", "sr", "etc", "a.m", "p.m", "u.s", "u.k", "u.n", "d.c", "ph.d"];

#[derive(Clone, Copy, Debug)]
struct Glyph {
    c: char,
    at: u32,
    /// Quotes and brackets that are open behind this character.
    depth: u16,
    /// The glyph that opened what this one closes, plus one.
    opener: u32,
}

/// The sentences of `paragraph`, in bytes from its start. They follow each other without a gap: a blank between two
/// belongs to the first.
///
/// ```
/// # use wenliu::segment::sentences::split;
/// let text = "他说：“走吧。”大家散了。";
/// assert_eq!(split(text).len(), 2);
/// ```
pub fn split(paragraph: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let glyphs = glyphs(paragraph);
    let mut start = 0;
    let mut index = 0;
    while index < glyphs.len() {
        let g = glyphs[index];
        if !(is_terminator(g.c) || matches!(g.c, '.' | '।' | '؟' | '۔')) {
            index += 1;
            continue;
        }
        let (end, ends) = run(paragraph, &glyphs, index);
        index = end;
        if ends {
            while glyphs.get(index).is_some_and(|g| g.c.is_whitespace()) {
                index += 1;
            }
            let at = glyphs.get(index).map_or(paragraph.len() as u32, |g| g.at);
            found.push(Span::new(start, at));
            start = at;
        }
    }
    if (start as usize) < paragraph.len() {
        found.push(Span::at(start as usize, paragraph.len()));
    }
    found
}

/// Characters with the depth of quotes behind each.
fn glyphs(text: &str) -> Vec<Glyph> {
    let mut glyphs: Vec<Glyph> =
        text.char_indices().map(|(at, c)| Glyph { c, at: at as u32, depth: 0, opener: 0 }).collect();
    let mut stack: Vec<(u32, char)> = Vec::new();
    for index in 0..glyphs.len() {
        let c = glyphs[index].c;
        if let Some(close) = closing(c) {
            if c == '"' && stack.last().is_some_and(|(_, o)| *o == '"') {
                pair(&mut glyphs, &mut stack, index);
            } else {
                stack.push((index as u32, close));
                // A hostile run of openers must not make every closer search a long way back.
                if stack.len() > 64 {
                    stack.remove(0);
                }
            }
        } else if is_closer(c)
            && let Some(deep) = stack.iter().rposition(|(_, close)| *close == c)
        {
            stack.truncate(deep + 1);
            pair(&mut glyphs, &mut stack, index);
        }
    }
    let mut depth = 0_i32;
    for g in &mut glyphs {
        // `pair` left +1 at the opener and the opener's index at the closer.
        depth += i32::from(g.depth);
        if g.opener > 0 {
            depth -= 1;
        }
        g.depth = u16::try_from(depth.max(0)).unwrap_or(u16::MAX);
    }
    glyphs
}

/// Marks the pair that ends at `index`, unless it is too long to be one.
fn pair(glyphs: &mut [Glyph], stack: &mut Vec<(u32, char)>, index: usize) {
    let Some((opener, _)) = stack.pop() else { return };
    if index as u32 - opener <= QUOTE_MAX {
        glyphs[opener as usize].depth = 1;
        glyphs[index].opener = opener + 1;
    }
}

fn closing(c: char) -> Option<char> {
    Some(match c {
        '“' => '”',
        '‘' => '’',
        '「' => '」',
        '『' => '』',
        '（' => '）',
        '(' => ')',
        '《' => '》',
        '〈' => '〉',
        '【' => '】',
        '〔' => '〕',
        '[' => ']',
        '"' => '"',
        _ => return None,
    })
}

/// Looks at the run of terminators and closers from `index`: where it ends, and whether a sentence ends there.
fn run(text: &str, glyphs: &[Glyph], index: usize) -> (usize, bool) {
    let mut end = index;
    while glyphs.get(end).is_some_and(|g| is_terminator(g.c) || g.c == '.' || matches!(g.c, '।' | '؟' | '۔')) {
        end += 1;
    }
    let last = glyphs[end - 1];
    let mut closed = None;
    while let Some(g) = glyphs.get(end) {
        // A straight quote that opens the next sentence is no closer of this one.
        if !is_closer(g.c) || (matches!(g.c, '"' | '\'') && g.opener == 0) {
            break;
        }
        closed = Some(*g);
        end += 1;
    }
    let depth = glyphs[end - 1].depth;
    if depth > 0 {
        return (end, false);
    }
    let next = glyphs.get(end).map(|g| g.c);
    let Some(n) = next else { return (end, true) };
    if "，、；：,;:".contains(n) {
        return (end, false);
    }
    if last.c == '.' {
        return (end, full_stop(text, glyphs, index, end));
    }
    let ends = match closed.map(|g| (g.c, g.opener)) {
        None => !(matches!(last.c, '!' | '?') && n.is_ascii_alphanumeric()),
        Some(('》' | '〉', _)) => false,
        Some((_, opener)) => match last.c {
            '。' | '｡' | '…' => n != '的',
            _ => n.is_whitespace() || (introduced(glyphs, opener) && !said(text, glyphs, end)),
        },
    };
    (end, ends)
}

/// Whether the quote opened by glyph `opener - 1` stands behind a colon.
fn introduced(glyphs: &[Glyph], opener: u32) -> bool {
    opener >= 2 && glyphs.get(opener as usize - 2).is_some_and(|g| matches!(g.c, '：' | ':'))
}

/// Whether the clause from `index` says who spoke: `他说`, `张先生笑道`.
fn said(text: &str, glyphs: &[Glyph], index: usize) -> bool {
    let from = glyphs.get(index).map_or(text.len(), |g| g.at as usize);
    let clause: &str = text.get(from..).unwrap_or_default();
    let short: usize = clause.char_indices().nth(12).map_or(clause.len(), |(at, _)| at);
    let clause = clause.get(..short).unwrap_or_default().split(['，', '。', '：', ',']).next().unwrap_or_default();
    clause.contains(['说', '說', '道', '问', '問', '喊', '表', '指', '称', '稱', '叹', '嘆', '答'])
}

/// Whether the full stop at `index` ends a sentence; the run of marks behind it ends before `end`.
fn full_stop(text: &str, glyphs: &[Glyph], index: usize, end: usize) -> bool {
    let mut look = end;
    while glyphs.get(look).is_some_and(|g| g.c.is_whitespace()) {
        look += 1;
    }
    let Some(next) = glyphs.get(look) else { return true };
    let before = index.checked_sub(1).and_then(|i| glyphs.get(i)).map_or(' ', |g| g.c);
    if look == end || is_han(before) {
        // `10.5`, `丽贝卡.格洛弗`, `Sina.com`
        return false;
    }
    if next.c.is_lowercase() {
        return false;
    }
    let at = glyphs[index].at as usize;
    let word = text.get(..at).unwrap_or_default();
    let word = word.rsplit(|c: char| c.is_whitespace() || "(\"“'".contains(c)).next().unwrap_or_default();
    if word.len() > 12 {
        return true;
    }
    let lower = word.to_ascii_lowercase();
    if word.chars().count() == 1 && word.chars().all(char::is_uppercase) {
        return false;
    }
    !ABBREVIATIONS.contains(&lower.as_str()) || (MAY_END.contains(&lower.as_str()) && next.c.is_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sentences are told apart by `|`.
    fn check(marked: &str) {
        let text = marked.replace('|', "");
        let told: Vec<&str> = split(&text).iter().map(|s| s.of(&text)).collect();
        assert_eq!(told.join("|"), marked);
    }

    #[test]
    fn marks_end_sentences() {
        check("会议强调，要坚定信心。|会议指出，要鼓足干劲！|怎么办？|干。");
        check("这是什么？！|不知道。");
        check("没有标点的一行");
        check("他来了……|大家都笑了。");
    }

    #[test]
    fn quotes_keep_together() {
        check("他说：“走吧。我们回家。”|大家散了。");
        check("“这是第一次！”陈老说，“以前没有。”|他笑了。");
        check("「會多給一點也是正常的吧！」我笑道。|「會的。」|他說。");
        check("一篇《罗一笑，你给我站住！》的文章刷屏。|第二天，反转了。");
        check("“好。”的声音。");
        check("（警方安排？），未能說明。|後來。");
    }

    #[test]
    fn an_open_quote_is_dropped() {
        let long = format!("他说：“{}。|第二句。|第三句。", "长".repeat(210));
        check(&long);
        check("他说：“走吧。|没有结束。|后来。");
    }

    #[test]
    fn english() {
        check("Mr. Smith paid $3.5m. |It rose 2.5% in the U.S. last year. |\"So be it.\" |He left.");
        check("S&P said so... but this is one. |Two!");
        check("He met J. Smith on Jan. 5 in St. Louis. |Then he left.");
    }

    #[test]
    fn numbers_and_names_stay_whole() {
        check("报价16.64元，涨幅-10.01%。|成交12570手。");
        check("新浪网（Sina.com）公布。|结束.");
    }
}
