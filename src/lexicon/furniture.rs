//! The words that the lines around the articles of a page are made of.

use crate::lexicon::table::{Reader, TableError};

const NAME: &str = "furniture.tsv";
const BUILTIN: &str = include_str!("../../config/lexicon/furniture.tsv");

/// Words by kind; each list has its longest words first.
#[derive(Debug, Default)]
pub struct FurnitureWords {
    /// How names of papers end.
    pub paper: Vec<String>,
    /// Names of pages and sections.
    pub section: Vec<String>,
    /// Roles that are named at the foot of a page.
    pub editor: Vec<String>,
    /// How lines about the paper itself begin.
    pub imprint: Vec<String>,
    /// Words that open an article, in the order of their characters.
    pub opening: Vec<String>,
    /// English months, January first.
    pub month: Vec<String>,
    /// English days of the week.
    pub weekday: Vec<String>,
    /// English sections, in capitals.
    pub english: Vec<String>,
    /// How English names of papers end.
    pub english_paper: Vec<String>,
    /// The first two characters of every word that a furniture line begins with, sorted.
    fronts: Vec<(char, char)>,
}

impl FurnitureWords {
    /// Reads the built-in table and the users'.
    ///
    /// # Errors
    /// A row of an unknown kind, or an unreadable file.
    pub fn load(tables: &mut Reader<'_>) -> Result<FurnitureWords, TableError> {
        let mut words = FurnitureWords::default();
        for row in &tables.read(NAME, BUILTIN)?.rows {
            let list = match row.cell(0) {
                "paper" => &mut words.paper,
                "section" => &mut words.section,
                "editor" => &mut words.editor,
                "imprint" => &mut words.imprint,
                "opening" => &mut words.opening,
                "month" => &mut words.month,
                "weekday" => &mut words.weekday,
                "english" => &mut words.english,
                "english_paper" => &mut words.english_paper,
                other => return Err(row.wrong(format!("`{other}` is no kind of words"))),
            };
            list.extend(row.cell(1).split_whitespace().map(str::to_owned));
        }
        // The order of the months is their number; everywhere else the longest word is tried first.
        for list in [&mut words.paper, &mut words.section, &mut words.editor, &mut words.imprint] {
            list.sort_by_key(|w| (std::cmp::Reverse(w.len()), w.clone()));
            list.dedup();
        }
        words.opening.sort();
        let fronts = [&words.section, &words.editor, &words.imprint].into_iter().flatten().filter_map(|word| {
            let mut chars = word.chars();
            Some((chars.next()?, chars.next()?))
        });
        words.fronts = fronts.collect();
        words.fronts.sort_unstable();
        words.fronts.dedup();
        Ok(words)
    }

    /// Whether a text begins with a word that opens an article.
    pub fn opens(&self, text: &str) -> bool {
        let Some(first) = text.chars().next() else { return false };
        let front = self.opening.partition_point(|w| !w.starts_with(|c| c >= first));
        self.opening.iter().skip(front).take_while(|w| w.starts_with(first)).any(|w| text.starts_with(w.as_str()))
    }

    /// Whether a section, an editor's role or an imprint begins with these two characters.
    pub fn begins(&self, first: char, second: char) -> bool {
        self.fronts.binary_search(&(first, second)).is_ok()
    }
}
