//! Words found at a place of a text: one look at the first character, then the longest word that fits.

/// A set of words, each with a value.
#[derive(Clone, Debug)]
pub struct Lookup<T> {
    /// By first character: 0, or one more than the index into `shelves`. Words start in the basic plane.
    first: Vec<u16>,
    shelves: Vec<Vec<(Vec<char>, T)>>,
}

impl<T> Lookup<T> {
    /// Builds the set; of equal words the last counts.
    pub fn new(entries: impl IntoIterator<Item = (String, T)>) -> Lookup<T> {
        let mut words = Lookup { first: vec![0; 1 << 16], shelves: Vec::new() };
        for (word, value) in entries {
            let chars: Vec<char> = word.chars().collect();
            let Some(slot) = chars.first().and_then(|c| words.first.get_mut(*c as usize)) else { continue };
            if *slot == 0 {
                words.shelves.push(Vec::new());
                *slot = u16::try_from(words.shelves.len()).expect("fewer first characters than characters");
            }
            let shelf = &mut words.shelves[usize::from(*slot) - 1];
            shelf.retain(|(w, _)| *w != chars);
            shelf.push((chars, value));
        }
        for shelf in &mut words.shelves {
            shelf.sort_by_key(|(w, _)| std::cmp::Reverse(w.len()));
        }
        words
    }

    /// Whether a word starts with this character.
    pub fn starts(&self, c: char) -> bool {
        self.first.get(c as usize).is_some_and(|slot| *slot != 0)
    }

    /// The first characters of all words.
    pub fn firsts(&self) -> impl Iterator<Item = char> + '_ {
        self.shelves.iter().filter_map(|shelf| shelf.first().and_then(|(w, _)| w.first().copied()))
    }

    /// The longest word at `at`, as its end and its value.
    pub fn at<'a>(&'a self, text: &'a [char], at: usize) -> Option<(usize, &'a T)> {
        self.all(text, at).next()
    }

    /// All words at `at`, longest first.
    pub fn all<'a>(&'a self, text: &'a [char], at: usize) -> impl Iterator<Item = (usize, &'a T)> + 'a {
        let rest = text.get(at..).unwrap_or(&[]);
        let slot = rest.first().and_then(|c| self.first.get(*c as usize)).copied().unwrap_or(0);
        let shelf = if slot == 0 { &[][..] } else { self.shelves[usize::from(slot) - 1].as_slice() };
        shelf.iter().filter(move |(w, _)| rest.starts_with(w)).map(move |(w, value)| (at + w.len(), value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_word_wins() {
        let words = Lookup::new([("平方".into(), 1), ("平方米".into(), 2)]);
        let text: Vec<char> = "五平方米".chars().collect();
        assert_eq!(words.at(&text, 1), Some((4, &2)));
        assert_eq!(words.all(&text, 1).map(|(_, v)| *v).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(words.at(&text, 0), None);
    }
}
