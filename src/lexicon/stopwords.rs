//! Words that are no keyword, and what users want articles to be filed under.

use std::collections::HashSet;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::lexicon::table::{Reader, TableError};

/// The table `stopwords.tsv`.
#[derive(Debug)]
pub struct Stopwords(HashSet<String>);

impl Stopwords {
    /// Reads the table.
    ///
    /// # Errors
    /// An unreadable file.
    pub fn load(tables: &mut Reader<'_>) -> Result<Stopwords, TableError> {
        let table = tables.read("stopwords.tsv", include_str!("../../config/lexicon/stopwords.tsv"))?;
        Ok(Stopwords(table.rows.iter().map(|row| row.cell(0).to_owned()).collect()))
    }

    /// Whether `word` is one; Latin letters count in lower case.
    pub fn has(&self, word: &str) -> bool {
        self.0.contains(word)
            || word.starts_with(|c: char| c.is_ascii_alphabetic()) && self.0.contains(&word.to_ascii_lowercase())
    }
}

/// The users' table `subjects.tsv`: subject and word, one pair a line. None is built in.
#[derive(Debug)]
pub struct Subjects {
    finder: Option<AhoCorasick>,
    /// Subject of each word, as a number.
    of: Vec<usize>,
    pub names: Vec<String>,
}

impl Subjects {
    /// Reads the users' tables.
    ///
    /// # Errors
    /// An unreadable file, or an empty word.
    pub fn load(tables: &mut Reader<'_>) -> Result<Subjects, TableError> {
        let table = tables.read("subjects.tsv", "subject\tword\n")?;
        let (mut words, mut of, mut names) = (Vec::new(), Vec::new(), Vec::<String>::new());
        for row in &table.rows {
            if row.cell(0).is_empty() || row.cell(1).is_empty() {
                return Err(row.wrong("a subject and a word are wanted"));
            }
            let number = names.iter().position(|n| n == row.cell(0)).unwrap_or_else(|| {
                names.push(row.cell(0).to_owned());
                names.len() - 1
            });
            words.push(row.cell(1).to_owned());
            of.push(number);
        }
        let finder = (!words.is_empty()).then(|| {
            let builder = &mut AhoCorasick::builder();
            builder.match_kind(MatchKind::LeftmostLongest).ascii_case_insensitive(true);
            builder.build(&words).expect("the users' words fit the automaton")
        });
        Ok(Subjects { finder, of, names })
    }

    /// Numbers of the subjects whose words stand in `text`, once a match. Latin words match whole words only.
    pub fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = usize> + 'a {
        let whole = |start: usize, end: usize| {
            let inside = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
            let (before, word, after) = (text.get(..start), text.get(start..end), text.get(end..));
            let first = word.and_then(|w| w.chars().next());
            let last = word.and_then(|w| w.chars().next_back());
            !(inside(first) && inside(before.and_then(|b| b.chars().next_back()))
                || inside(last) && inside(after.and_then(|a| a.chars().next())))
        };
        self.finder
            .iter()
            .flat_map(move |finder| finder.find_iter(text))
            .filter(move |m| whole(m.start(), m.end()))
            .map(|m| self.of[m.pattern().as_usize()])
    }
}
