//! Lists a tree a few entries at a time, so that events are heard meanwhile.

use std::ffi::OsString;
use std::fs::{self, Metadata, ReadDir};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::names::Names;

/// A listing in progress.
pub(crate) struct Walk {
    folder: PathBuf,
    todo: Vec<PathBuf>,
    reading: Option<(Arc<Path>, ReadDir)>,
    /// Entries that may be drops, so far.
    pub(crate) files: u64,
    /// The newest folder or entry that could not be listed, and why.
    pub(crate) trouble: Option<String>,
    /// The folder where it started could not be listed.
    pub(crate) root_failed: bool,
}

/// What a listing meets.
pub(crate) trait Visitor {
    /// A folder is about to be read: whatever appears in it from now on must raise an event.
    fn folder(&mut self, rel: &Path);
    /// An entry whose name is that of a drop: a file, or anything else but a folder.
    fn entry(&mut self, folder: &Arc<Path>, name: OsString, rel: PathBuf, meta: &Metadata);
}

impl Walk {
    /// Lists what lies below `start`, which is relative to the watched folder.
    pub(crate) fn new(folder: &Path, start: PathBuf) -> Walk {
        Walk { folder: folder.into(), todo: vec![start], reading: None, files: 0, trouble: None, root_failed: false }
    }

    /// Takes up to `budget` entries. False when the listing is through.
    pub(crate) fn step(&mut self, budget: usize, names: &Names, visitor: &mut dyn Visitor) -> bool {
        for _ in 0..budget {
            let Some((rel, entries)) = &mut self.reading else {
                let Some(next) = self.todo.pop() else { return false };
                visitor.folder(&next);
                self.open(next);
                continue;
            };
            match entries.next() {
                None => self.reading = None,
                Some(Err(error)) => {
                    let rel = rel.clone();
                    self.reading = None;
                    self.complain(&rel, &error);
                }
                Some(Ok(entry)) => {
                    let rel = rel.clone();
                    if let Err(error) = self.take(&rel, &entry, names, visitor) {
                        self.complain(&rel.join(entry.file_name()), &error);
                    }
                }
            }
        }
        true
    }

    fn open(&mut self, rel: PathBuf) {
        match fs::read_dir(self.folder.join(&rel)) {
            Ok(entries) => self.reading = Some((Arc::from(rel), entries)),
            Err(error) => {
                self.root_failed |= rel.as_os_str().is_empty();
                self.complain(&rel, &error);
            }
        }
    }

    fn take(
        &mut self,
        rel: &Arc<Path>,
        entry: &fs::DirEntry,
        names: &Names,
        visitor: &mut dyn Visitor,
    ) -> io::Result<()> {
        let name = entry.file_name();
        let below = rel.join(&name);
        if entry.file_type()?.is_dir() {
            if names.is_folder_watched(&below) {
                self.todo.push(below);
            }
            return Ok(());
        }
        if !names.is_drop_here(&below) {
            return Ok(());
        }
        self.files += 1;
        visitor.entry(rel, name, below, &entry.metadata()?);
        Ok(())
    }

    /// What vanished while it was listed is no trouble.
    fn complain(&mut self, rel: &Path, error: &io::Error) {
        if error.kind() != io::ErrorKind::NotFound || rel.as_os_str().is_empty() {
            self.trouble = Some(format!("cannot list {}: {error}", self.folder.join(rel).display()));
        }
    }
}
