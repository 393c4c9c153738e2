//! Quality signals; never a filter.

use std::collections::HashMap;

use crate::enrich::View;
use crate::record::mention::Quality;

/// Measures the article.
pub fn find(view: &View<'_>) -> Quality {
    let (mut all, mut han, mut replaced) = (0_u32, 0_u32, 0_u32);
    for c in view.text.chars() {
        all += 1;
        match c {
            '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{3ffff}' => han += 1,
            '\u{fffd}' => replaced += 1,
            _ => {}
        }
    }
    Quality { han: share(han, all), replaced, repeated_lines: share(repeated(view.text), all) }
}

/// Characters in lines that stand in the article before.
fn repeated(text: &str) -> u32 {
    let mut seen: HashMap<&str, ()> = HashMap::new();
    let mut sum = 0;
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        if seen.insert(line, ()).is_some() {
            sum += u32::try_from(line.chars().count()).unwrap_or(u32::MAX);
        }
    }
    sum
}

/// A share with four decimals, so that every machine writes the same.
fn share(part: u32, all: u32) -> f64 {
    if all == 0 { 0.0 } else { (f64::from(part) / f64::from(all) * 1e4).round() / 1e4 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrich::testing;

    fn check(text: &str, han: f64, replaced: u32, repeated_lines: f64) {
        testing::with_names(text, |view, _| {
            assert_eq!(find(view), Quality { han, replaced, repeated_lines }, "{text}");
        });
    }

    #[test]
    fn shares_count_characters() {
        check("市委abc，", 0.3333, 0, 0.0);
        check("市\u{fffd}", 0.5, 1, 0.0);
        check("甲乙\n甲乙\n丙丁", 0.75, 0, 0.25);
        check("", 0.0, 0, 0.0);
    }
}
