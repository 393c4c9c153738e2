//! English dates.

use crate::enrich::dates::expr::Expr;

/// The expression at a place that begins with a letter or digit.
pub fn expression<'a>(_text: &[char], _place: usize) -> Option<(usize, Expr<'a>)> {
    None
}
