//! The weights of the cutter, read from their table.

use std::path::Path;

use crate::lexicon::table::{Table, TableError};
use crate::segment::cut::{COUNT, NAMES, Weights};

const BUILTIN: &str = include_str!("../../config/articles.tsv");

/// The weights as shipped.
pub fn builtin() -> Weights {
    let table = Table::load("articles.tsv", BUILTIN, &[]).and_then(|t| of(&t));
    table.expect("the built-in weights are checked by a test")
}

/// The weights of a file, or the shipped ones when `path` is empty.
///
/// # Errors
/// An unreadable file, a piece of evidence that nobody knows, or a weight that is no number.
pub fn load(path: &Path) -> Result<Weights, TableError> {
    if path.as_os_str().is_empty() { Ok(builtin()) } else { of(&Table::file(path)?) }
}

/// Reads a table of weights; a piece of evidence that it does not name weighs nothing.
fn of(table: &Table) -> Result<Weights, TableError> {
    let mut weights = [0.0; COUNT];
    for row in &table.rows {
        let Some(nth) = NAMES.iter().position(|n| *n == row.cell(0)) else {
            return Err(row.wrong(format!("`{}` is no piece of evidence", row.cell(0))));
        };
        weights[nth] = row.number(1)?;
    }
    Ok(Weights(weights))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_weights_name_every_piece() {
        let named = BUILTIN.lines().filter(|l| !l.starts_with('#')).count() - 1;
        assert_eq!(named, COUNT);
        builtin();
    }

    #[test]
    fn an_unknown_piece_is_refused() {
        let table = Table::load("w.tsv", "evidence\tweight\nluck\t1\n", &[]).expect("a table");
        let error = of(&table).expect_err("unknown").to_string();
        assert_eq!(error, "w.tsv:2: `luck` is no piece of evidence");
    }
}
