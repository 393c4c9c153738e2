//! Learns how the writers of a folder behave: whether a file they closed is finished.

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::record::drop::FileIdentity;

/// How long a closed file is left alone in a folder whose writers are not known yet.
pub(crate) const STRANGER: Duration = Duration::from_millis(120);
/// … and where none was continued for a good while. Longer than the tick of file times on older kernels (4 ms), so that
/// a later change shows in the file's time.
const TRUSTED: Duration = Duration::from_millis(5);
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
/// shell loops open the same file again and again to add to it. Nothing in the first close tells them apart, but the
/// folder's past does. A file that was edited, rewritten, replaced or touched teaches nothing: each of its versions was
/// whole.
#[derive(Default)]
pub(crate) struct Habits {
    folders: HashMap<PathBuf, Habit>,
    /// What was handed out lately, and in what state it had been closed when.
    recent: HashMap<PathBuf, (Instant, Version)>,
}

/// A state in which a file was closed, and a number for how its content ended.
#[derive(Clone, Copy)]
pub(crate) struct Version {
    pub(crate) identity: FileIdentity,
    pub(crate) ending: u64,
}

/// A number for the last bytes of the first `size`; 0 if they cannot be read.
pub(crate) fn ending(file: &File, size: u64) -> u64 {
    let mut bytes = [0; 64];
    let start = size.saturating_sub(bytes.len() as u64);
    match file.read_at(&mut bytes, start) {
        Ok(got) => {
            let wanted = usize::try_from(size - start).unwrap_or(got).min(got);
            rapidhash::v3::rapidhash_v3(bytes.get(..wanted).unwrap_or_default())
        }
        Err(_) => 0,
    }
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
    pub(crate) fn handed(&mut self, rel: &Path, version: Version, closed: Instant, now: Instant) {
        if self.recent.len() >= RECENT_MAX {
            self.recent.retain(|_, (at, _)| now.saturating_duration_since(*at) < CONTINUED);
            if self.recent.len() >= RECENT_MAX {
                self.recent.clear();
            }
        }
        self.recent.insert(rel.to_owned(), (closed, version));
        let habit = self.habit(rel);
        habit.clean = habit.clean.saturating_add(1);
        if !habit.hold.is_zero() && habit.clean.is_multiple_of(FORGET_AFTER) {
            habit.hold /= 2;
            if habit.hold < STRANGER {
                *habit = Habit::default();
            }
        }
    }

    /// A file was closed. When it had been handed out a moment ago, how long it had stood since it was closed before, and
    /// what it was then.
    pub(crate) fn closed(&mut self, rel: &Path, now: Instant) -> Option<(Duration, Version)> {
        let (before, version) = self.recent.remove(rel)?;
        let gap = now.saturating_duration_since(before);
        (gap < CONTINUED).then_some((gap, version))
    }

    /// A file was closed a second time before it was handed out: no trust for this folder, and no more wait than it had,
    /// which was enough.
    pub(crate) fn closed_in_time(&mut self, rel: &Path) {
        let habit = self.habit(rel);
        habit.clean = 0;
        habit.hold = habit.hold.max(STRANGER);
    }

    /// A file that had been handed out `gap` after it was closed was closed again, and is now in this state; `most` bounds
    /// what is learnt.
    pub(crate) fn closed_again(
        &mut self,
        path: &Path,
        rel: &Path,
        past: (Duration, Version),
        now: &FileIdentity,
        most: Duration,
    ) {
        let (gap, Version { identity: then, ending: ended }) = past;
        let grown = (then.dev, then.ino) == (now.dev, now.ino) && then.size > 0 && now.size > then.size;
        // A file that was written anew has grown too, but does not hold what it held.
        if grown && File::open(path).is_ok_and(|file| ending(&file, then.size) == ended) {
            let habit = self.habit(rel);
            habit.clean = 0;
            habit.hold = habit.hold.max((gap * 3 / 2).clamp(STRANGER, most.max(STRANGER)));
        }
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
    use super::super::found::identity_of;
    use super::*;

    const MOST: Duration = Duration::from_secs(5);

    fn version(file: &Path) -> Version {
        let file = File::open(file).expect("readable");
        let identity = identity_of(&file.metadata().expect("there"));
        Version { identity, ending: ending(&file, identity.size) }
    }

    /// What is learnt from a file that is closed with one content and, so much later, with another.
    fn check(gap_ms: u64, before: &str, after: &str, expected: Duration) {
        let folder = tempfile::tempdir().expect("a temp folder");
        let path = folder.path().join("1");
        let (mut habits, now) = (Habits::default(), Instant::now());
        std::fs::write(&path, before).expect("written");
        habits.handed(Path::new("a/1"), version(&path), now, now);
        std::fs::write(&path, after).expect("written");
        if let Some(past) = habits.closed(Path::new("a/1"), now + Duration::from_millis(gap_ms)) {
            habits.closed_again(&path, Path::new("a/1"), past, &version(&path).identity, MOST);
        }
        assert_eq!(habits.hold(Path::new("a")), expected, "after {gap_ms} ms");
    }

    fn trust(habits: &mut Habits, drops: u32) {
        let version = Version { identity: FileIdentity { dev: 1, ino: 2, size: 3, mtime_ns: 4 }, ending: 5 };
        for n in 0..drops {
            habits.handed(&PathBuf::from(format!("a/{n}")), version, Instant::now(), Instant::now());
        }
    }

    #[test]
    fn trust_is_earned_by_the_folder() {
        let mut habits = Habits::default();
        assert_eq!(habits.hold(Path::new("a")), STRANGER);
        trust(&mut habits, TRUST_AFTER);
        assert_eq!(habits.hold(Path::new("a")), TRUSTED);
        assert_eq!(habits.hold(Path::new("b")), STRANGER);
        habits.closed_in_time(Path::new("a/1"));
        assert_eq!(habits.hold(Path::new("a")), STRANGER);
    }

    #[test]
    fn a_continued_file_makes_the_folder_wait_longer_than_its_gap() {
        check(300, "上", "上下", Duration::from_millis(450));
        check(9_000, "上", "上下", MOST);
    }

    #[test]
    fn what_was_edited_or_written_anew_or_much_later_teaches_nothing() {
        check(300, "上", "下", STRANGER);
        check(300, "上", "下下", STRANGER);
        check(300, "", "上", STRANGER);
        check(60_000, "上", "上下", STRANGER);
    }

    #[test]
    fn a_bad_habit_is_forgotten_in_the_end() {
        let mut habits = Habits::default();
        habits.closed_in_time(Path::new("a/1"));
        trust(&mut habits, FORGET_AFTER * 2 + TRUST_AFTER);
        assert_eq!(habits.hold(Path::new("a")), TRUSTED);
    }
}
