//! Learns how the writers of a folder behave: whether a file they closed stays closed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a closed file is left alone in a folder whose writers are not known yet.
pub(crate) const STRANGER: Duration = Duration::from_millis(120);
/// … and where none was opened a second time for a good while.
const TRUSTED: Duration = Duration::from_millis(2);
/// So many drops in a row, closed once each, make a folder trusted.
const TRUST_AFTER: u32 = 100;
/// So many more halve the wait that was learnt from writers who open their files again.
const FORGET_AFTER: u32 = 256;
/// A file that is opened again later than this after it was closed was edited, not continued.
const CONTINUED: Duration = Duration::from_secs(10);
const FOLDERS_MAX: usize = 4096;
const RECENT_MAX: usize = 4096;

/// Per folder, what its writers are used to do.
///
/// Most writers open, write and close a file once: what they closed can be read at once. Some scanners, FTP servers and
/// shell loops open the same file again and again. Nothing in the first close tells them apart, but the folder's past
/// does.
#[derive(Default)]
pub(crate) struct Habits {
    folders: HashMap<PathBuf, Habit>,
    /// What was handed out lately, and when it had been closed.
    recent: HashMap<PathBuf, Instant>,
}

#[derive(Clone, Copy, Default)]
struct Habit {
    clean: u32,
    /// Learnt from reopenings, zero if there were none.
    hold: Duration,
}

impl Habits {
    /// How long a closed file in this folder is to be left alone.
    pub(crate) fn hold(&self, folder: &Path) -> Duration {
        match self.folders.get(folder) {
            Some(habit) if !habit.hold.is_zero() => habit.hold,
            Some(habit) if habit.clean >= TRUST_AFTER => TRUSTED,
            _ => STRANGER,
        }
    }

    /// A closed file was handed out.
    pub(crate) fn handed(&mut self, rel: &Path, closed: Instant, now: Instant) {
        if self.recent.len() >= RECENT_MAX {
            self.recent.retain(|_, at| now.saturating_duration_since(*at) < CONTINUED);
            if self.recent.len() >= RECENT_MAX {
                self.recent.clear();
            }
        }
        self.recent.insert(rel.to_owned(), closed);
        let habit = self.habit(rel);
        habit.clean = habit.clean.saturating_add(1);
        if !habit.hold.is_zero() && habit.clean.is_multiple_of(FORGET_AFTER) {
            habit.hold /= 2;
            if habit.hold < STRANGER {
                *habit = Habit::default();
            }
        }
    }

    /// A file was closed: was it one that had been handed out a moment ago?
    pub(crate) fn closed(&mut self, rel: &Path, now: Instant, most: Duration) {
        if let Some(before) = self.recent.remove(rel) {
            let gap = now.saturating_duration_since(before);
            if gap < CONTINUED {
                self.reopened(rel, gap, most);
            }
        }
    }

    /// A file was closed a second time `gap` after the first.
    pub(crate) fn reopened(&mut self, rel: &Path, gap: Duration, most: Duration) {
        let habit = self.habit(rel);
        habit.clean = 0;
        habit.hold = habit.hold.max((gap * 2).clamp(STRANGER, most.max(STRANGER)));
    }

    fn habit(&mut self, rel: &Path) -> &mut Habit {
        if self.folders.len() >= FOLDERS_MAX {
            self.folders.clear();
        }
        self.folders.entry(rel.parent().unwrap_or(Path::new("")).to_owned()).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: Duration = Duration::from_secs(5);

    #[test]
    fn trust_is_earned_by_the_folder() {
        let (mut habits, now) = (Habits::default(), Instant::now());
        assert_eq!(habits.hold(Path::new("a")), STRANGER);
        for n in 0..TRUST_AFTER {
            habits.handed(&PathBuf::from(format!("a/{n}")), now, now);
        }
        assert_eq!(habits.hold(Path::new("a")), TRUSTED);
        assert_eq!(habits.hold(Path::new("b")), STRANGER);
    }

    #[test]
    fn a_reopened_file_makes_the_folder_wait_twice_its_gap() {
        let (mut habits, now) = (Habits::default(), Instant::now());
        habits.handed(Path::new("a/1"), now, now);
        habits.closed(Path::new("a/1"), now + Duration::from_millis(300), MOST);
        assert_eq!(habits.hold(Path::new("a")), Duration::from_millis(600));
    }

    #[test]
    fn an_edit_much_later_is_no_habit() {
        let (mut habits, now) = (Habits::default(), Instant::now());
        habits.handed(Path::new("a/1"), now, now);
        habits.closed(Path::new("a/1"), now + Duration::from_secs(60), MOST);
        assert_eq!(habits.hold(Path::new("a")), STRANGER);
    }

    #[test]
    fn a_bad_habit_is_forgotten_in_the_end() {
        let (mut habits, now) = (Habits::default(), Instant::now());
        habits.reopened(Path::new("a/1"), Duration::from_millis(100), MOST);
        for n in 0..FORGET_AFTER * 2 + TRUST_AFTER {
            habits.handed(&PathBuf::from(format!("a/{n}")), now, now);
        }
        assert_eq!(habits.hold(Path::new("a")), TRUSTED);
    }
}
