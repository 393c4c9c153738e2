//! Chance that can be repeated.

use std::time::Duration;

/// A small generator (PCG); the same seed gives the same run.
#[derive(Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d);
        dice.next();
        dice
    }

    pub fn next(&mut self) -> u32 {
        let old = self.0;
        self.0 = old.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = (((old >> 18) ^ old) >> 27) as u32;
        mixed.rotate_right((old >> 59) as u32)
    }

    /// From `low` to `high`, both included.
    pub fn from(&mut self, low: u64, high: u64) -> u64 {
        low + u64::from(self.next()) % (high - low + 1)
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.from(1, 100) <= percent
    }

    pub fn pause(&mut self, low_ms: u64, high_ms: u64) {
        std::thread::sleep(Duration::from_millis(self.from(low_ms, high_ms)));
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.from(0, items.len() as u64 - 1) as usize]
    }
}
