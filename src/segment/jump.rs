//! Where an article goes on, and where it comes from: `下转第3版`, `上接A1版`.

use crate::record::article::Jump;
use crate::segment::scan::{Scan, is_digit};

const TO: &[&str] = &["下转", "下轉", "转至", "轉至", "续见", "續見", "紧转", "轉"];
const FROM: &[&str] = &["上接", "紧接", "緊接", "接第", "承接"];

/// Adds the pages that `text` names to `jump`.
pub fn find(text: &str, jump: &mut Jump) {
    for (at, c) in text.char_indices() {
        if !matches!(c, '下' | '上' | '转' | '轉' | '紧' | '緊' | '接' | '续' | '續' | '承') {
            continue;
        }
        let mut scan = Scan::from(text, at);
        let to = if scan.eat_any(TO).is_some() {
            true
        } else if scan.eat_any(FROM).is_some() {
            false
        } else {
            continue;
        };
        let bare = text.get(at..scan.at()) == Some("轉");
        if let Some(page) = page(text, &mut scan, bare) {
            let side = if to { &mut jump.to_page } else { &mut jump.from_page };
            if side.is_empty() {
                *side = page;
            }
        }
    }
}

/// `第3版`, `A12版`, `第三版`, `A3`.
fn page(text: &str, scan: &mut Scan<'_>, lettered: bool) -> Option<String> {
    scan.eat("第");
    scan.blanks();
    let span = scan.take(5, |c| c.is_ascii_uppercase() || is_digit(c) || "一二三四五六七八九十".contains(c));
    let page = span.of(text);
    let letter = page.starts_with(|c: char| c.is_ascii_uppercase());
    let digits = page.chars().any(|c| is_digit(c) || !c.is_ascii());
    scan.blanks();
    let named = scan.eat("版") || scan.eat("頁") || scan.eat("页");
    (digits && ((named && !lettered) || letter)).then(|| page.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, to: &str, from: &str) {
        let mut jump = Jump::default();
        find(text, &mut jump);
        assert_eq!((jump.to_page.as_str(), jump.from_page.as_str()), (to, from), "{text}");
    }

    #[test]
    fn pages_are_named() {
        check("推动高质量发展。（下转第3版）", "3", "");
        check("（上接A1版）各地各部门", "", "A1");
        check("▶下转03版", "03", "");
        check("緊接第一版", "", "一");
        check("明日大嶼（轉A3）", "A3", "");
    }

    #[test]
    fn other_turns_are_no_jump() {
        check("上接天线下转轮", "", "");
        check("下转3个百分点", "", "");
        check("股价由跌轉3升", "", "");
    }
}
