//! The output folder as it is.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::{FallocateFlags, RenameFlags, fallocate, renameat_with};

use super::Disk;

/// Reserved ahead at a time: one allocation serves many small groups.
const RESERVE_STEP: u64 = 1 << 20;

/// Writes to a folder and keeps the files it writes open, so that a lost write is reported by their sync.
pub struct RealDisk {
    root: PathBuf,
    open: Mutex<HashMap<String, Open>>,
}

#[derive(Clone)]
struct Open {
    file: Arc<File>,
    reserved: u64,
}

impl RealDisk {
    /// The folder must exist.
    pub fn new(root: &Path) -> RealDisk {
        RealDisk { root: root.to_owned(), open: Mutex::new(HashMap::new()) }
    }

    fn path(&self, name: &str) -> PathBuf {
        if name.is_empty() { self.root.clone() } else { self.root.join(name) }
    }

    fn opened(&self, name: &str) -> io::Result<Arc<File>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = open.get(name) {
            return Ok(known.file.clone());
        }
        let file = match OpenOptions::new().read(true).write(true).open(self.path(name)) {
            // A sealed segment is read-only, and may still want a sync after a restart.
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => File::open(self.path(name))?,
            other => other?,
        };
        let file = Arc::new(file);
        open.insert(name.to_owned(), Open { file: file.clone(), reserved: 0 });
        Ok(file)
    }

    fn forget(&self, name: &str) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

impl Disk for RealDisk {
    fn len(&self, name: &str) -> io::Result<Option<u64>> {
        match fs::metadata(self.path(name)) {
            Ok(meta) => Ok(Some(meta.len())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    fn read(&self, name: &str, offset: u64, bytes: usize) -> io::Result<Vec<u8>> {
        let file = File::open(self.path(name))?;
        let mut buffer = vec![0; bytes];
        let mut filled = 0;
        while filled < bytes {
            match file.read_at(&mut buffer[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        buffer.truncate(filled);
        Ok(buffer)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut names: Vec<String> = fs::read_dir(self.path(folder))?
            .map(|entry| entry.map(|e| e.file_name().to_string_lossy().into_owned()))
            .collect::<io::Result<_>>()?;
        names.sort_unstable();
        Ok(names)
    }

    fn make_folder(&self, folder: &str) -> io::Result<()> {
        fs::create_dir_all(self.path(folder))
    }

    fn create(&self, name: &str) -> io::Result<()> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(self.path(name))?;
        let open = Open { file: Arc::new(file), reserved: 0 };
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), open);
        Ok(())
    }

    fn reserve(&self, name: &str, end: u64) -> io::Result<()> {
        let file = self.opened(name)?;
        let (held, named) = (file.metadata()?, fs::metadata(self.path(name))?);
        if (held.dev(), held.ino()) != (named.dev(), named.ino()) {
            return Err(io::Error::new(io::ErrorKind::NotFound, "another file stands under this name"));
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = open.get_mut(name) else { return Ok(()) };
        if known.reserved >= end {
            return Ok(());
        }
        let start = known.reserved.max(held.len());
        for wanted in [start.max(end) + RESERVE_STEP, end] {
            match fallocate(&file, FallocateFlags::KEEP_SIZE, start, wanted.saturating_sub(start).max(1)) {
                Ok(()) => {
                    known.reserved = wanted;
                    return Ok(());
                }
                Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => {
                    // Nothing can be promised here; a write that runs out of space is finished when there is room.
                    known.reserved = u64::MAX;
                    return Ok(());
                }
                Err(rustix::io::Errno::NOSPC | rustix::io::Errno::DQUOT) if wanted != end => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn release(&self, name: &str) -> io::Result<()> {
        let file = self.opened(name)?;
        let length = file.metadata()?.len();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = open.get_mut(name) else { return Ok(()) };
        if known.reserved > length && known.reserved != u64::MAX {
            // Setting the length that it has frees what was allocated beyond it; no byte changes.
            file.set_len(length)?;
            known.reserved = 0;
        }
        Ok(())
    }

    fn write(&self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.opened(name)?.write_all_at(bytes, offset)
    }

    fn sync(&self, name: &str) -> io::Result<()> {
        self.opened(name)?.sync_data()
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        File::open(self.path(folder))?.sync_all()
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let (old, new) = (self.path(from), self.path(to));
        match renameat_with(rustix::fs::CWD, &old, rustix::fs::CWD, &new, RenameFlags::NOREPLACE) {
            Ok(()) => {}
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) if !new.exists() => fs::rename(&old, &new)?,
            Err(error) => return Err(error.into()),
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = open.remove(from) {
            open.insert(to.to_owned(), known);
        }
        Ok(())
    }

    fn swap_in(&self, from: &str, to: &str) -> io::Result<()> {
        self.forget(from);
        self.forget(to);
        fs::rename(self.path(from), self.path(to))
    }

    fn link(&self, from: &str, to: &str) -> io::Result<()> {
        fs::hard_link(self.path(from), self.path(to))
    }

    fn is_same(&self, one: &str, other: &str) -> io::Result<bool> {
        let (one, other) = (fs::metadata(self.path(one))?, fs::metadata(self.path(other))?);
        Ok((one.dev(), one.ino()) == (other.dev(), other.ino()))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.forget(name);
        match fs::remove_file(self.path(name)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    fn protect(&self, name: &str) -> io::Result<()> {
        self.forget(name);
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o444))
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let aside = self.path(&format!(".tmp/{}", name.replace('/', "-")));
        fs::write(&aside, bytes)?;
        fs::rename(&aside, self.path(name))
    }

    fn point(&self, name: &str, target: &str) -> io::Result<()> {
        let aside = self.path(&format!(".tmp/{}", name.replace('/', "-")));
        match fs::remove_file(&aside) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        symlink(target, &aside)?;
        fs::rename(&aside, self.path(name))
    }
}
