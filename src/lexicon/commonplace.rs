//! Pairs of characters that any report may use, whatever it speaks of.

use crate::lexicon::table::{Reader, TableError};

const NAME: &str = "common_pairs.tsv";
const BUILTIN: &str = include_str!("../../config/lexicon/common_pairs.tsv");

/// Bits of the filter; a power of two. With 2,500 pairs two of a hundred others are taken for common.
const BITS: usize = 1 << 17;

/// The set of common pairs.
#[derive(Debug)]
pub struct Commonplace {
    bits: Vec<u64>,
}

impl Commonplace {
    /// Reads the built-in table and the users'.
    ///
    /// # Errors
    /// A word that has not two characters, or an unreadable file.
    pub fn load(tables: &mut Reader<'_>) -> Result<Commonplace, TableError> {
        let mut common = Commonplace { bits: vec![0; BITS / 64] };
        for row in &tables.read(NAME, BUILTIN)?.rows {
            let mut chars = row.cell(0).chars();
            let (Some(a), Some(b), None) = (chars.next(), chars.next(), chars.next()) else {
                return Err(row.wrong(format!("`{}` has not two characters", row.cell(0))));
            };
            let bit = pair(a, b) as usize & (BITS - 1);
            common.bits[bit / 64] |= 1 << (bit % 64);
        }
        Ok(common)
    }

    /// Whether the pair with this number is common.
    pub fn has(&self, pair: u32) -> bool {
        let bit = pair as usize & (BITS - 1);
        self.bits[bit / 64] >> (bit % 64) & 1 == 1
    }
}

/// The number of a pair of characters, never 0.
pub fn pair(a: char, b: char) -> u32 {
    mix(a as u32, b as u32)
}

/// Adds `b` to the number `a`; the same on every machine.
pub fn mix(a: u32, b: u32) -> u32 {
    let mut x = (a ^ b.wrapping_mul(0x9e37_79b1)).wrapping_mul(0x85eb_ca6b);
    x ^= x >> 15;
    x.wrapping_mul(0x2c1b_3c6d) | 1
}
