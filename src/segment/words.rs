//! Words of Chinese and other text.

use std::sync::{Arc, OnceLock};

use jieba_rs::Jieba;

use crate::record::span::Span;

/// Cuts text into words. The dictionary is read when the first word is wanted.
#[derive(Clone, Debug, Default)]
pub struct Words {
    jieba: Arc<OnceLock<Jieba>>,
}

impl Words {
    /// The words of `text` in order, white space left out.
    pub fn cut(&self, text: &str) -> Vec<Span> {
        let jieba = self.jieba.get_or_init(Jieba::new);
        let mut words = Vec::with_capacity(text.len() / 5);
        let mut at = 0;
        // The dictionary's model was measured to do worse on news with the hidden Markov model than without.
        for token in jieba.cut(text, false) {
            let word = token.word;
            let end = at + word.len();
            if !word.trim().is_empty() {
                words.push(Span::at(at, end));
            }
            at = end;
        }
        words
    }
}
