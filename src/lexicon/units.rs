//! Units, counters and money: what may stand behind or before a number.

use crate::lexicon::lookup::Lookup;
use crate::lexicon::table::{Reader, TableError};

/// What a unit says of a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// As written in the record.
    pub name: String,
    /// `money length area mass volume … count`.
    pub kind: &'static str,
}

/// The tables `units.tsv` and `money_signs.tsv`.
#[derive(Debug)]
pub struct Units {
    pub after: Lookup<Unit>,
    /// Words and signs before an amount, with the money they mean.
    pub before: Lookup<String>,
    /// Fixed expressions that count nothing (一带一路, 三星).
    pub fixed: Lookup<()>,
}

const KINDS: &[&str] = &[
    "money",
    "length",
    "area",
    "mass",
    "volume",
    "energy",
    "power",
    "electric",
    "temperature",
    "degree",
    "pressure",
    "speed",
    "concentration",
    "data",
    "frequency",
    "age",
    "percent",
    "multiple",
    "duration",
    "count",
    "points",
    "tenths",
    "discount",
    "rate",
];

impl Units {
    /// Reads the built-in tables and the users'.
    ///
    /// # Errors
    /// A unit of an unknown kind, or an unreadable file.
    pub fn load(tables: &mut Reader<'_>) -> Result<Units, TableError> {
        let mut after = Vec::new();
        for row in &tables.read("units.tsv", include_str!("../../config/lexicon/units.tsv"))?.rows {
            let kind = KINDS.iter().find(|k| **k == row.cell(2)).ok_or_else(|| {
                row.wrong(format!("`{}` is no kind of unit; the kinds are {}", row.cell(2), KINDS.join(", ")))
            })?;
            after.push((row.cell(0).to_owned(), Unit { name: row.cell(1).to_owned(), kind }));
        }
        let signs = tables.read("money_signs.tsv", include_str!("../../config/lexicon/money_signs.tsv"))?;
        let before = signs.rows.iter().map(|row| (row.cell(0).to_owned(), row.cell(1).to_owned()));
        let fixed = tables.read("fixed_numbers.tsv", include_str!("../../config/lexicon/fixed_numbers.tsv"))?;
        let fixed = fixed.rows.iter().map(|row| (row.cell(0).to_owned(), ()));
        Ok(Units { after: Lookup::new(after), before: Lookup::new(before), fixed: Lookup::new(fixed) })
    }
}
