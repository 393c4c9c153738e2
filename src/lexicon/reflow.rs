//! The fitted weights of reflow, by the names that CLEAN gives its evidence.

use crate::lexicon::table::{Reader, TableError};
use std::collections::BTreeMap;

const NAME: &str = "reflow.tsv";
const BUILTIN: &str = include_str!("../../config/lexicon/reflow.tsv");

/// Weights by name; a name that is missing weighs nothing.
#[derive(Clone, Debug, Default)]
pub struct ReflowWeights {
    pub by_name: BTreeMap<String, f64>,
}

impl ReflowWeights {
    /// Reads the built-in table and the users'.
    ///
    /// # Errors
    /// A weight that is no number, or an unreadable file.
    pub fn load(tables: &mut Reader<'_>) -> Result<ReflowWeights, TableError> {
        let mut by_name = BTreeMap::new();
        for row in &tables.read(NAME, BUILTIN)?.rows {
            by_name.insert(row.cell(0).to_owned(), row.number(1)?);
        }
        Ok(ReflowWeights { by_name })
    }
}
