//! Locks on whole folders: one daemon each.

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

/// Holds a folder until it is let go; a second holder is refused, in this process or another.
#[derive(Debug)]
pub struct FolderLock {
    _folder: File,
}

impl FolderLock {
    /// Locks the folder itself, so no lock file can be left behind. `Ok(None)`: somebody else holds it.
    pub fn take(folder: &Path) -> io::Result<Option<FolderLock>> {
        let file = File::open(folder)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(FolderLock { _folder: file })),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_holder() {
        let folder = tempfile::tempdir().expect("a temp folder");
        let first = FolderLock::take(folder.path()).expect("lockable");
        assert!(first.is_some());
        assert!(FolderLock::take(folder.path()).expect("lockable").is_none());
        drop(first);
        assert!(FolderLock::take(folder.path()).expect("lockable").is_some());
    }
}
