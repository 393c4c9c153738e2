//! Traditional characters and their simplified forms.
//!
//! A form and its simplified form are equally long in UTF-8, so a span of the simplified text is a span of the text.

use std::borrow::Cow;

use crate::lexicon::table::{Reader, TableError};

/// The table `t2s.tsv`.
#[derive(Clone, Debug)]
pub struct Script {
    /// Indexed by character, for the basic plane; 0 = stays.
    to: Vec<u16>,
}

impl Script {
    /// Reads the table.
    ///
    /// # Errors
    /// A wrong line, or a pair that differs in length.
    pub fn load(tables: &mut Reader<'_>) -> Result<Script, TableError> {
        let table = tables.read("t2s.tsv", include_str!("../../config/lexicon/t2s.tsv"))?;
        let mut to = vec![0_u16; 0x1_0000];
        for row in &table.rows {
            let one = |column: usize| {
                let mut chars = row.cell(column).chars();
                chars.next().filter(|_| chars.next().is_none())
            };
            let pair = one(0).zip(one(1)).filter(|(a, b)| a.len_utf8() == b.len_utf8());
            let pair = pair.and_then(|(a, b)| Some((to.get_mut(a as usize)?, u16::try_from(u32::from(b)).ok()?)));
            match pair {
                Some((slot, b)) => *slot = b,
                None => return Err(row.wrong("two single characters of equal length in UTF-8 are wanted")),
            }
        }
        Ok(Script { to })
    }

    /// The simplified form of a character.
    #[inline]
    pub fn simple(&self, c: char) -> char {
        match self.to.get(c as usize) {
            Some(&to) if to > 0 => char::from_u32(u32::from(to)).unwrap_or(c),
            _ => c,
        }
    }

    /// The simplified form of a text, byte for byte in the same places.
    pub fn simplify<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match text.char_indices().find(|(_, c)| self.simple(*c) != *c) {
            None => Cow::Borrowed(text),
            Some((at, _)) => {
                let mut out = String::with_capacity(text.len());
                out.push_str(text.get(..at).unwrap_or_default());
                out.extend(text.get(at..).unwrap_or_default().chars().map(|c| self.simple(c)));
                Cow::Owned(out)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_every_place() {
        let script = Script::load(&mut Reader::new(&[])).expect("the built-in table is right");
        let text = "立法會議員盧溝曉";
        let simple = script.simplify(text);
        assert_eq!((simple.as_ref(), simple.len()), ("立法会议员卢沟晓", text.len()));
        assert!(matches!(script.simplify("著名学者"), Cow::Borrowed(_)));
    }
}
