//! Sets refused drops aside whole, with the reason beside them, and puts them back.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::found::{Found, now_ms};
use super::moving::{free_name, is_still, move_to};
use crate::record::drop::{DropId, hex};

/// The hidden folder in the watched folder where refused drops lie.
pub const QUARANTINE: &str = ".quarantine";

const REASON: &str = ".reason.json";
/// Longest name of a file on every file system there is.
const NAME_MAX: usize = 255;

/// Why a drop was refused; stands beside it as `<name>.reason.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Path below the watched folder where the drop lay.
    pub name: String,
    /// The same as hex, if it is no UTF-8; else "".
    #[serde(default)]
    pub raw_name: String,
    /// One word: `empty`, `too_large`, `bomb`, `corrupt_archive`, `undecodable`, `panicked` …
    pub reason: String,
    /// A sentence.
    pub detail: String,
    /// "" if it could not be read.
    pub sha256: String,
    pub bytes: u64,
    /// On what evidence it was held to be whole.
    pub evidence: String,
    /// How often it had been tried before.
    pub tries: u32,
    /// When it was refused, milliseconds since 1970.
    pub refused_ms: i64,
    /// The version that refused it.
    pub version: String,
}

impl Reason {
    /// The reason for a found file, refused now.
    pub fn new(found: &Found, id: Option<DropId>, reason: &str, detail: &str) -> Reason {
        Reason {
            name: found.name.clone(),
            raw_name: raw_name(&found.rel),
            reason: reason.into(),
            detail: detail.into(),
            sha256: id.map(|id| id.to_string()).unwrap_or_default(),
            bytes: found.identity.size,
            evidence: found.evidence.to_string(),
            tries: found.tries,
            refused_ms: now_ms(),
            version: env!("CARGO_PKG_VERSION").into(),
        }
    }

    /// Where the drop lay, byte for byte.
    fn rel(&self) -> PathBuf {
        match unhex(&self.raw_name) {
            Some(bytes) if !bytes.is_empty() => PathBuf::from(OsString::from_vec(bytes)),
            _ => PathBuf::from(&self.name),
        }
    }
}

/// What became of a refused drop.
#[derive(Debug)]
pub enum Quarantined {
    /// It lies here now.
    Moved(PathBuf),
    /// It could not be moved and was left where it lay; the ledger must remember it.
    LeftInPlace(io::Error),
}

/// Moves a refused drop to `<folder>/.quarantine/`, below the same sub-folders, and writes the reason beside it.
///
/// Never overwrites: a second drop of the same name gets a number. A file that changed since it was found is left in
/// place, because it is a new drop. Pipes, sockets, devices and links are left in place too: they are somebody's.
pub fn quarantine(folder: &Path, found: &Found, reason: &Reason) -> Quarantined {
    match set_aside(folder, found, reason) {
        Ok(path) => Quarantined::Moved(path),
        Err(error) => Quarantined::LeftInPlace(error),
    }
}

fn set_aside(folder: &Path, found: &Found, reason: &Reason) -> io::Result<PathBuf> {
    if !fs::symlink_metadata(&found.path)?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    if !is_still(found)? {
        return Err(io::Error::other("it changed since it was refused"));
    }
    let wanted = folder.join(QUARANTINE).join(&found.rel);
    fs::create_dir_all(wanted.parent().unwrap_or(folder))?;
    let reason = Reason { raw_name: raw_name(&found.rel), ..reason.clone() };
    let text = serde_json::to_vec_pretty(&reason).map_err(io::Error::other)?;
    loop {
        let target = free_name(&wanted, |path| reason_path(path).symlink_metadata().is_ok());
        // The reason first: a drop that lies in quarantine always has one, whatever happens in between.
        let note = reason_path(&target);
        match fs::OpenOptions::new().write(true).create_new(true).open(&note) {
            Ok(mut file) => file.write_all(&text)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        }
        match move_to(&found.path, &target) {
            Ok(()) => return Ok(target),
            Err(error) => {
                drop(fs::remove_file(&note));
                if error.kind() != io::ErrorKind::AlreadyExists {
                    return Err(error);
                }
            }
        }
    }
}

/// A drop that lies in quarantine.
#[derive(Clone, Debug)]
pub struct Prisoner {
    /// Where it lies.
    pub path: PathBuf,
    /// Where it lay, and will lie, below the watched folder.
    pub rel: PathBuf,
    pub reason: Reason,
}

/// What lies in quarantine, in the order of the names. A reason that cannot be read is left out, with its drop.
///
/// # Errors
/// A folder that cannot be listed; that there is no quarantine is none.
pub fn quarantined(folder: &Path) -> io::Result<Vec<Prisoner>> {
    let root = folder.join(QUARANTINE);
    let mut prisoners = Vec::new();
    let mut todo = vec![root];
    while let Some(folder) = todo.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                todo.push(entry.path());
            } else if !entry.file_name().as_bytes().ends_with(REASON.as_bytes()) {
                prisoners.extend(prisoner(entry.path()));
            }
        }
    }
    prisoners.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(prisoners)
}

fn prisoner(path: PathBuf) -> Option<Prisoner> {
    let reason: Reason = serde_json::from_slice(&fs::read(reason_path(&path)).ok()?).ok()?;
    let rel = reason.rel();
    Some(Prisoner { path, rel, reason })
}

/// Puts a drop back where it lay, so that it is read again; its reason is removed. Returns where it lies.
///
/// # Errors
/// Something else lies there by now (`AlreadyExists`), or the move failed; the drop stays in quarantine.
pub fn release(folder: &Path, prisoner: &Prisoner) -> io::Result<PathBuf> {
    let target = folder.join(&prisoner.rel);
    fs::create_dir_all(target.parent().unwrap_or(folder))?;
    move_to(&prisoner.path, &target)?;
    fs::remove_file(reason_path(&prisoner.path))?;
    Ok(target)
}

/// Beside the drop; for a very long name, one that starts like it and ends in its hash.
fn reason_path(drop: &Path) -> PathBuf {
    let name = drop.file_name().unwrap_or_default();
    let mut own = name.as_bytes().to_vec();
    if own.len() + REASON.len() > NAME_MAX {
        let hash = rapidhash::v3::rapidhash_v3(name.as_bytes());
        own.truncate(NAME_MAX - REASON.len() - 17);
        own.extend_from_slice(format!("~{hash:016x}").as_bytes());
    }
    own.extend_from_slice(REASON.as_bytes());
    drop.with_file_name(OsStr::from_bytes(&own))
}

fn raw_name(rel: &Path) -> String {
    match rel.to_str() {
        Some(_) => String::new(),
        None => hex(rel.as_os_str().as_bytes()),
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    Some(digits?.chunks_exact(2).map(|pair| pair[0] * 16 + pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuse(folder: &Path, rel: &Path, text: &str) -> Quarantined {
        let path = folder.join(rel);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("made");
        fs::write(&path, text).expect("written");
        let found = Found::at(folder, rel).expect("found");
        quarantine(folder, &found, &Reason::new(&found, None, "empty", "nothing in it"))
    }

    #[test]
    fn a_refused_drop_goes_and_comes_back_whole_whatever_its_name() {
        let folder = tempfile::tempdir().expect("a temp folder");
        let long = "长".repeat(85);
        for name in [b"a/b/page.txt".as_slice(), b"\xb1\xa8\xd6\xbd.txt", long.as_bytes(), b"x.reason", b"two\nlines"] {
            let rel = Path::new(OsStr::from_bytes(name));
            let Quarantined::Moved(to) = refuse(folder.path(), rel, "text") else { panic!("it was left: {rel:?}") };
            assert!(!folder.path().join(rel).exists() && to.exists());
            let prisoners = quarantined(folder.path()).expect("listed");
            assert_eq!(prisoners.iter().map(|p| p.rel.as_path()).collect::<Vec<_>>(), [rel]);
            assert_eq!(release(folder.path(), &prisoners[0]).expect("released"), folder.path().join(rel));
            assert_eq!(fs::read(folder.path().join(rel)).expect("back"), b"text");
            assert!(quarantined(folder.path()).expect("listed").is_empty());
        }
    }

    #[test]
    fn nothing_is_overwritten_going_or_coming() {
        let folder = tempfile::tempdir().expect("a temp folder");
        for text in ["one", "two"] {
            assert!(matches!(refuse(folder.path(), Path::new("a.txt"), text), Quarantined::Moved(_)));
        }
        let prisoners = quarantined(folder.path()).expect("listed");
        let names: Vec<_> = prisoners.iter().map(|p| p.path.file_name().expect("a name").to_owned()).collect();
        assert_eq!(names, ["a.1.txt", "a.txt"]);
        release(folder.path(), &prisoners[0]).expect("released");
        let error = release(folder.path(), &prisoners[1]).expect_err("the name is taken");
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(folder.path().join("a.txt")).expect("there"), b"two");
    }

    #[test]
    fn what_changed_or_is_no_file_is_left() {
        let folder = tempfile::tempdir().expect("a temp folder");
        fs::write(folder.path().join("a"), "one").expect("written");
        let found = Found::at(folder.path(), Path::new("a")).expect("found");
        fs::write(folder.path().join("a"), "other").expect("written");
        let reason = Reason::new(&found, None, "undecodable", "no encoding fits");
        assert!(matches!(quarantine(folder.path(), &found, &reason), Quarantined::LeftInPlace(_)));
        assert!(quarantined(folder.path()).expect("no quarantine").is_empty());
    }
}
