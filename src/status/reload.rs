//! SIGHUP: the settings are read again, and taken over completely or not at all.

use std::sync::Arc;

use crate::config::Config;
use crate::pipeline::stages::{Shelf, Stages};

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    #[error("{keys} cannot change while the daemon runs; restart it, or put the old value back")]
    NeedsRestart { keys: String },
    #[error("cannot use the tables")]
    Tables(#[from] crate::lexicon::table::TableError),
    #[error("log.level: {0}")]
    Level(String),
}

/// Sections whose every setting may change at any time: the text stages. Of the log only the level may.
const RELOADED: &[&str] = &["clean.", "segment.", "enrich."];

/// Takes the new settings over; the old ones stay in force if anything is wrong with the new.
///
/// Chunks under way keep the stages they began with. Gives the settings that changed.
///
/// # Errors
/// A setting changed that cannot change now, or a table or the level cannot be used.
pub fn reload(
    old: &Config,
    new: &Config,
    shelf: &Shelf,
    set_level: impl FnOnce(&str) -> Result<(), String>,
) -> Result<Vec<String>, ReloadError> {
    let changed = changed(old, new);
    let fixed: Vec<&str> = changed
        .iter()
        .map(String::as_str)
        .filter(|key| *key != "log.level" && !RELOADED.iter().any(|front| key.starts_with(front)))
        .collect();
    if !fixed.is_empty() {
        return Err(ReloadError::NeedsRestart { keys: fixed.join(", ") });
    }
    // Tables may have changed where settings did not, so the stages are always built anew.
    let stages = Arc::new(Stages::build(new)?);
    set_level(&new.log.level).map_err(ReloadError::Level)?;
    shelf.put(stages);
    Ok(changed)
}

fn changed(old: &Config, new: &Config) -> Vec<String> {
    let (before, after) = (old.listed(), new.listed());
    after.into_iter().filter(|row| !before.contains(row)).map(|(key, _)| key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(edit: impl FnOnce(&mut Config)) -> (Result<Vec<String>, String>, bool) {
        let old = Config::default();
        let mut new = old.clone();
        edit(&mut new);
        let before = Arc::new(Stages::build(&old).expect("defaults"));
        let shelf = Shelf::new(before.clone());
        let told = reload(&old, &new, &shelf, |_| Ok(())).map_err(|e| e.to_string());
        (told, !Arc::ptr_eq(&before, &shelf.current()))
    }

    #[test]
    fn text_settings_and_the_level_are_taken_over() {
        let (told, taken) = check(|c| {
            c.enrich.keywords_max = 3;
            c.log.level = "debug".into();
        });
        assert_eq!((told, taken), (Ok(vec!["enrich.keywords_max".into(), "log.level".into()]), true));
    }

    #[test]
    fn one_setting_that_cannot_change_keeps_all_as_they_are() {
        let (told, taken) = check(|c| {
            c.enrich.keywords_max = 3;
            c.http.listen = ":0".into();
        });
        assert!(told.is_err_and(|e| e.starts_with("http.listen cannot change")) && !taken);
    }

    #[test]
    fn a_wrong_table_keeps_all_as_they_are() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("scripts.tsv"), "no such column\n1\t2\t3\n").expect("written");
        let (told, taken) = check(|c| c.enrich.lexicon_folders = vec![folder.path().into()]);
        assert!(told.is_err() && !taken, "{told:?}");
    }
}
