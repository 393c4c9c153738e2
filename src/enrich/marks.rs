//! Pairs of quotation marks.

use crate::record::article::Article;
use crate::record::span::Span;

/// An outermost pair of quotation marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// From the opening mark to the closing mark, both included.
    pub whole: Span,
    /// The text between the marks.
    pub inner: Span,
}

impl Pair {
    /// Whether the quoted text ends as a sentence or clause does (`“省下的就是赚下的。”`, `“Then,” he said`).
    pub fn ends_as_sentence(self, text: &str) -> bool {
        let inner = self.inner.of(text).trim_end_matches(['’', '』', '」', '”', ' ']);
        inner.ends_with(['。', '！', '？', '…', '，', '；', '!', '?', '.', ',', '—'])
    }
}

/// Marks left open at once; more is noise.
const DEPTH_MAX: usize = 6;
/// A pair that would be longer than this many bytes is two strays.
const LENGTH_MAX: u32 = 6_000;

/// The outermost pairs of every paragraph, in order.
///
/// A mark that is never closed in its paragraph opens nothing, unless the next paragraph goes on quoting with an
/// opening mark of its own: then the quotation runs to the paragraph's end. Apostrophes are no marks.
pub fn pairs(text: &str, article: &Article) -> Vec<Pair> {
    let mut found = Vec::new();
    for (nth, para) in article.paras.iter().enumerate() {
        let next = article.paras.get(nth + 1).map(|p| p.span.of(text));
        in_paragraph(para.span.of(text), para.span.start, next, &mut found);
    }
    found
}

fn in_paragraph(text: &str, base: u32, next: Option<&str>, found: &mut Vec<Pair>) {
    let from = found.len();
    let mut open: Vec<(char, u32, u32)> = Vec::new();
    let mut at = 0_u32;
    for c in text.chars() {
        let end = at + u32::from(u8::try_from(c.len_utf8()).unwrap_or(4));
        let straight = matches!(c, '"' | '＂');
        let closes = open.iter().rposition(|(o, ..)| closer(*o) == c);
        if let Some(index) = closes {
            let (_, start, inner) = open[index];
            open.truncate(index);
            let pair = Pair { whole: Span::new(start, end).plus(base), inner: Span::new(inner, at).plus(base) };
            if pair.whole.len() <= LENGTH_MAX && !pair.inner.is_empty() {
                while found.len() > from && found.last().is_some_and(|p| pair.whole.holds(p.whole)) {
                    found.pop();
                }
                found.push(pair);
            }
        } else if straight || matches!(c, '“' | '‘' | '「' | '『' | '〝') {
            if open.len() == DEPTH_MAX {
                open.remove(0);
            }
            open.push((c, at, end));
        }
        at = end;
    }
    let goes_on = |mark: char| next.is_some_and(|n| n.starts_with(mark));
    if let Some((mark, start, inner)) = open.first().copied().filter(|(mark, ..)| goes_on(*mark)) {
        let pair = Pair { whole: Span::new(start, at).plus(base), inner: Span::new(inner, at).plus(base) };
        if !pair.inner.is_empty() && pair.whole.len() <= LENGTH_MAX && mark != '"' {
            found.retain(|p| !pair.whole.holds(p.whole));
            found.push(pair);
        }
    }
}

fn closer(open: char) -> char {
    match open {
        '“' => '”',
        '‘' => '’',
        '「' => '」',
        '『' => '』',
        '〝' => '〞',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let mut found = Vec::new();
        let lines: Vec<&str> = text.split('\n').collect();
        let mut base = 0;
        for (nth, line) in lines.iter().enumerate() {
            in_paragraph(line, base, lines.get(nth + 1).copied(), &mut found);
            base += Span::at(0, line.len()).end + 1;
        }
        let inner: Vec<&str> = found.iter().map(|p| p.inner.of(text)).collect();
        assert_eq!(inner, expected, "{text}");
    }

    #[test]
    fn every_kind_of_mark() {
        check("“强富美高”新无锡", &["强富美高"]);
        check("「劣質」二字從『字典』上消失", &["劣質", "字典"]);
        check("the \"best\" and “worst” of it", &["best", "worst"]);
    }

    #[test]
    fn nested_marks_belong_to_the_outer_pair() {
        check("他说：“这是‘国家粮库’。”", &["这是‘国家粮库’。"]);
        check("他说：“这是“国家粮库”。”", &["这是“国家粮库”。"]);
    }

    #[test]
    fn a_mark_without_its_partner_opens_nothing() {
        check("“没有关上的话，后面是“术语”。", &["术语"]);
        check("多出来的”右引号", &[]);
        check("it's the company's ‘word", &[]);
    }

    #[test]
    fn a_quotation_over_paragraphs_is_closed_once() {
        check("他说：“第一段。\n“第二段。”", &["第一段。", "第二段。"]);
    }

    #[test]
    fn a_million_opening_marks_take_no_time() {
        let mut found = Vec::new();
        in_paragraph(&"“".repeat(1_000_000), 0, None, &mut found);
        assert!(found.is_empty());
    }
}
