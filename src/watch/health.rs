//! How the watcher fares, for status, readiness and log.

use serde::Serialize;

/// How files are discovered at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The kernel tells; a cookie file has proved that it does.
    Events,
    /// The folder is listed again and again.
    Polling,
}

/// A snapshot of the watcher; cheap to take.
#[derive(Clone, Debug, Serialize)]
pub struct WatchHealth {
    /// The watcher's thread runs. False after [`Watcher::stop`](super::Watcher::stop), or if it has died.
    pub alive: bool,
    pub mode: Mode,
    /// Why this mode, as a sentence.
    pub why: String,
    /// The watched folder exists and can be listed.
    pub folder_ok: bool,
    /// The first full listing is through.
    pub listed_once: bool,
    /// Whole files that nobody has asked for yet, as far as they are known.
    pub waiting: u64,
    /// Files that are being written, or have not stood still for long enough.
    pub settling: u64,
    /// Files that could not be read and will be tried again.
    pub retrying: u64,
    /// How long the file that is next has been waiting, in milliseconds.
    pub oldest_waiting_ms: u64,
    /// Full listings so far, and what the last one found and took.
    pub listings: u64,
    pub last_listing_ms: i64,
    pub last_listing_files: u64,
    pub last_listing_took_ms: u64,
    /// Why the last full listing was made: `start`, `rescan`, `overflow`, `folder`, `poll`, `backlog`, `links`, `asked`.
    pub last_listing_cause: &'static str,
    /// How often the event queue overflowed.
    pub overflows: u64,
    /// Events heard so far.
    pub events: u64,
    /// Files handed out so far.
    pub found: u64,
    /// The newest trouble with a path (no permission, an unreadable folder), "" if the last listing met none.
    pub trouble: String,
}

impl WatchHealth {
    pub(crate) fn new() -> WatchHealth {
        WatchHealth {
            alive: true,
            mode: Mode::Polling,
            why: "starting".into(),
            folder_ok: false,
            listed_once: false,
            waiting: 0,
            settling: 0,
            retrying: 0,
            oldest_waiting_ms: 0,
            listings: 0,
            last_listing_ms: 0,
            last_listing_files: 0,
            last_listing_took_ms: 0,
            last_listing_cause: "",
            overflows: 0,
            events: 0,
            found: 0,
            trouble: String::new(),
        }
    }
}
