//! Whether the columns of the page stand side by side in every line.

use crate::clean::glyphs::Sheet;

/// Blanks between two columns are at least this wide.
const GUTTER: u32 = 4;

/// Whether many lines have a wide gap, and the text after the gap begins at the same cell in most of them.
pub fn is_interleaved(sheet: &Sheet) -> bool {
    let gaps: Vec<u32> = sheet
        .lines
        .iter()
        .filter(|l| l.gap >= GUTTER && l.gap_end > l.indent + l.gap + 3 && l.reach() > l.gap_end + 3)
        .map(|l| l.gap_end)
        .collect();
    if gaps.len() < 6 || gaps.len() * 10 < sheet.lines.len() * 3 {
        return false;
    }
    let mut sorted = gaps;
    sorted.sort_unstable();
    let middle = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
    sorted.iter().filter(|g| g.abs_diff(middle) <= 8).count() * 2 > sorted.len()
}
