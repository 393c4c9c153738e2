//! Files that a listing found, the oldest of them kept at hand.

use std::collections::{BinaryHeap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A million files may wait: only the oldest are remembered, and when they are used up the folder is listed again.
pub(crate) struct Backlog {
    /// The newest first, so that the oldest is taken from the end.
    window: Vec<Candidate>,
    /// Those of the listing that is under way; the newest on top, to be thrown out first.
    gathering: BinaryHeap<Candidate>,
    max: usize,
    /// Files of the last full listing that did not fit.
    left_over: u64,
    left_gathering: u64,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    mtime_ns: i64,
    folder: Arc<Path>,
    name: OsString,
}

impl Backlog {
    pub(crate) fn new(max: usize) -> Backlog {
        Backlog { window: Vec::new(), gathering: BinaryHeap::new(), max, left_over: 0, left_gathering: 0 }
    }

    /// Whether a file of this time has a place among the oldest; otherwise it is counted and forgotten.
    pub(crate) fn has_place(&mut self, mtime_ns: i64) -> bool {
        let place = self.gathering.len() < self.max || self.gathering.peek().is_some_and(|c| mtime_ns < c.mtime_ns);
        self.left_gathering += u64::from(!place);
        place
    }

    pub(crate) fn add(&mut self, mtime_ns: i64, folder: &Arc<Path>, name: OsString) {
        self.gathering.push(Candidate { mtime_ns, folder: Arc::clone(folder), name });
        if self.gathering.len() > self.max {
            self.gathering.pop();
            self.left_gathering += 1;
        }
    }

    /// The listing is through: what it gathered takes the place of what was known before.
    pub(crate) fn replace(&mut self) {
        self.window = std::mem::take(&mut self.gathering).into_sorted_vec();
        self.window.reverse();
        self.window.shrink_to_fit();
        self.left_over = std::mem::take(&mut self.left_gathering);
    }

    /// The listing failed half-way; what it gathered is not the oldest of all.
    pub(crate) fn abandon(&mut self) {
        self.gathering = BinaryHeap::new();
        self.left_gathering = 0;
    }

    pub(crate) fn oldest(&mut self) -> Option<PathBuf> {
        let candidate = self.window.pop()?;
        if self.window.is_empty() {
            self.window = Vec::new();
        }
        Some(candidate.folder.join(candidate.name))
    }

    /// Files at hand.
    pub(crate) fn len(&self) -> usize {
        self.window.len()
    }

    /// Files that wait, at hand or not.
    pub(crate) fn waiting(&self) -> u64 {
        self.window.len() as u64 + self.left_over
    }

    /// The window runs dry and the folder holds more.
    pub(crate) fn wants_listing(&self) -> bool {
        self.left_over > 0 && self.window.len() <= self.max / 8
    }
}

/// The states of files that need no further look, as one number each: a million of them take 18 MB.
#[derive(Default)]
pub(crate) struct Seen {
    states: HashSet<u64, std::hash::BuildHasherDefault<AsIs>>,
    /// Those met by the full listing under way; the others are gone and are forgotten with it.
    met: Option<HashSet<u64, std::hash::BuildHasherDefault<AsIs>>>,
}

impl Seen {
    pub(crate) fn contains(&mut self, state: u64) -> bool {
        let seen = self.states.contains(&state);
        if let (true, Some(met)) = (seen, &mut self.met) {
            met.insert(state);
        }
        seen
    }

    pub(crate) fn insert(&mut self, state: u64) {
        self.states.insert(state);
        if let Some(met) = &mut self.met {
            met.insert(state);
        }
    }

    pub(crate) fn remove(&mut self, state: u64) {
        self.states.remove(&state);
        if let Some(met) = &mut self.met {
            met.remove(&state);
        }
    }

    pub(crate) fn begin_listing(&mut self) {
        self.met = Some(HashSet::default());
    }

    /// Ends the listing; only a complete one may forget what it did not meet.
    pub(crate) fn end_listing(&mut self, complete: bool) {
        if let (Some(met), true) = (self.met.take(), complete) {
            self.states = met;
        }
    }
}

/// What was handed out lately; at most twice `RECENT_MAX` numbers.
#[derive(Default)]
pub(crate) struct Recent {
    young: HashSet<u64, std::hash::BuildHasherDefault<AsIs>>,
    old: HashSet<u64, std::hash::BuildHasherDefault<AsIs>>,
}

const RECENT_MAX: usize = 8192;

impl Recent {
    pub(crate) fn insert(&mut self, number: u64) {
        if self.young.len() >= RECENT_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(number);
    }

    pub(crate) fn contains(&self, number: u64) -> bool {
        self.young.contains(&number) || self.old.contains(&number)
    }
}

/// The numbers are hashes already.
#[derive(Default)]
pub(crate) struct AsIs(u64);

impl std::hash::Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_kept_and_the_rest_is_counted() {
        let mut backlog = Backlog::new(3);
        let folder: Arc<Path> = Arc::from(Path::new("a"));
        for time in [5, 1, 4, 2, 3] {
            if backlog.has_place(time) {
                backlog.add(time, &folder, format!("{time}").into());
            }
        }
        backlog.replace();
        assert_eq!((backlog.len(), backlog.waiting()), (3, 5));
        let order: Vec<PathBuf> = std::iter::from_fn(|| backlog.oldest()).collect();
        assert_eq!(order, ["a/1", "a/2", "a/3"].map(PathBuf::from));
        assert!(backlog.wants_listing());
    }

    #[test]
    fn what_a_full_listing_does_not_meet_is_forgotten() {
        let mut seen = Seen::default();
        seen.insert(1);
        seen.insert(2);
        seen.begin_listing();
        assert!(seen.contains(1));
        seen.insert(3);
        seen.end_listing(true);
        assert_eq!([1, 2, 3].map(|n| seen.contains(n)), [true, false, true]);
    }
}
