//! The dictionary of Chinese words, read when the first word is wanted and shared by all stages.

use std::sync::{Arc, OnceLock};

use jieba_rs::Jieba;

/// A handle on the one dictionary of the process.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    jieba: Arc<OnceLock<Jieba>>,
}

impl Dictionary {
    /// The dictionary; the first call reads it, which takes a tenth of a second.
    pub fn jieba(&self) -> &Jieba {
        self.jieba.get_or_init(Jieba::new)
    }

    /// Whether the dictionary knows the word.
    pub fn knows(&self, word: &str) -> bool {
        self.jieba().has_word(word)
    }
}
