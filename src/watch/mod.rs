//! Watches a folder and hands out each file once it is whole.
//!
//! Usable by itself: it needs nothing of this library but its settings, no runtime, and two threads.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//! use wenliu::config::WatchConfig;
//! use wenliu::record::fate::Fate;
//! use wenliu::watch::{NothingKnown, Reading, Watcher, dispose};
//!
//! # let folder = tempfile::tempdir()?;
//! # std::fs::write(folder.path().join("page.txt"), "本报讯")?;
//! let config = WatchConfig { folder: folder.path().into(), ..WatchConfig::default() };
//! let watcher = Watcher::open(&config, Arc::new(NothingKnown))?;
//! while let Some(found) = watcher.next(Duration::from_secs(2)) {
//!     match Reading::open(&found, &config) {
//!         Ok(mut reading) => {
//!             while let Some(piece) = reading.next_chunk()? {
//!                 println!("{}: {} bytes from {}", found.name, piece.bytes.len(), piece.start);
//!             }
//!             if reading.still_whole() {
//!                 dispose(&found, &config)?;
//!             }
//!         }
//!         Err(error) if error.fate() == Fate::Retry => watcher.put_back(&found, &error),
//!         Err(error) => eprintln!("refused: {error}"),
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # When a file is whole
//!
//! The strongest ground there is decides, and [`Found::evidence`] tells which it was.
//!
//! | what was seen | read |
//! |---|---|
//! | its done-marker, if markers are used, younger than itself | at once |
//! | it was renamed or linked into the folder, alone or inside a folder | at once |
//! | its last writer closed it | after 120 ms; after 5 ms in a folder whose writers never continue what they closed; later in one whose writers do |
//! | it lies there, and nobody has it open for writing | when it has not changed for `settle_ms`, by the kernel's own change time |
//! | it lies there, and the file system cannot tell of writers | when its size and time stood still for `settle_ms`, which doubles while it grows |
//!
//! A file that somebody has open for writing is never whole, whatever else speaks for it, where the kernel tells (on
//! Linux, of one's own files or with `CAP_LEASE`). A file's mtime is never evidence. An empty file waits ten times as long.
//!
//! # How none stays hidden
//!
//! Events are hints: they say where to look, and a listing says what is there. The whole folder is listed at the start,
//! when the queue of events overflowed, when the folder itself was replaced, and every `rescan_ms`; each folder is asked
//! for its events before it is listed, so nothing slips through between. A cookie file proves that events come; where they
//! do not, the folder is polled, for a hundredth of the time at most, and [`WatchHealth`] says so and why.
//!
//! What waits is bounded: the oldest 65,536 files are remembered, and the folder is listed again when they are used up.

mod backlog;
mod board;
mod chunks;
mod cookie;
mod dispose;
mod events;
mod facts;
mod found;
mod habits;
mod health;
mod lease;
mod marks;
mod moving;
mod names;
mod opening;
mod patrol;
mod quarantine;
mod read;
mod read_error;
mod settle;
mod unpack;
mod walk;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;
use std::time::Duration;

pub use dispose::{DONE, Disposed, dispose};
pub use facts::Clock;
pub use found::{Evidence, Found, Known, NothingKnown, identity_of, name_of};
pub use health::{Mode, WatchHealth};
pub use quarantine::{Prisoner, QUARANTINE, Quarantined, Reason, quarantine, quarantined, release};
pub use read::{Piece, Reading};
pub use read_error::ReadError;

use board::{Board, Returned};
use names::Names;
use patrol::Patrol;

use crate::config::WatchConfig;

/// Why watching cannot start.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    #[error("cannot make the watched folder {}", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("{place}: cannot read the glob `{glob}`: {message}")]
    Glob { place: &'static str, glob: String, message: String },
    #[error("cannot start the watcher's thread")]
    Thread { source: io::Error },
}

/// Follows the folder, and hands out each file once it is whole.
///
/// All methods take `&self`: one thread may wait in [`Watcher::next`] while others ask for [`Watcher::health`].
pub struct Watcher {
    board: Arc<Board>,
    ready_max: usize,
    thread: Option<JoinHandle<()>>,
}

/// Bounds and the clock; the defaults are right for everything but tests and very small machines.
#[derive(Clone, Debug)]
pub struct Tuning {
    /// Events that may wait between the kernel's queue and the watcher's thread.
    pub events_max: usize,
    /// Files that may settle at the same time; what comes beyond is found by the next listing.
    pub settling_max: usize,
    /// Whole files kept at hand while there is a backlog.
    pub ready_max: usize,
    /// Files of a listing that are remembered, the oldest; about 100 bytes each.
    pub window_max: usize,
    /// Ask the kernel who has a file open for writing, where it answers.
    pub leases: bool,
    pub clock: Clock,
}

impl Default for Tuning {
    fn default() -> Tuning {
        Tuning {
            events_max: 16_384,
            settling_max: 16_384,
            ready_max: 512,
            window_max: 65_536,
            leases: true,
            clock: Clock::default(),
        }
    }
}

impl Watcher {
    /// Starts to watch; makes the folder if need be.
    ///
    /// # Errors
    /// The folder cannot be made, a glob cannot be read, or no thread can be started.
    pub fn open(config: &WatchConfig, known: Arc<dyn Known + Send + Sync>) -> Result<Watcher, WatchError> {
        Watcher::open_tuned(config, known, Tuning::default())
    }

    /// Starts to watch with other bounds than the usual ones.
    ///
    /// # Errors
    /// As [`Watcher::open`].
    pub fn open_tuned(
        config: &WatchConfig,
        known: Arc<dyn Known + Send + Sync>,
        tuning: Tuning,
    ) -> Result<Watcher, WatchError> {
        let names = Names::new(config)?;
        std::fs::create_dir_all(&config.folder)
            .map_err(|source| WatchError::Folder { path: config.folder.clone(), source })?;
        let (to, inbox) = sync_channel(tuning.events_max.max(1));
        let board = Arc::new(Board::new(to));
        let ready_max = tuning.ready_max;
        let patrol = Patrol::new(config, tuning, names, known, Arc::clone(&board), inbox);
        let last = LastWords(Arc::clone(&board));
        let thread = std::thread::Builder::new()
            .name("watch".into())
            .spawn(move || {
                let _last = last;
                patrol.run();
            })
            .map_err(|source| WatchError::Thread { source })?;
        Ok(Watcher { board, ready_max, thread: Some(thread) })
    }

    /// The oldest whole file; waits up to `timeout` for one. None = nothing is whole yet, or the watcher was stopped.
    ///
    /// A file is handed out once in each of its states: again only when it changes, when it went away and came
    /// back, or when it is [put back](Watcher::put_back).
    pub fn next(&self, timeout: Duration) -> Option<Found> {
        self.board.take(timeout, self.ready_max / 2)
    }

    /// Nothing waits, settles or is being listed; files in retry backoff and files that lack their marker do not count.
    pub fn idle(&self) -> bool {
        self.board.idle()
    }

    /// Takes back a file that could not be read (see [`ReadError::fate`]). It is handed out again once it is whole, or
    /// after a wait that doubles from `watch.retry_ms` each time; nothing is done if it is gone.
    pub fn put_back(&self, found: &Found, why: &ReadError) {
        let soon = matches!(why, ReadError::Vanished { .. } | ReadError::Changed { .. });
        let why = match std::error::Error::source(why) {
            Some(cause) => cause.to_string(),
            None => why.to_string(),
        };
        {
            let mut notes = self.board.notes();
            notes.returned.push(Returned { found: found.clone(), soon, why });
            notes.quiet = notes.quiet && !soon;
        }
        self.board.wake_thread();
    }

    /// Hands this file out once more though it has not changed since (`wenliu retry`); [`Known`] is asked anew.
    pub fn again(&self, rel: &Path) {
        self.board.notes().again.push(rel.to_owned());
        self.board.wake_thread();
    }

    /// How the watcher fares.
    pub fn health(&self) -> WatchHealth {
        self.board.health()
    }

    /// Asks for a full listing now.
    pub fn rescan(&self) {
        self.board.notes().rescan = true;
        self.board.wake_thread();
    }

    /// Stops the watcher's thread; [`Watcher::next`] then gives None at once.
    pub fn stop(&self) {
        self.board.stop();
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.board.stop();
        if let Some(thread) = self.thread.take() {
            // If it panicked, its last words have been said.
            drop(thread.join());
        }
    }
}

/// Lets nobody wait for a thread that has died.
struct LastWords(Arc<Board>);

impl Drop for LastWords {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!("the watcher's thread has died");
            self.0.notes().health.trouble = "the watcher's thread has died".into();
        }
        self.0.stop();
    }
}
