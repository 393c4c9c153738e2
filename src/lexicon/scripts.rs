//! What a single Han character says of the script it stands in.

use crate::lexicon::table::{Reader, TableError};

const NAME: &str = "scripts.tsv";
const BUILTIN: &str = include_str!("../../config/lexicon/scripts.tsv");

const FIRST: u32 = 0x4e00;
const COUNT: usize = 0x5200;

/// Flags of a Han character; several can be set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Habit(u8);

impl Habit {
    pub const SIMPLIFIED: Habit = Habit(1);
    pub const TRADITIONAL: Habit = Habit(2);
    pub const JAPANESE: Habit = Habit(4);
    pub const CHINESE: Habit = Habit(8);

    /// Whether every flag of `other` is set.
    pub fn has(self, other: Habit) -> bool {
        self.0 & other.0 == other.0
    }
}

/// The table, ready for one look-up a character.
#[derive(Debug)]
pub struct Scripts {
    habits: Vec<u8>,
    /// Words that show Japanese without kana.
    pub japanese_words: Vec<String>,
}

impl Scripts {
    /// Reads the built-in table and the users'.
    ///
    /// # Errors
    /// A row of an unknown kind, or an unreadable file.
    pub fn load(tables: &mut Reader<'_>) -> Result<Scripts, TableError> {
        let mut scripts = Scripts { habits: vec![0; COUNT], japanese_words: Vec::new() };
        for row in &tables.read(NAME, BUILTIN)?.rows {
            let flags = match row.cell(0) {
                "simplified" => Habit::SIMPLIFIED.0,
                "simplified_japanese" => Habit::SIMPLIFIED.0 | Habit::JAPANESE.0,
                "traditional" => Habit::TRADITIONAL.0,
                "traditional_japanese" => Habit::TRADITIONAL.0 | Habit::JAPANESE.0,
                "japanese" => Habit::JAPANESE.0,
                "chinese" => Habit::CHINESE.0,
                "japanese_words" => {
                    scripts.japanese_words.extend(row.cell(1).split_whitespace().map(str::to_owned));
                    continue;
                }
                other => return Err(row.wrong(format!("`{other}` is no kind of characters"))),
            };
            for c in row.cell(1).chars() {
                if let Some(habit) = index(c).and_then(|i| scripts.habits.get_mut(i)) {
                    *habit |= flags;
                }
            }
        }
        Ok(scripts)
    }

    /// What `c` says; nothing for characters that all scripts share.
    pub fn of(&self, c: char) -> Habit {
        Habit(index(c).and_then(|i| self.habits.get(i)).copied().unwrap_or_default())
    }
}

fn index(c: char) -> Option<usize> {
    usize::try_from(u32::from(c).checked_sub(FIRST)?).ok()
}
