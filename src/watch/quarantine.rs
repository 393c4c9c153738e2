//! Sets refused drops aside whole, with the reason beside them, and puts them back.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::found::{Found, identity_of};
use super::moving::{free_name, move_without_overwriting};

/// The hidden folder in the watched folder where refused drops lie.
pub const QUARANTINE: &str = ".quarantine";
const REASON: &str = ".reason.json";

/// Why a drop was refused; stands beside it as `<name>.reason.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Path below the watched folder where the drop lay.
    pub name: String,
    /// One word: `empty`, `too_large`, `bomb`, `corrupt_archive`, `undecodable`, `panicked` …
    pub reason: String,
    /// A sentence.
    pub detail: String,
    /// "" if it could not be read.
    pub sha256: String,
    pub bytes: u64,
    /// On what evidence it was held to be whole.
    pub evidence: String,
    /// How often it was tried.
    pub tries: u32,
    /// When it was refused, milliseconds since 1970.
    pub refused_ms: i64,
    /// The version that refused it.
    pub version: String,
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
/// place, because it is a new drop. Pipes, sockets and devices are left in place too: they are somebody's.
pub fn quarantine(folder: &Path, found: &Found, reason: &Reason) -> Quarantined {
    match set_aside(folder, found, reason) {
        Ok(path) => Quarantined::Moved(path),
        Err(error) => Quarantined::LeftInPlace(error),
    }
}

fn set_aside(folder: &Path, found: &Found, reason: &Reason) -> io::Result<PathBuf> {
    let meta = std::fs::symlink_metadata(&found.path)?;
    if !meta.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    if identity_of(&meta) != found.identity {
        return Err(io::Error::other("it changed since it was refused"));
    }
    let wanted = folder.join(QUARANTINE).join(&found.rel);
    if let Some(parent) = wanted.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let target = move_without_overwriting(&found.path, || free_name(&wanted))?;
    let text = serde_json::to_vec_pretty(reason).map_err(io::Error::other)?;
    std::fs::write(reason_path(&target), text)?;
    Ok(target)
}

fn reason_path(drop: &Path) -> PathBuf {
    let mut name = drop.as_os_str().to_owned();
    name.push(REASON);
    PathBuf::from(name)
}
