//! Which names are drops.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::WatchError;
use crate::config::WatchConfig;

/// Endings that writers give to what is not whole yet, in lower case.
const UNFINISHED: &[&str] = &[
    "part",
    "partial",
    "filepart",
    "tmp",
    "temp",
    "swp",
    "swx",
    "swo",
    "crdownload",
    "opdownload",
    "download",
    "aria2",
];

/// The settings that speak of names, ready to be asked.
pub(crate) struct Names {
    include: Option<GlobSet>,
    exclude: GlobSet,
    marker: String,
}

impl Names {
    pub(crate) fn new(config: &WatchConfig) -> Result<Names, WatchError> {
        let include = match config.include.as_slice() {
            [] => None,
            globs => Some(globset("watch.include", globs)?),
        };
        let exclude = globset("watch.exclude", &config.exclude)?;
        Ok(Names { include, exclude, marker: config.done_marker.clone() })
    }

    /// Names of which nothing is a drop, to stand in for a moment.
    pub(crate) fn none() -> Names {
        Names { include: Some(GlobSet::empty()), exclude: GlobSet::empty(), marker: String::new() }
    }

    /// Whether a file of this path, relative to the watched folder, is a drop.
    pub(crate) fn is_drop(&self, rel: &Path) -> bool {
        self.is_drop_here(rel) && rel.parent().is_none_or(|parent| self.is_open_way(parent))
    }

    /// The same for a path in a folder that is watched: a listing has come that way.
    pub(crate) fn is_drop_here(&self, rel: &Path) -> bool {
        let Some(name) = rel.file_name() else { return false };
        !is_unfinished(name)
            && !self.is_marker(name)
            && self.include.as_ref().is_none_or(|globs| globs.is_match(rel))
            && (self.exclude.is_empty() || !self.exclude.is_match(rel))
    }

    /// Whether the folder of this name, at this path, is looked into.
    pub(crate) fn is_folder_watched(&self, rel: &Path) -> bool {
        rel.file_name().is_none_or(|name| !is_hidden(name)) && !self.exclude.is_match(rel)
    }

    /// The drop whose done-marker this path is.
    pub(crate) fn marked_by(&self, rel: &Path) -> Option<PathBuf> {
        let name = rel.file_name()?;
        if !self.is_marker(name) {
            return None;
        }
        let bytes = name.as_bytes();
        let stem = bytes.get(..bytes.len() - self.marker.len())?;
        Some(rel.with_file_name(OsStr::from_bytes(stem)))
    }

    /// Where the done-marker of a drop stands, if markers are used.
    pub(crate) fn marker_of(&self, path: &Path) -> Option<PathBuf> {
        marker_of(path, &self.marker)
    }

    fn is_marker(&self, name: &OsStr) -> bool {
        !self.marker.is_empty() && name.len() > self.marker.len() && name.as_bytes().ends_with(self.marker.as_bytes())
    }

    fn is_open_way(&self, parent: &Path) -> bool {
        parent.components().all(|c| !is_hidden(c.as_os_str()))
            && (self.exclude.is_empty()
                || parent.ancestors().all(|p| p.as_os_str().is_empty() || !self.exclude.is_match(p)))
    }
}

/// `page.txt` and `.ok` make `page.txt.ok`; None if no marker is used.
pub(crate) fn marker_of(path: &Path, marker: &str) -> Option<PathBuf> {
    if marker.is_empty() {
        return None;
    }
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(marker);
    Some(PathBuf::from(OsString::from_vec(name.into_vec())))
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_bytes().starts_with(b".")
}

/// Hidden files, backups and autosaves of editors (`page.txt~`, `#page.txt#`, `~$page.doc`), halves of downloads.
fn is_unfinished(name: &OsStr) -> bool {
    let bytes = name.as_bytes();
    is_hidden(name)
        || bytes.ends_with(b"~")
        || bytes.starts_with(b"~$")
        || (bytes.starts_with(b"#") && bytes.ends_with(b"#"))
        || Path::new(name)
            .extension()
            .is_some_and(|e| UNFINISHED.iter().any(|u| e.as_bytes().eq_ignore_ascii_case(u.as_bytes())))
}

fn globset(place: &'static str, globs: &[String]) -> Result<GlobSet, WatchError> {
    let wrong = |glob: &str, error: globset::Error| WatchError::Glob {
        place,
        glob: glob.to_owned(),
        message: error.kind().to_string(),
    };
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        set.add(GlobBuilder::new(glob).backslash_escape(true).build().map_err(|e| wrong(glob, e))?);
    }
    set.build().map_err(|e| wrong("", e))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(include: &[&str], exclude: &[&str], path: &[u8], expected: bool) {
        let config = WatchConfig {
            include: include.iter().map(|g| (*g).to_owned()).collect(),
            exclude: exclude.iter().map(|g| (*g).to_owned()).collect(),
            done_marker: ".ok".into(),
            ..WatchConfig::default()
        };
        let names = Names::new(&config).expect("legal globs");
        assert_eq!(names.is_drop(Path::new(OsStr::from_bytes(path))), expected, "{}", String::from_utf8_lossy(path));
    }

    #[test]
    fn any_visible_file_is_a_drop() {
        check(&[], &[], "要闻/头版.txt".as_bytes(), true);
        check(&[], &[], b"\xb1\xa8\xd6\xbd.txt", true);
        check(&[], &[], b"line\nbreak", true);
        check(&[], &[], b"page.tmpl", true);
        check(&[], &[], b"#1", true);
    }

    #[test]
    fn hidden_and_unfinished_files_are_none() {
        for name in [
            ".page.txt",
            ".quarantine/page.txt",
            "a/.done/b.txt",
            "page.txt~",
            "#page.txt#",
            "~$page.doc",
            "page.part",
            "page.TMP",
            "page.txt.filepart",
            "page.txt.swp",
            "page.txt.ok",
        ] {
            check(&[], &[], name.as_bytes(), false);
        }
    }

    #[test]
    fn a_marker_alone_is_a_name_like_any_other_but_hidden() {
        check(&[], &[], b".ok", false);
    }

    #[test]
    fn globs_see_the_path_below_the_folder() {
        check(&["*.txt"], &[], b"2024/page.txt", true);
        check(&["*.txt"], &[], b"2024/page.md", false);
        check(&["*.txt"], &[], b"2024/\xb1\xa8.txt", true);
        check(&[], &["archive"], b"archive/page.txt", false);
        check(&[], &["*/draft-*"], b"a/draft-1.txt", false);
        check(&["*.{txt,gz}"], &["old*"], b"page.gz", true);
    }

    #[test]
    fn a_marker_names_its_drop() {
        let config = WatchConfig { done_marker: ".ok".into(), ..WatchConfig::default() };
        let names = Names::new(&config).expect("no globs");
        assert_eq!(names.marked_by(Path::new("a/page.txt.ok")), Some(PathBuf::from("a/page.txt")));
        assert_eq!(names.marked_by(Path::new("a/page.txt")), None);
        assert_eq!(names.marker_of(Path::new("a/page.txt")), Some(PathBuf::from("a/page.txt.ok")));
    }

    #[test]
    fn a_wrong_glob_is_named() {
        let config = WatchConfig { include: vec!["[a".into()], ..WatchConfig::default() };
        let error = Names::new(&config).err().expect("an error").to_string();
        assert!(error.starts_with("watch.include: cannot read the glob `[a`"), "{error}");
    }
}
