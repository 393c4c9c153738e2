//! Whether a run of characters is a word.

use crate::lexicon::words::Words;

/// The built-in dictionary without the words that tables add: what CLEAN asks about words across a line break.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    words: Words,
}

impl Dictionary {
    /// Whether the dictionary knows the word.
    pub fn knows(&self, word: &str) -> bool {
        self.words.find(word).is_some()
    }
}
