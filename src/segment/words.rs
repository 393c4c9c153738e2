//! Words of Chinese and other text, for whoever wants tokens.

use crate::lexicon::Lexicon;
use crate::lexicon::words::Word;
use crate::record::span::Span;

/// The words of `text` in order, white space left out. Traditional text is cut by the simplified dictionary.
pub fn cut(lexicon: &Lexicon, text: &str) -> Vec<Span> {
    let mut words: Vec<Word> = Vec::with_capacity(text.len() / 5);
    lexicon.words.cut(&lexicon.script.simplify(text), &mut words);
    words.into_iter().map(|w| w.span).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::tests::lexicon;

    fn check(text: &str, expected: &str) {
        let words: Vec<&str> = cut(lexicon(), text).iter().map(|s| s.of(text)).collect();
        assert_eq!(words.join("/"), expected);
    }

    #[test]
    fn words_stay_whole() {
        check("国务院总理会见外国客人", "国务院/总理/会见/外国/客人");
        check("報告顯示增長16.64%。", "報告/顯示/增長/16.64/%/。");
        check("The UK economy", "The/UK/economy");
    }
}
