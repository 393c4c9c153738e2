//! What personal names are made of: family names, given-name characters, characters that spell foreign names.

use std::collections::HashMap;

use crate::lexicon::table::{Reader, TableError};

/// Cost of a character that no name was seen with.
const RARE: i32 = 1000;
const FIRST: usize = 0x3400;

/// What one character is to names; costs are -100 x the natural logarithm of a share.
#[derive(Clone, Copy, Debug)]
pub struct Letter {
    /// As a whole family name; 0 = it is none.
    pub surname: i16,
    /// First of two given characters, last of two, the only one.
    pub first: i16,
    pub last: i16,
    pub single: i16,
    /// In a foreign name; 0 = it spells none.
    pub foreign: i16,
    /// 100 x the logarithm of the odds of a foreign name against running text.
    pub odds: i16,
}

const PLAIN: Letter = Letter { surname: 0, first: 1000, last: 1000, single: 1000, foreign: 0, odds: -300 };

/// The tables `surnames.tsv`, `given.tsv` and `translit.tsv`.
#[derive(Clone, Debug)]
pub struct Names {
    letters: Vec<Letter>,
    doubles: HashMap<String, i32>,
}

impl Names {
    /// Reads the tables.
    ///
    /// # Errors
    /// A wrong line.
    pub fn load(tables: &mut Reader<'_>) -> Result<Names, TableError> {
        let mut names = Names { letters: vec![PLAIN; 0x1_0000 - FIRST], doubles: HashMap::new() };
        let table = tables.read("surnames.tsv", include_str!("../../config/lexicon/surnames.tsv"))?;
        for row in &table.rows {
            let share: f64 = row.number(1)?;
            let cost = (-100.0 * (share.max(0.5) / 100_000.0).ln()).round() as i32;
            if row.cell(0).chars().count() == 1 {
                names.letter_mut(row.cell(0), |l| l.surname = cost as i16);
            } else {
                names.doubles.insert(row.cell(0).into(), cost);
            }
        }
        let table = tables.read("given.tsv", include_str!("../../config/lexicon/given.tsv"))?;
        for row in &table.rows {
            let (first, last, single) = (row.number(1)?, row.number(2)?, row.number(3)?);
            names.letter_mut(row.cell(0), |l| (l.first, l.last, l.single) = (first, last, single));
        }
        let table = tables.read("translit.tsv", include_str!("../../config/lexicon/translit.tsv"))?;
        for row in &table.rows {
            let (cost, odds) = (row.number(1)?, row.number(2)?);
            names.letter_mut(row.cell(0), |l| (l.foreign, l.odds) = (cost, odds));
        }
        Ok(names)
    }

    fn letter_mut(&mut self, text: &str, change: impl FnOnce(&mut Letter)) {
        let at = text.chars().next().and_then(|c| (c as usize).checked_sub(FIRST));
        if let Some(letter) = at.and_then(|at| self.letters.get_mut(at)) {
            change(letter);
        }
    }

    /// What a character is to names.
    #[inline]
    pub fn letter(&self, c: char) -> Letter {
        (c as usize).checked_sub(FIRST).and_then(|at| self.letters.get(at)).copied().unwrap_or(PLAIN)
    }

    /// Cost of a family name of one or two characters, if it is one.
    pub fn surname(&self, text: &str) -> Option<i32> {
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) => Some(i32::from(self.letter(c).surname)).filter(|cost| *cost > 0),
            (Some(_), Some(_)) => self.doubles.get(text).copied(),
            _ => None,
        }
    }

    /// Cost of a given name.
    pub fn given(&self, text: &str) -> i32 {
        let mut chars = text.chars();
        match (chars.next(), chars.next(), chars.next()) {
            (Some(a), None, _) => i32::from(self.letter(a).single) + 180,
            (Some(a), Some(b), None) => i32::from(self.letter(a).first) + i32::from(self.letter(b).last) + 20,
            _ => 3 * RARE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_family_names_and_what_follows_them() {
        let names = Names::load(&mut Reader::new(&[])).expect("the built-in tables are right");
        assert!(names.surname("王") < names.surname("杜"));
        assert!(names.surname("欧阳").is_some() && names.surname("的").is_none());
        assert!(names.given("建军") < names.given("军的"));
        assert!(names.letter('普').odds > 0);
    }
}
