//! Words of the newspaper trade: agencies, modes of a dateline, roles in a credit.

use std::collections::HashMap;

use crate::lexicon::table::{Reader, TableError};

const NAME: &str = "press.tsv";
const BUILTIN: &str = include_str!("../../config/lexicon/press.tsv");

/// What `press.tsv` says.
#[derive(Debug, Default)]
pub struct Press {
    pub own: Vec<String>,
    pub agencies: Vec<String>,
    pub suffixes: Vec<String>,
    pub modes: Vec<String>,
    pub relays: Vec<String>,
    /// Word and role.
    pub roles: Vec<(String, String)>,
    pub closings: Vec<String>,
    /// Openings of first paragraphs.
    pub leads: Vec<String>,
    /// What first sentences tell of.
    pub events: Vec<String>,
    /// Openings of paragraphs that refer to the ones before.
    pub goes_on: Vec<String>,
    first: HashMap<char, u8>,
}

impl Press {
    /// Reads the built-in table and the users'.
    ///
    /// # Errors
    /// A kind that nobody knows, an empty word, or an unreadable file.
    pub fn load(tables: &mut Reader<'_>) -> Result<Press, TableError> {
        let mut press = Press::default();
        for row in &tables.read(NAME, BUILTIN)?.rows {
            let word = row.cell(0).to_owned();
            let Some(first) = word.chars().next() else { return Err(row.wrong("the word is empty")) };
            let kind = row.cell(1);
            let opens = match kind {
                "own" | "agency" | "relay" => 1,
                k if k.starts_with("role:") => 2,
                _ => 0,
            };
            *press.first.entry(first).or_default() |= opens;
            match kind {
                "own" => press.own.push(word),
                "agency" => press.agencies.push(word),
                "suffix" => press.suffixes.push(word),
                "mode" => press.modes.push(word),
                "relay" => press.relays.push(word),
                "closing" => press.closings.push(word),
                "lead" => press.leads.push(word),
                "event" => press.events.push(word),
                "goes_on" => press.goes_on.push(word),
                _ => match kind.strip_prefix("role:") {
                    Some(role) => press.roles.push((word, role.to_owned())),
                    None => return Err(row.wrong(format!("`{kind}` is no kind; see the head of the built-in table"))),
                },
            }
        }
        // The longest word wins wherever one is looked for.
        for words in [
            &mut press.own,
            &mut press.agencies,
            &mut press.suffixes,
            &mut press.modes,
            &mut press.relays,
            &mut press.closings,
            &mut press.leads,
            &mut press.goes_on,
        ] {
            words.sort_by_key(|w| std::cmp::Reverse(w.len()));
        }
        press.roles.sort_by_key(|(w, _)| std::cmp::Reverse(w.len()));
        Ok(press)
    }

    /// The longest agency, or the paper itself, that `text` opens with.
    pub fn agency_at(&self, text: &str) -> Option<&str> {
        let known = self.first.get(&text.chars().next()?).is_some_and(|k| k & 1 > 0);
        known.then(|| self.own.iter().chain(&self.agencies).find(|w| text.starts_with(w.as_str())))?.map(String::as_str)
    }

    /// The longest role that `text` opens with: the word and the role's name.
    pub fn role_at(&self, text: &str) -> Option<(&str, &str)> {
        let known = self.first.get(&text.chars().next()?).is_some_and(|k| k & 2 > 0);
        let found = known.then(|| self.roles.iter().find(|(w, _)| text.starts_with(w.as_str())))?;
        found.map(|(w, r)| (w.as_str(), r.as_str()))
    }

    /// The longest role that `text` ends with.
    pub fn role_before(&self, text: &str) -> Option<(&str, &str)> {
        self.roles.iter().find(|(w, _)| text.ends_with(w.as_str())).map(|(w, r)| (w.as_str(), r.as_str()))
    }

    /// Whether `text` is, or ends like, the name of an agency.
    pub fn is_agency(&self, text: &str) -> bool {
        self.agency_at(text).is_some_and(|a| a.len() == text.len())
            || self.suffixes.iter().any(|s| text.ends_with(s.as_str()) && text.len() > s.len())
    }
}
