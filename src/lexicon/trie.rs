//! A double array over characters: a dictionary that is read where it lies, without loading.
//!
//! Each node is three little-endian `u32`: base, check (parent + 1; 0 = free) and value (0 = no word ends here).
//! The child of node `s` by character code `c` is node `base(s) + c`, if its check says so.

use std::borrow::Cow;

const NODE: usize = 12;

/// A dictionary; node 0 is the root.
#[derive(Clone, Debug, Default)]
pub struct Trie {
    nodes: Cow<'static, [u8]>,
}

impl Trie {
    /// A trie in its stored form.
    pub fn stored(nodes: &'static [u8]) -> Trie {
        Trie { nodes: Cow::Borrowed(nodes) }
    }

    /// Its stored form.
    pub fn bytes(&self) -> &[u8] {
        &self.nodes
    }

    /// Builds a trie of `words` (codes above 0, value above 0); a word given twice keeps its first value.
    pub fn build(words: &mut Vec<(Vec<u16>, u32)>) -> Trie {
        words.retain(|(codes, _)| !codes.is_empty());
        words.sort_by(|a, b| a.0.cmp(&b.0));
        words.dedup_by(|b, a| a.0 == b.0);
        let mut builder = Builder { nodes: vec![[0; 3]; 1], hints: [1; 17] };
        if let Some(first) = builder.nodes.first_mut() {
            first[1] = u32::MAX;
        }
        let mut open = std::collections::VecDeque::from([(0_usize, 0_usize, 0..words.len())]);
        while let Some((node, depth, range)) = open.pop_front() {
            builder.place(node, depth, range, words, &mut open);
        }
        let nodes = builder.nodes.iter().flatten().flat_map(|n| n.to_le_bytes()).collect();
        Trie { nodes: Cow::Owned(nodes) }
    }

    fn word(&self, at: usize) -> Option<u32> {
        let bytes = self.nodes.get(at..at + 4)?;
        Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// The child of `node` by `code` and its value, if there is one.
    #[inline]
    pub fn step(&self, node: u32, code: u16) -> Option<(u32, u32)> {
        let base = self.word(node as usize * NODE)?;
        let child = base.wrapping_add(u32::from(code));
        let at = child as usize * NODE;
        let bytes = self.nodes.get(at..at + NODE)?;
        let check = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
        (check == node + 1).then(|| (child, u32::from_le_bytes([bytes[8], bytes[9], bytes[10], bytes[11]])))
    }
}

/// After so many tries the region is as good as full, and later nodes start behind it.
const CROWDED: usize = 2048;

struct Builder {
    nodes: Vec<[u32; 3]>,
    /// Where to look first for room, by the binary logarithm of how many children need it.
    hints: [usize; 17],
}

type Open = (usize, usize, std::ops::Range<usize>);

impl Builder {
    /// Gives the children of `node` (words of `range`, equal up to `depth`) their places.
    fn place(
        &mut self,
        node: usize,
        depth: usize,
        range: std::ops::Range<usize>,
        words: &[(Vec<u16>, u32)],
        open: &mut std::collections::VecDeque<Open>,
    ) {
        let mut children: Vec<(u16, std::ops::Range<usize>)> = Vec::new();
        for index in range {
            let (codes, value) = &words[index];
            match codes.get(depth) {
                None => self.nodes[node][2] = *value,
                Some(code) => match children.last_mut() {
                    Some((last, range)) if last == code => range.end = index + 1,
                    _ => children.push((*code, index..index + 1)),
                },
            }
        }
        let Some((first, _)) = children.first() else { return };
        let first = usize::from(*first);
        let hint = &mut self.hints[children.len().ilog2() as usize];
        while self.nodes.get(*hint).is_some_and(|n| n[1] != 0) {
            *hint += 1;
        }
        let mut base = hint.saturating_sub(first).max(1);
        let nodes = &self.nodes;
        let free = |at: usize| nodes.get(at).is_none_or(|n| n[1] == 0);
        let mut tried = 0;
        while !children.iter().all(|(code, _)| free(base + usize::from(*code))) {
            base += 1;
            tried += 1;
        }
        if tried > CROWDED {
            *hint = base + first;
        }
        let at = |value: usize| u32::try_from(value).expect("a trie is far below 4 G nodes");
        self.nodes[node][0] = at(base);
        for (code, range) in children {
            let child = base + usize::from(code);
            if child >= self.nodes.len() {
                self.nodes.resize(child + 1, [0; 3]);
            }
            self.nodes[child][1] = at(node + 1);
            open.push_back((child, depth + 1, range));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_it_holds_and_nothing_else() {
        let mut words = vec![(vec![1, 2], 7), (vec![1], 5), (vec![3, 2, 1], 9), (vec![1, 2], 8)];
        let trie = Trie::build(&mut words);
        let find = |codes: &[u16]| {
            let mut state = (0, 0);
            for code in codes {
                state = trie.step(state.0, *code)?;
            }
            Some(state.1)
        };
        assert_eq!(find(&[1]), Some(5));
        assert_eq!(find(&[1, 2]), Some(7));
        assert_eq!(find(&[3, 2]), Some(0));
        assert_eq!(find(&[3, 2, 1]), Some(9));
        assert_eq!(find(&[2]), None);
        assert_eq!(Trie::default().step(0, 1), None);
    }
}
