//! The weights of the cutter, read from their table.

use crate::lexicon::table::{Table, TableError};
use crate::segment::cut::{COUNT, NAMES, Weights};

const BUILTIN: &str = include_str!("../../config/articles.tsv");

/// The weights as shipped.
pub fn builtin() -> Weights {
    read("articles.tsv", BUILTIN).expect("the built-in weights are checked by a test")
}

/// Reads a table of weights; a piece of evidence that it does not name weighs nothing.
///
/// # Errors
/// A piece that nobody knows, or a weight that is no number.
pub fn read(name: &str, text: &str) -> Result<Weights, TableError> {
    let table = Table::load(name, text, &[])?;
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
        let error = read("w.tsv", "evidence\tweight\nluck\t1\n").expect_err("unknown").to_string();
        assert_eq!(error, "w.tsv:2: `luck` is no piece of evidence");
    }
}
