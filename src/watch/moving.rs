//! Moves files without ever overwriting one, or taking one that has changed.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::found::{Found, identity_of};

/// Whether the file is what it was when it was found; for a link, what it leads to.
pub(crate) fn is_still(found: &Found) -> io::Result<bool> {
    match fs::metadata(&found.path) {
        Ok(meta) => Ok(identity_of(&meta) == found.identity),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// `wanted`, or the first of `page.1.txt`, `page.2.txt` … that is free at the moment and not `taken` otherwise.
pub(crate) fn free_name(wanted: &Path, taken: impl Fn(&Path) -> bool) -> PathBuf {
    let is_free =
        |path: &Path| path.symlink_metadata().is_err_and(|e| e.kind() == io::ErrorKind::NotFound) && !taken(path);
    let numbers = (1_u64..).map(|n| numbered(wanted, n));
    std::iter::once(wanted.to_owned()).chain(numbers).find(|p| is_free(p)).unwrap_or_else(|| wanted.to_owned())
}

/// `page.txt` becomes `page.1.txt`, so that its kind can still be told; a name that has no room left is shortened.
fn numbered(wanted: &Path, number: u64) -> PathBuf {
    let stem = wanted.file_stem().unwrap_or_default();
    let extension = wanted.extension().unwrap_or_default();
    let room = 255_usize.saturating_sub(extension.len() + 22);
    let mut name = OsString::new();
    match stem.len() <= room {
        true => name.push(stem),
        false => name.extend(
            stem.to_string_lossy()
                .char_indices()
                .take_while(|(at, c)| at + c.len_utf8() <= room)
                .map(|(_, c)| OsString::from(String::from(c))),
        ),
    }
    name.push(format!(".{number}"));
    if !extension.is_empty() {
        name.push(".");
        name.push(extension);
    }
    wanted.with_file_name(name)
}

/// Renames; fails with `AlreadyExists` where the name is taken.
pub(crate) fn move_to(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Some network file systems do not know the flag; a link does not overwrite either.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
            fs::hard_link(from, to)?;
            fs::remove_file(from)
        }
        Err(error) => Err(error.into()),
        Ok(()) => Ok(()),
    }
}

/// Moves a found file to `wanted` or a numbered name beside it; to another file system by a synced copy. None if it has
/// changed: then it stays.
pub(crate) fn move_found(found: &Found, wanted: &Path) -> io::Result<Option<PathBuf>> {
    loop {
        let target = free_name(wanted, |_| false);
        match take(found, &target) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => return copy_over(found, wanted),
            Err(error) => return Err(error),
            Ok(taken) => return Ok(taken.then_some(target)),
        }
    }
}

/// Renames a found file if it still is what was found. It is looked at once more under its new name, since it may have
/// been written to in between; then it gets its old name back.
fn take(found: &Found, to: &Path) -> io::Result<bool> {
    if !is_still(found)? {
        return Ok(false);
    }
    let is_link = fs::symlink_metadata(&found.path)?.is_symlink();
    move_to(&found.path, to)?;
    // A relative link leads elsewhere from its new place.
    if is_link || identity_of(&fs::symlink_metadata(to)?) == found.identity {
        return Ok(true);
    }
    move_to(to, &found.path)?;
    Ok(false)
}

fn copy_over(found: &Found, wanted: &Path) -> io::Result<Option<PathBuf>> {
    let folder = wanted.parent().unwrap_or(Path::new("."));
    let aside = free_name(&folder.join(format!(".wenliu-moving-{}", std::process::id())), |_| false);
    let outcome = copy_to(found, &aside).and_then(|()| {
        if !is_still(found)? {
            return Ok(None);
        }
        let target = loop {
            let target = free_name(wanted, |_| false);
            match move_to(&aside, &target) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
                Ok(()) => break target,
            }
        };
        File::open(folder)?.sync_all()?;
        delete_found(found).map(|deleted| deleted.then_some(target))
    });
    if !matches!(outcome, Ok(Some(_))) {
        drop(fs::remove_file(&aside));
    }
    outcome
}

fn copy_to(found: &Found, to: &Path) -> io::Result<()> {
    let mut source = File::open(&found.path)?;
    let mut copy = File::options().write(true).create_new(true).open(to)?;
    io::copy(&mut source, &mut copy)?;
    copy.set_modified(source.metadata()?.modified()?)?;
    copy.sync_all()
}

/// Deletes a found file if it still is what was found. It is taken out of sight first, because between a look and a
/// removal a writer could put another file in its place.
pub(crate) fn delete_found(found: &Found) -> io::Result<bool> {
    let folder = found.path.parent().unwrap_or(Path::new("."));
    let aside = free_name(&folder.join(format!(".wenliu-done-{}", std::process::id())), |_| false);
    if !take(found, &aside)? {
        return Ok(false);
    }
    fs::remove_file(&aside)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_goes_before_the_kind_and_fits() {
        assert_eq!(numbered(Path::new("a/page.txt"), 3), PathBuf::from("a/page.3.txt"));
        assert_eq!(numbered(Path::new("page"), 1), PathBuf::from("page.1"));
        let long = format!("{}.txt", "长".repeat(83));
        assert!(numbered(Path::new(&long), u64::MAX).as_os_str().len() <= 255);
    }
}
