//! What the lines around a line say: marks that stay open, blank lines at column ends, lost indents.

use crate::clean::columns;
use crate::clean::features::Start;
use crate::clean::look::{Facts, Marks};

/// Whether each line ends inside quotation marks or brackets.
pub struct Inside {
    quotes: Vec<(bool, bool)>,
    brackets: Vec<bool>,
}

impl Inside {
    const QUOTE_REACH: u32 = 260;
    const BRACKET_REACH: u32 = 60;

    pub fn of(facts: &[Facts]) -> Inside {
        let quotes = sweep(facts, |f| f.quotes, Self::QUOTE_REACH);
        let brackets = sweep(facts, |f| f.brackets, Self::BRACKET_REACH);
        Inside {
            quotes: quotes
                .iter()
                .map(|(open, closes)| (*open && *closes == Some(true), *open && *closes != Some(true)))
                .collect(),
            brackets: brackets.iter().map(|(open, closes)| *open && *closes == Some(true)).collect(),
        }
    }

    pub fn at(&self, index: usize) -> (bool, bool, bool) {
        let (inside, dangling) = self.quotes.get(index).copied().unwrap_or_default();
        (inside, dangling, self.brackets.get(index).copied().unwrap_or_default())
    }
}

/// For each line's end: whether the mark before it opens, and whether the mark after it closes.
fn sweep(facts: &[Facts], marks: impl Fn(&Facts) -> Marks, reach: u32) -> Vec<(bool, Option<bool>)> {
    let mut out = vec![(false, None); facts.len()];
    let mut open: Option<u32> = None;
    for (fact, slot) in facts.iter().zip(&mut out) {
        let marks = marks(fact);
        open = match marks.last {
            Some((true, distance)) => Some(distance),
            Some((false, _)) => None,
            None => open.map(|distance| distance + marks.chars),
        };
        slot.0 = open.is_some_and(|distance| distance <= reach);
    }
    let mut next: Option<(bool, u32)> = None;
    for (fact, slot) in facts.iter().zip(&mut out).rev() {
        slot.1 = next.filter(|(_, distance)| *distance <= reach).map(|(opens, _)| !opens);
        let marks = marks(fact);
        next = match marks.first {
            Some(first) => Some(first),
            None => next.map(|(opens, distance)| (opens, distance + marks.chars)),
        };
    }
    out
}

/// Blank lines that fall after every Nth line, because the columns of a page are equally high.
pub struct Grid {
    on: Vec<Option<bool>>,
}

impl Grid {
    pub fn of(facts: &[Facts]) -> Grid {
        let mut on = vec![None; facts.len()];
        let mut start = 0;
        while let Some(first) = facts.get(start) {
            let end = start + facts.iter().skip(start).take_while(|f| f.column == first.column).count();
            let blanks: Vec<usize> =
                (start + 1..end).filter(|i| facts.get(*i).is_some_and(|f| f.blank() > 0)).collect();
            let open: Vec<usize> = blanks
                .iter()
                .copied()
                .filter(|i| {
                    facts.get(i - 1).is_some_and(|f| !f.stop && f.missing() < 6)
                        && facts.get(*i).is_some_and(|f| !matches!(f.start, Start::Quote | Start::Digit))
                })
                .collect();
            let openers: Vec<usize> = (start..end).filter(|i| facts.get(*i).is_some_and(|f| f.opens)).collect();
            let height = usize::from(columns::height(&open));
            for blank in &blanks {
                let anchored = anchored(&openers, &open, *blank);
                let neighbour = |at: Option<usize>| at.is_some_and(|at| open.binary_search(&at).is_ok());
                let apart =
                    (height > 0).then(|| neighbour(blank.checked_sub(height)) || neighbour(Some(blank + height)));
                if let Some(slot) = on.get_mut(*blank) {
                    *slot = anchored.or(apart);
                }
            }
            start = end.max(start + 1);
        }
        Grid { on }
    }

    /// Whether the blank line before a line falls where a column ends; `None` while columns have no known height.
    pub fn on(&self, line: usize) -> Option<bool> {
        self.on.get(line).copied().flatten()
    }
}

/// Whether a blank line falls on the grid that the sure column ends of its article make, counted from the line that opens
/// the article; `None` without an opening line or without another column end to compare with.
fn anchored(openers: &[usize], open: &[usize], blank: usize) -> Option<bool> {
    let known = openers.partition_point(|o| *o < blank);
    let anchor = *openers.get(known.checked_sub(1)?)?;
    let end = openers.get(known).copied().unwrap_or(usize::MAX);
    let from = open.partition_point(|o| *o <= anchor);
    let mut grid = 0;
    for open in open.iter().skip(from).take(8).take_while(|o| **o < end).filter(|o| **o != blank) {
        grid = common(grid, open - anchor);
    }
    let at = blank - anchor;
    match grid {
        ..4 => None,
        _ if at.is_multiple_of(grid) => Some(true),
        // The grid may be finer than what was seen of it.
        _ if grid.is_multiple_of(at) && at >= 4 => None,
        _ => Some(false),
    }
}

/// The greatest common divisor.
fn common(mut a: usize, mut b: usize) -> usize {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Where the lines of a column begin, and whether first lines are indented there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Margin {
    pub indent: u32,
    pub used: bool,
    /// First lines are short because their indent was lost; `None` where that cannot be told.
    pub lost: Option<bool>,
}

pub struct Indents {
    margins: Vec<Margin>,
    /// Lines that certainly go on often leave room for one more character, so such room tells nothing here.
    pub ragged: bool,
}

impl Indents {
    pub fn of(facts: &[Facts]) -> Indents {
        let mut margins = Vec::with_capacity(facts.len());
        let everywhere = lost_indent(&facts.iter().collect::<Vec<_>>());
        while let Some(first) = facts.get(margins.len()) {
            let run: Vec<&Facts> = facts.iter().skip(margins.len()).take_while(|f| f.column == first.column).collect();
            let mut counts = [0_u32; 64];
            for fact in &run {
                if let Some(count) = counts.get_mut(fact.line.indent.min(63) as usize) {
                    *count += 1;
                }
            }
            let base = (0_u32..).zip(counts).max_by_key(|(indent, count)| (*count, std::cmp::Reverse(*indent)));
            let indent = base.map_or(0, |(indent, _)| indent);
            let deeper = run.iter().filter(|f| (2..=8).contains(&f.line.indent.saturating_sub(indent))).count();
            let used = deeper >= 2 || (deeper == 1 && run.len() < 12);
            let margin = Margin { indent, used, lost: lost_indent(&run).or(everywhere) };
            margins.extend(run.iter().map(|_| margin));
        }
        Indents { margins, ragged: ragged(facts) }
    }

    pub fn base(&self, line: usize) -> Margin {
        self.margins.get(line).copied().unwrap_or_default()
    }
}

/// Lines needed before a page is called ragged, and the share of them that leave room.
const RAGGED_LINES: usize = 20;
const RAGGED_SHARE: f64 = 0.12;

/// Whether the lines of the page are set to uneven widths, as real extractions of squeezed and stretched lines are.
fn ragged(facts: &[Facts]) -> bool {
    let (mut full, mut room) = (0_usize, 0_usize);
    for pair in facts.windows(2) {
        if let [this, next] = pair
            && !this.stop
            && next.blank() == 0
            && this.column > 0
            && this.column == next.column
        {
            match (this.missing(), this.missing() - i32::try_from(next.atom).unwrap_or_default()) {
                (..=3, 0..) => room += 1,
                (..=3, _) => full += 1,
                _ => {}
            }
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a page has few lines")]
    let share = room as f64 / (full + room).max(1) as f64;
    full + room >= RAGGED_LINES && share >= RAGGED_SHARE
}

/// Whether the lines behind sure paragraph ends, which are short and end a sentence, fall short by a lost indent.
fn lost_indent(run: &[&Facts]) -> Option<bool> {
    let (mut first, mut full) = (0_u32, 0_u32);
    for pair in run.windows(2) {
        if let [this, next] = pair
            && this.stop
            && this.missing() >= 8
            && next.prose
            && next.line.indent <= this.line.indent
        {
            match next.missing() {
                ..=2 => full += 1,
                3..=6 => first += 1,
                _ => {}
            }
        }
    }
    if first + full < 2 {
        return None;
    }
    if first >= full * 3 {
        Some(true)
    } else if full >= first * 3 {
        Some(false)
    } else {
        None
    }
}
