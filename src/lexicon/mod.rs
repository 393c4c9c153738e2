//! What a newspaper reader knows beforehand: tables from `config/lexicon/`, compiled in, replaceable by users.
//!
//! Every table is TSV with one documented header; [`table`] reads them all and names file and line when one is wrong.

pub mod calendar;
pub mod commonplace;
pub mod dictionary;
pub mod entries;
pub mod festivals;
pub mod frequent;
pub mod furniture;
pub mod lookup;
pub mod names;
pub mod places;
pub mod press;
pub mod reflow;
pub mod script;
pub mod scripts;
pub mod speech;
pub mod stopwords;
pub mod table;
pub mod trie;
pub mod units;
pub mod words;

use std::path::PathBuf;

use crate::lexicon::calendar::Calendar;
use crate::lexicon::commonplace::Commonplace;
use crate::lexicon::dictionary::Dictionary;
use crate::lexicon::entries::Entries;
use crate::lexicon::frequent::Frequent;
use crate::lexicon::furniture::FurnitureWords;
use crate::lexicon::names::Names;
use crate::lexicon::places::Places;
use crate::lexicon::press::Press;
use crate::lexicon::reflow::ReflowWeights;
use crate::lexicon::script::Script;
use crate::lexicon::scripts::Scripts;
use crate::lexicon::speech::Speech;
use crate::lexicon::stopwords::{Stopwords, Subjects};
use crate::lexicon::table::{Reader, TableError};
use crate::lexicon::units::Units;
use crate::lexicon::words::Words;

/// All tables, built once and shared.
#[derive(Debug)]
pub struct Lexicon {
    /// Hash over every table's bytes: part of the record's `metadata.pipeline.config`.
    pub hash: u64,
    pub calendar: Calendar,
    pub scripts: Scripts,
    pub units: Units,
    /// Words of datelines and credits.
    pub press: Press,
    pub dictionary: Dictionary,
    /// Pairs of characters that say nothing of a subject.
    pub commonplace: Commonplace,
    pub frequent: Frequent,
    pub furniture: FurnitureWords,
    pub reflow: ReflowWeights,
    pub speech: Speech,
    pub stopwords: Stopwords,
    pub subjects: Subjects,
    /// Traditional characters and their simplified forms.
    pub script: Script,
    pub names: Names,
    pub places: Places,
    /// What the tables say of the words of the cut.
    pub entries: Entries,
    pub words: Words,
}

impl Lexicon {
    /// The built-in tables, then the users' folders over them.
    ///
    /// # Errors
    /// A table that cannot be read or has a wrong line; the error names file and line.
    pub fn load(folders: &[PathBuf]) -> Result<Lexicon, TableError> {
        let mut tables = Reader::new(folders);
        let scripts = Scripts::load(&mut tables)?;
        let calendar = Calendar::load(&mut tables)?;
        let units = Units::load(&mut tables)?;
        let press = Press::load(&mut tables)?;
        let commonplace = Commonplace::load(&mut tables)?;
        let frequent = Frequent::load(&mut tables)?;
        let furniture = FurnitureWords::load(&mut tables)?;
        let reflow = ReflowWeights::load(&mut tables)?;
        let speech = Speech::load(&mut tables)?;
        let stopwords = Stopwords::load(&mut tables)?;
        let subjects = Subjects::load(&mut tables)?;
        let script = Script::load(&mut tables)?;
        let names = Names::load(&mut tables)?;
        let places = Places::load(&mut tables)?;
        let (entries, list) = Entries::load(&mut tables, &places)?;
        let mut words = Words::new();
        words.extend(list.iter().map(String::as_str));
        Ok(Lexicon {
            hash: tables.hash,
            dictionary: Dictionary::default(),
            calendar,
            scripts,
            units,
            press,
            commonplace,
            frequent,
            furniture,
            reflow,
            speech,
            stopwords,
            subjects,
            script,
            names,
            places,
            entries,
            words,
        })
    }

    /// The built-in tables alone.
    pub fn builtin() -> Lexicon {
        Lexicon::load(&[]).expect("the built-in tables are checked by a test")
    }
}
