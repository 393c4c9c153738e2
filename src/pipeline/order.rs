//! Finished chunks, back in the order in which they were admitted.

use std::collections::BTreeMap;

/// A value with its admission number, kept through every stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn<T> {
    /// 0, 1, 2 … without gaps.
    pub number: u64,
    pub value: T,
}

/// Holds what came too early; the bounded queues before it bound what it can hold.
#[derive(Debug)]
pub struct Order<T> {
    next: u64,
    waiting: BTreeMap<u64, T>,
}

impl<T> Default for Order<T> {
    fn default() -> Self {
        Order { next: 0, waiting: BTreeMap::new() }
    }
}

impl<T> Order<T> {
    /// Takes a value in; each number comes once.
    pub fn push(&mut self, turn: Turn<T>) {
        assert!(turn.number >= self.next, "turn {} came twice", turn.number);
        let before = self.waiting.insert(turn.number, turn.value);
        assert!(before.is_none(), "turn {} came twice", turn.number);
    }

    /// Hands out the next value, if it is here.
    pub fn pop(&mut self) -> Option<T> {
        let value = self.waiting.remove(&self.next)?;
        self.next += 1;
        Some(value)
    }

    /// Whether nothing waits for an earlier one.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_comes_early_waits() {
        let mut order = Order::default();
        order.push(Turn { number: 1, value: 'b' });
        assert_eq!(order.pop(), None);
        order.push(Turn { number: 0, value: 'a' });
        assert_eq!((order.pop(), order.pop(), order.pop()), (Some('a'), Some('b'), None));
        assert!(order.is_empty());
    }
}
