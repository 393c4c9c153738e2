//! English numbers in words and figures: `twenty-five`, `3.5 million`, `two hundred and six`, `third`.

const ONES: &[&str] = &[
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: &[&str] = &["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const ORDINALS: &[&str] = &[
    "",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
];

/// The value of a small number word.
fn small(word: &str) -> Option<f64> {
    let n = ONES
        .iter()
        .position(|o| *o == word)
        .or_else(|| TENS.iter().skip(2).position(|t| *t == word).map(|n| (n + 2) * 10))?;
    Some(n as f64)
}

fn scale(word: &str) -> Option<f64> {
    Some(match word {
        "hundred" => 100.0,
        "thousand" => 1e3,
        "million" => 1e6,
        "billion" => 1e9,
        "trillion" => 1e12,
        _ => return None,
    })
}

/// Whether a word is part of a number.
pub fn is_word(word: &str) -> bool {
    let head = word.split('-').next().unwrap_or(word);
    small(head).is_some() || scale(word).is_some() || word == "dozen"
}

/// The value of `third`, `21st`, `twentieth`.
pub fn ordinal(word: &str) -> Option<f64> {
    if let Some(n) = ORDINALS.iter().position(|o| *o == word && !o.is_empty()) {
        return Some(n as f64);
    }
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let tail = &word.get(digits.len()..)?;
    let n: f64 = digits.parse().ok()?;
    matches!(*tail, "st" | "nd" | "rd" | "th").then_some(n)
}

fn word_at(text: &[char], place: usize) -> (usize, String) {
    let mut end = place;
    while end - place < 16 && text.get(end).is_some_and(char::is_ascii_alphabetic) {
        end += 1;
    }
    (end, text.get(place..end).unwrap_or(&[]).iter().map(char::to_ascii_lowercase).collect())
}

/// A number in figures or words: its end and value.
pub fn number(text: &[char], place: usize) -> Option<(usize, f64)> {
    if text.get(place).is_some_and(char::is_ascii_digit) {
        let (end, value, _) = super::arabic(text, place)?;
        let (last, word) = word_at(text, end + usize::from(text.get(end) == Some(&' ')));
        return Some(match scale(&word).filter(|_| text.get(end) == Some(&' ')) {
            Some(by) => (last, value * by),
            None => (end, value),
        });
    }
    let (mut total, mut part, mut end, mut from) = (0.0, 0.0, place, place);
    let mut any = false;
    for _ in 0..10 {
        let (last, word) = word_at(text, from);
        if let Some(n) = small(&word) {
            // "six seven" are two numbers; "twenty six" and "hundred six" are one.
            if any && !(part % 100.0 == 0.0 || (part % 10.0 == 0.0 && part % 100.0 >= 20.0 && n < 10.0)) {
                break;
            }
            part += n;
        } else if let Some(by) = scale(&word).filter(|_| any) {
            if by == 100.0 {
                part *= by;
            } else {
                (total, part) = (total + part * by, 0.0);
            }
        } else if word == "and" && any && part >= 100.0 && small(&word_at(text, last + 1).1).is_some() {
            from = last + 1;
            continue;
        } else {
            break;
        }
        (any, end) = (true, last);
        match text.get(last) {
            Some(' ' | '-') => from = last + 1,
            _ => break,
        }
    }
    any.then_some((end, total + part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_words() {
        let check = |text: &str, value: f64| {
            let chars: Vec<char> = text.chars().collect();
            assert_eq!(number(&chars, 0), Some((chars.len(), value)), "{text}");
        };
        check("twenty-five", 25.0);
        check("3.5 million", 3.5e6);
        check("two hundred and six", 206.0);
        check("three thousand", 3000.0);
        check("1,234", 1234.0);
        assert_eq!(ordinal("third"), Some(3.0));
        assert_eq!(ordinal("58th"), Some(58.0));
    }
}
