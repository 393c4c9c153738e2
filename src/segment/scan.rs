//! A reader that walks over a text by characters and knows the byte it stands on.

use crate::record::span::Span;

/// A position in a text.
#[derive(Clone, Copy, Debug)]
pub struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    /// Stands before the first character.
    pub fn new(text: &'a str) -> Scan<'a> {
        Scan { text, at: 0 }
    }

    /// Stands at byte `at`, a character border.
    pub fn from(text: &'a str, at: usize) -> Scan<'a> {
        Scan { text, at }
    }

    /// The byte it stands on.
    pub fn at(&self) -> usize {
        self.at
    }

    /// What is left.
    pub fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Whether nothing is left.
    pub fn done(&self) -> bool {
        self.at >= self.text.len()
    }

    /// The next character, left where it is.
    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Takes the next character.
    pub fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Takes `word` if it comes next.
    pub fn eat(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    /// Takes the longest of `words` that comes next.
    pub fn eat_any<'w>(&mut self, words: &[&'w str]) -> Option<&'w str> {
        let best = words.iter().filter(|w| self.rest().starts_with(**w)).max_by_key(|w| w.len())?;
        self.at += best.len();
        Some(best)
    }

    /// Takes one character of which `wanted` is true.
    pub fn eat_if(&mut self, wanted: impl Fn(char) -> bool) -> Option<char> {
        let c = self.peek().filter(|c| wanted(*c))?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Takes at most `max` characters while `wanted` is true, and says where they are.
    pub fn take(&mut self, max: usize, wanted: impl Fn(char) -> bool) -> Span {
        let start = self.at;
        for _ in 0..max {
            if self.eat_if(&wanted).is_none() {
                break;
            }
        }
        Span::at(start, self.at)
    }

    /// Takes white space.
    pub fn blanks(&mut self) -> bool {
        let start = self.at;
        while self.eat_if(char::is_whitespace).is_some() {}
        self.at > start
    }
}

/// A Chinese character.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{3ffff}' | '\u{f900}'..='\u{faff}' | '〇')
}

/// A digit, narrow or full-width.
pub fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || ('０'..='９').contains(&c)
}

/// A digit or a Chinese numeral as dates are written with.
pub fn is_numeral(c: char) -> bool {
    is_digit(c) || "〇零○一二三四五六七八九十廿卅元".contains(c)
}

/// Marks that end a sentence.
pub fn is_terminator(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '!' | '?' | '…' | '｡')
}

/// Marks that close a quote or a bracket.
pub fn is_closer(c: char) -> bool {
    matches!(
        c,
        '”' | '’' | '」' | '』' | '）' | ')' | '》' | '】' | '"' | '〕' | ']' | '〉' | '］' | '﹂' | '﹄' | '\''
    )
}

/// Marks that open a quote or a bracket.
pub fn is_opener(c: char) -> bool {
    matches!(c, '“' | '‘' | '「' | '『' | '（' | '(' | '《' | '【' | '〔' | '[' | '〈' | '［' | '﹁' | '﹃')
}

/// Signs that a list item or a brief opens with.
pub fn is_bullet(c: char) -> bool {
    matches!(
        c,
        '●' | '■'
            | '□'
            | '◎'
            | '○'
            | '◆'
            | '◇'
            | '★'
            | '☆'
            | '▲'
            | '△'
            | '▼'
            | '▽'
            | '▶'
            | '►'
            | '•'
            | '◤'
            | '◥'
            | '※'
            | '✦'
            | '◉'
            | '▌'
            | '▍'
            | '▎'
            | '▪'
            | '■'..='◿'
    )
}
