//! The words of the tables, as the cut finds them: what each says of the text around it.

use std::collections::{BTreeMap, HashMap};

use crate::lexicon::places::{Places, Spelling};
use crate::lexicon::table::{Reader, TableError};

/// A title complete in itself: 市委书记.
pub const FULL: u8 = 1;
/// A title that takes a body before it: 副主席.
pub const HEAD: u8 = 2;
/// What a person is, but no post: 记者.
pub const ROLE: u8 = 4;
/// Follows a family name and belongs to it: 先生.
pub const HONOR: u8 = 8;
/// Stands before a head: 原.
pub const MOD: u8 = 16;

/// Right of a name: he says or does it.
pub const SAY: u8 = 1;
/// Left of a name: 由, 会见.
pub const BEFORE: u8 = 2;
/// Opens a list of names: 市领导.
pub const LIST: u8 = 4;

/// What the last part of a name makes of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Suffix {
    pub org: u8,
    pub gpe: u8,
    pub loc: u8,
    pub fac: u8,
    pub event: u8,
}

/// A known body.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    pub word: String,
    pub kind: String,
    /// Full name.
    pub norm: String,
}

/// What the tables say of one word.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    pub places: Vec<Spelling>,
    pub body: Option<u32>,
    /// [`FULL`] | [`HEAD`] | [`ROLE`] | [`HONOR`] | [`MOD`]
    pub post: u8,
    /// [`SAY`] | [`BEFORE`] | [`LIST`]
    pub cue: u8,
    pub suffix: Suffix,
    /// The name of somebody whom every reader knows.
    pub person: bool,
}

/// The tables `posts.tsv`, `cues.tsv`, `bodies.tsv`, `suffixes.tsv`, and the places.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    list: Vec<Entry>,
    pub bodies: Vec<Body>,
    suffixes: HashMap<String, Suffix>,
    none: Entry,
}

fn flags(row: &crate::lexicon::table::Row, names: &[(&str, u8)]) -> Result<u8, TableError> {
    let mut flags = 0;
    for word in row.cell(1).split_whitespace() {
        match names.iter().find(|(name, _)| *name == word) {
            Some((_, flag)) => flags |= flag,
            None => return Err(row.wrong(format!("`{word}` is no kind that this table knows"))),
        }
    }
    Ok(flags)
}

impl Entries {
    /// Reads the tables; also gives the words in the order of their entries.
    ///
    /// # Errors
    /// A wrong line.
    pub fn load(tables: &mut Reader<'_>, places: &Places) -> Result<(Entries, Vec<String>), TableError> {
        let mut by_word: BTreeMap<String, Entry> = BTreeMap::new();
        for word in places.words() {
            by_word.entry(word.into()).or_default().places = places.find(word).to_vec();
        }
        for row in &tables.read("posts.tsv", include_str!("../../config/lexicon/posts.tsv"))?.rows {
            let kinds = [("full", FULL), ("head", HEAD), ("role", ROLE), ("honor", HONOR), ("mod", MOD)];
            by_word.entry(row.cell(0).into()).or_default().post |= flags(row, &kinds)?;
        }
        for row in &tables.read("cues.tsv", include_str!("../../config/lexicon/cues.tsv"))?.rows {
            let kinds = [("say", SAY), ("before", BEFORE), ("list", LIST)];
            by_word.entry(row.cell(0).into()).or_default().cue |= flags(row, &kinds)?;
        }
        for row in &tables.read("people.tsv", include_str!("../../config/lexicon/people.tsv"))?.rows {
            by_word.entry(row.cell(0).into()).or_default().person = true;
        }
        let mut entries = Entries::default();
        for row in &tables.read("bodies.tsv", include_str!("../../config/lexicon/bodies.tsv"))?.rows {
            let norm = if row.cell(2).is_empty() { row.cell(0) } else { row.cell(2) };
            by_word.entry(row.cell(0).into()).or_default().body = u32::try_from(entries.bodies.len()).ok();
            entries.bodies.push(Body { word: row.cell(0).into(), kind: row.cell(1).into(), norm: norm.into() });
        }
        for row in &tables.read("suffixes.tsv", include_str!("../../config/lexicon/suffixes.tsv"))?.rows {
            let weight = row.number(2)?;
            let suffix = &mut by_word.entry(row.cell(0).into()).or_default().suffix;
            match row.cell(1) {
                "org" => suffix.org = weight,
                "gpe" => suffix.gpe = weight,
                "loc" => suffix.loc = weight,
                "fac" => suffix.fac = weight,
                "event" => suffix.event = weight,
                other => return Err(row.wrong(format!("`{other}` is no kind: org gpe loc fac event"))),
            }
            let suffix = *suffix;
            entries.suffixes.insert(row.cell(0).into(), suffix);
        }
        let mut words = Vec::with_capacity(by_word.len());
        for (word, entry) in by_word {
            words.push(word);
            entries.list.push(entry);
        }
        Ok((entries, words))
    }

    /// The entry of a word of the cut; an empty one if it has none.
    #[inline]
    pub fn get(&self, entry: u32) -> &Entry {
        (entry as usize).checked_sub(1).and_then(|at| self.list.get(at)).unwrap_or(&self.none)
    }

    /// The longest suffix that `word` ends with, shorter than the word itself.
    pub fn suffix_of<'a>(&self, word: &'a str) -> Option<(&'a str, Suffix)> {
        let starts = word.char_indices().skip(1).map(|(at, _)| at);
        starts.filter_map(|at| word.get(at..)).find_map(|tail| Some((tail, *self.suffixes.get(tail)?)))
    }
}
