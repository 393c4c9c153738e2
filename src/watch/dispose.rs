//! What becomes of a drop's file once its lines are durable.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::found::Found;
use super::moving::{delete_found, is_still, move_found, move_to};
use super::names::marker_of;
use crate::config::{WatchConfig, WhenDone};

/// The hidden folder in the watched folder where done drops lie when no other is named.
pub const DONE: &str = ".done";

/// What was done with the file.
#[derive(Debug, PartialEq, Eq)]
pub enum Disposed {
    Kept,
    Moved(PathBuf),
    Deleted,
    /// It is gone or has changed since it was read: a new drop lies there, and it is left alone.
    Changed,
}

/// Keeps, moves or deletes the file as `watch.when_done` says; its done-marker goes with it. Moving keeps sub-folders and
/// never overwrites. A file that is not in the state in which it was found is left alone.
///
/// # Errors
/// The move or the removal failed; the file lies where it lay.
pub fn dispose(found: &Found, config: &WatchConfig) -> io::Result<Disposed> {
    let done = match config.when_done {
        WhenDone::Keep => return Ok(Disposed::Kept),
        _ if !is_still(found)? => Disposed::Changed,
        WhenDone::Delete if delete_found(found)? => Disposed::Deleted,
        WhenDone::Delete => Disposed::Changed,
        WhenDone::Move => {
            let wanted = done_folder(config).join(&found.rel);
            fs::create_dir_all(wanted.parent().unwrap_or(Path::new(".")))?;
            move_found(found, &wanted)?.map_or(Disposed::Changed, Disposed::Moved)
        }
    };
    if let Some(marker) = marker_of(&found.path, &config.done_marker) {
        put_marker_away(&marker, &done, &config.done_marker);
    }
    Ok(done)
}

fn done_folder(config: &WatchConfig) -> PathBuf {
    match config.done_folder.as_os_str().is_empty() {
        true => config.folder.join(DONE),
        false => config.done_folder.clone(),
    }
}

/// A marker without its drop says nothing; that it cannot be removed does no harm.
fn put_marker_away(marker: &Path, done: &Disposed, ending: &str) {
    let outcome = match done {
        Disposed::Moved(to) => marker_of(to, ending).map_or(Ok(()), |to| move_to(marker, &to)),
        Disposed::Deleted => fs::remove_file(marker),
        Disposed::Kept | Disposed::Changed => Ok(()),
    };
    if let Err(error) = outcome {
        tracing::debug!(marker = %marker.display(), %error, "a done-marker stays");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drop_in(folder: &tempfile::TempDir, rel: &str, text: &str) -> Found {
        let path = folder.path().join(rel);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("made");
        fs::write(path, text).expect("written");
        Found::at(folder.path(), Path::new(rel)).expect("found")
    }

    fn config(folder: &tempfile::TempDir, when_done: WhenDone) -> WatchConfig {
        WatchConfig { folder: folder.path().into(), done_marker: ".ok".into(), when_done, ..WatchConfig::default() }
    }

    #[test]
    fn moving_keeps_folders_and_overwrites_nothing() {
        let folder = tempfile::tempdir().expect("a temp folder");
        let config = config(&folder, WhenDone::Move);
        for (round, name) in ["a/b/page.txt", "a/b/page.1.txt"].iter().enumerate() {
            let found = drop_in(&folder, "a/b/page.txt", &format!("{round}"));
            fs::write(folder.path().join("a/b/page.txt.ok"), "").expect("marked");
            let to = folder.path().join(DONE).join(name);
            assert_eq!(dispose(&found, &config).expect("moved"), Disposed::Moved(to.clone()));
            assert_eq!(fs::read_to_string(&to).expect("there"), format!("{round}"));
            assert!(
                marker_of(&to, ".ok").is_some_and(|m| m.exists()) && !folder.path().join("a/b/page.txt.ok").exists()
            );
        }
    }

    #[test]
    fn what_changed_is_left_alone() {
        let folder = tempfile::tempdir().expect("a temp folder");
        for when_done in [WhenDone::Move, WhenDone::Delete] {
            let found = drop_in(&folder, "a.txt", "old");
            fs::write(&found.path, "new one").expect("written");
            assert_eq!(dispose(&found, &config(&folder, when_done)).expect("no error"), Disposed::Changed);
            assert_eq!(fs::read_to_string(&found.path).expect("there"), "new one");
        }
    }

    #[test]
    fn deleting_removes_the_marker_too() {
        let folder = tempfile::tempdir().expect("a temp folder");
        let found = drop_in(&folder, "a.txt", "text");
        fs::write(folder.path().join("a.txt.ok"), "").expect("marked");
        assert_eq!(dispose(&found, &config(&folder, WhenDone::Delete)).expect("deleted"), Disposed::Deleted);
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 0);
    }
}
