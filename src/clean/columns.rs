//! How wide the column is in which each line stands.

use crate::clean::glyphs::Line;
use crate::clean::look::Facts;

/// Wider lines are no columns: their text is not hard-wrapped.
const WIDEST: u32 = 160;
/// Narrower lines are no columns either.
const NARROWEST: u32 = 12;
const FREE: usize = 0;

/// What a line costs that stands in no column: less when it ends a sentence, as whole paragraphs do.
const FREE_STOP_COST: f32 = 1.2;
const FREE_OPEN_COST: f32 = 1.8;
/// What a tiny line costs at most in a column: extraction breaks lines around Latin words and numbers.
const SCRAP_COST: f32 = 1.2;

/// The column width at each line, in half-width cells; 0 where lines are not cut to a width.
///
/// One path through all lines: keeping to a width costs little for full lines and much for lines that stand out of it,
/// and changing the width costs something too, so a column needs several lines to show itself.
///
/// Lines that end a sentence may end short, and a credit behind them may hang out of the column.
pub fn widths(lines: &[Facts], cjk: bool) -> Vec<u16> {
    let candidates = candidates(lines);
    if candidates.len() == 1 || lines.is_empty() {
        return vec![0; lines.len()];
    }
    let count = candidates.len();
    let mut cost: Vec<f32> = vec![0.0; count];
    // For each line and width: whether the path came from the cheapest other width (its index) or stayed.
    let mut came: Vec<u8> = Vec::with_capacity(lines.len() * count);
    let mut stopped = true;
    for (index, fact) in lines.iter().enumerate() {
        let line = &fact.line;
        let best = argmin(&cost);
        let floor = cost.get(best).copied().unwrap_or_default();
        let switch = match (line.blank_before > 0 || line.page_break, stopped) {
            (true, true) => 2.5,
            (true, false) => 3.5,
            (false, true) => 4.0,
            (false, false) => 6.0,
        };
        stopped = fact.stop;
        let last = index + 1 == lines.len();
        for (slot, (width, cost)) in candidates.iter().zip(&mut cost).enumerate() {
            let stay = *cost - floor;
            let from = if stay > switch { best } else { slot };
            let mut here = line_cost(line, line.reach(), *width, cjk, fact.stop || last);
            if fact.credit > 0 {
                here = here.min(line_cost(line, line.reach().saturating_sub(fact.credit), *width, cjk, true));
            }
            *cost = stay.min(switch) + here;
            came.push(u8::try_from(from).expect("there are fewer candidates"));
        }
    }
    let mut state = argmin(&cost);
    let mut out = vec![0; lines.len()];
    for (index, width) in out.iter_mut().enumerate().rev() {
        *width = candidates.get(state).copied().unwrap_or_default();
        state = came.get(index * count + state).map_or(FREE, |from| usize::from(*from));
    }
    fill(lines, &mut out);
    out
}

/// A headline wider than its column stands in none; a few such lines count for the column that follows.
fn fill(lines: &[Facts], widths: &mut [u16]) {
    const FEW: usize = 4;
    let mut start = 0;
    while start < widths.len() {
        let end = start + widths.iter().skip(start).take_while(|w| **w == 0).count();
        let wide = lines.iter().take(end).skip(start).any(|l| l.line.reach() > WIDEST);
        let neighbour = widths.get(end).or_else(|| start.checked_sub(1).and_then(|i| widths.get(i))).copied();
        if let Some(width) = neighbour
            && end - start <= FEW
            && !wide
        {
            widths.iter_mut().take(end).skip(start).for_each(|w| *w = width);
        }
        start = end.max(start + 1);
    }
}

fn argmin(cost: &[f32]) -> usize {
    let mut best = 0;
    for (index, value) in cost.iter().enumerate() {
        if *value < cost.get(best).copied().unwrap_or_default() {
            best = index;
        }
    }
    best
}

/// 0, and every width that at least two lines reach, the commonest up to a bound.
fn candidates(lines: &[Facts]) -> Vec<u16> {
    let mut counts = vec![0_u32; WIDEST as usize + 1];
    for line in lines.iter().map(|f| &f.line) {
        if (NARROWEST..=WIDEST).contains(&line.reach())
            && let Some(count) = counts.get_mut(line.reach() as usize)
        {
            *count += 1;
        }
    }
    let mut widths: Vec<(u32, u16)> =
        (0_u16..).zip(&counts).filter(|(_, count)| **count >= 2).map(|(width, count)| (*count, width)).collect();
    widths.sort_by_key(|(count, width)| (std::cmp::Reverse(*count), *width));
    widths.truncate(32);
    let mut out = vec![0];
    out.extend(widths.into_iter().map(|(_, width)| width));
    out
}

fn line_cost(line: &Line, reach: u32, width: u16, cjk: bool, stop: bool) -> f32 {
    if width == 0 {
        return if reach > WIDEST {
            0.0
        } else if stop {
            FREE_STOP_COST
        } else {
            FREE_OPEN_COST
        };
    }
    let missing = i32::from(width) - i32::try_from(reach).unwrap_or(i32::MAX / 2);
    if reach > WIDEST {
        return 8.0;
    }
    if reach <= 6 {
        return SCRAP_COST;
    }
    if cjk {
        // Squeezed marks let a line hold more than its cells.
        let over = -missing;
        if over > 0 && over <= line.squeeze.min(6).cast_signed() {
            return if over <= 2 { 0.3 } else { 0.6 };
        }
        match missing {
            ..-4 => 4.0,
            -4..-2 => 3.0,
            -2..0 => 0.5,
            0 => 0.0,
            1..=2 => 0.4,
            3..=4 => 0.8,
            5..=6 if stop => 1.2,
            _ if stop => 1.3,
            5..=8 => 2.0,
            _ => 2.2,
        }
    } else {
        match missing {
            ..-2 => 4.0,
            -2..0 => 1.5,
            0..=2 => 0.0,
            3..=8 => 0.3,
            9..=14 => 0.9,
            _ if stop => 1.3,
            _ => 2.0,
        }
    }
}

/// How many lines a column has, from blank lines that fall in mid-sentence; 0 while unknown.
///
/// `open` holds, for every such blank line, the index of the line after it.
pub fn height(open: &[usize]) -> u16 {
    let mut counts: std::collections::BTreeMap<usize, u32> = std::collections::BTreeMap::new();
    for pair in open.windows(2) {
        if let [a, b] = pair
            && (4..=120).contains(&(b - a))
        {
            *counts.entry(b - a).or_default() += 1;
        }
    }
    let best = counts.iter().max_by_key(|(height, count)| (**count, std::cmp::Reverse(**height)));
    best.filter(|(_, count)| **count >= 2).and_then(|(height, _)| u16::try_from(*height).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::evidence::Kept;
    use crate::clean::glyphs;
    use crate::lexicon::furniture::FurnitureWords;

    fn check(text: &str, expected: &[u16]) {
        let sheet = glyphs::read(text);
        let words = FurnitureWords::default();
        let look = |line: &Line| Facts::of(&sheet, &Kept { line: *line, after_furniture: false }, &words);
        let facts: Vec<Facts> = sheet.lines.iter().map(look).collect();
        assert_eq!(widths(&facts, sheet.cjk), expected, "{text}");
    }

    #[test]
    fn a_column_shows_itself_by_its_full_lines() {
        check("甲乙丙丁戊己庚\n甲乙丙丁戊己庚辛\n甲乙丙丁戊己庚辛\n甲乙丙\n", &[16; 4]);
    }

    #[test]
    fn long_lines_stand_in_no_column() {
        let long = "市委常委会召开会议传达学习全会精神。".repeat(12);
        check(&format!("标题在这里\n{long}\n{long}{long}\n"), &[0; 3]);
    }

    #[test]
    fn an_article_keeps_its_own_width() {
        let narrow = "甲乙丙丁戊己庚辛\n".repeat(5);
        let wide = "甲乙丙丁戊己庚辛壬癸子丑\n".repeat(5);
        check(&format!("{narrow}\n{wide}"), &[[16; 5], [24; 5]].concat());
    }
}
