//! Words of Chinese and other text.

use crate::lexicon::dictionary::Dictionary;
use crate::record::span::Span;

/// Cuts text into words. The dictionary is read when the first word is wanted.
#[derive(Clone, Debug, Default)]
pub struct Words {
    dictionary: Dictionary,
}

impl Words {
    /// Cuts by this dictionary.
    pub fn new(dictionary: Dictionary) -> Words {
        Words { dictionary }
    }

    /// The words of `text` in order, white space left out.
    pub fn cut(&self, text: &str) -> Vec<Span> {
        let jieba = self.dictionary.jieba();
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
