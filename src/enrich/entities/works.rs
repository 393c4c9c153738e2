//! What stands in 《》: documents, laws, books, newspapers.

use crate::enrich::entities::Found;
use crate::enrich::entities::page::Page;
use crate::record::span::Span;

const LAWS: &[&str] =
    &["法", "法典", "宪法", "条例", "办法", "规定", "实施细则", "细则", "章程", "公约", "条约", "法案", "议定书"];
/// A title longer than this lost its closing mark.
const LONGEST: usize = 120 * 3;

/// Marks the text inside each outermost pair of 《》.
pub fn find(page: &Page<'_>) -> Vec<Found> {
    let text = page.simple.as_ref();
    let mut found = Vec::new();
    let mut open: Option<usize> = None;
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '《' => {
                if depth == 0 {
                    open = Some(at + c.len_utf8());
                }
                depth += 1;
            }
            '》' if depth > 0 => {
                depth -= 1;
                if let Some(start) = open.filter(|start| depth == 0 && *start < at) {
                    found.push(mark(page, Span::at(start, at)));
                }
            }
            '\n' => depth = 0,
            _ if depth > 0 && open.is_some_and(|start| at > start + LONGEST) => depth = 0,
            _ => {}
        }
    }
    found
}

fn mark(page: &Page<'_>, span: Span) -> Found {
    let inside = page.text(span);
    let bare = inside.split(['（', '(']).next().unwrap_or(inside);
    let law = LAWS.iter().any(|end| bare.ends_with(end)) && !inside.starts_with("关于");
    let first = page.words.partition_point(|w| w.span.start < span.start);
    let end = page.words.partition_point(|w| w.span.start < span.end);
    Found { span, label: if law { "LAW" } else { "WORK_OF_ART" }, words: (first, end), score: 900 }
}
