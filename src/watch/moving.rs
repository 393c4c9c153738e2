//! Moves files without ever overwriting one.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

/// `wanted`, or the first of `wanted.1`, `wanted.2` … that is free at the moment.
pub(crate) fn free_name(wanted: &Path) -> PathBuf {
    let mut candidate = wanted.to_owned();
    let mut number = 0_u64;
    while candidate.symlink_metadata().is_ok() {
        number += 1;
        candidate = numbered(wanted, number);
    }
    candidate
}

/// `page.txt` becomes `page.1.txt`, so that its kind can still be told.
fn numbered(wanted: &Path, number: u64) -> PathBuf {
    let mut name: OsString = wanted.file_stem().unwrap_or_default().to_owned();
    name.push(format!(".{number}"));
    if let Some(extension) = wanted.extension() {
        name.push(".");
        name.push(extension);
    }
    wanted.with_file_name(name)
}

/// Renames `from` to what `target` proposes, which is asked again when somebody else took the name in between.
pub(crate) fn move_without_overwriting(from: &Path, target: impl Fn() -> PathBuf) -> io::Result<PathBuf> {
    loop {
        let to = target();
        match renameat_with(CWD, from, CWD, &to, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(to),
            Err(rustix::io::Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
