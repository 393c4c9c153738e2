//! Which characters newspapers use most: the yardstick for a drop's encoding.

use crate::lexicon::table::{Reader, TableError};

const NAME: &str = "frequent.tsv";
const BUILTIN: &str = include_str!("../../config/lexicon/frequent.tsv");

const FIRST: u32 = 0x4e00;
const COUNT: usize = 0x5200;

/// Bands of frequency, ready for one look-up a character.
#[derive(Debug)]
pub struct Frequent {
    bands: Vec<u8>,
}

impl Frequent {
    /// Reads the built-in table and the users'.
    ///
    /// # Errors
    /// A band that is no number, or an unreadable file.
    pub fn load(tables: &mut Reader<'_>) -> Result<Frequent, TableError> {
        let mut bands = vec![0; COUNT];
        for row in &tables.read(NAME, BUILTIN)?.rows {
            let band: u8 = row.number(0)?;
            for c in row.cell(1).chars() {
                if let Some(slot) = index(c).and_then(|i| bands.get_mut(i)) {
                    *slot = band;
                }
            }
        }
        Ok(Frequent { bands })
    }

    /// 3 for the most frequent characters down to 1, and 0 for those that are rare.
    pub fn band(&self, c: char) -> u8 {
        index(c).and_then(|i| self.bands.get(i)).copied().unwrap_or_default()
    }
}

fn index(c: char) -> Option<usize> {
    usize::try_from(u32::from(c).checked_sub(FIRST)?).ok()
}
