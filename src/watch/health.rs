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
    /// How long the file that waits longest has been waiting, in milliseconds.
    pub oldest_waiting_ms: u64,
    /// Full listings so far, and what the last one found and took.
    pub listings: u64,
    pub last_listing_ms: i64,
    pub last_listing_files: u64,
    pub last_listing_took_ms: u64,
    /// Why the last full listing was made: `start`, `rescan`, `overflow`, `folder`, `poll`, `backlog`, `asked`.
    pub last_listing_cause: &'static str,
    /// How often the event queue overflowed.
    pub overflows: u64,
    /// Events looked at so far.
    pub events: u64,
    /// Files handed out so far.
    pub found: u64,
    /// The newest trouble with a path (no permission, an unreadable folder), "" if the last listing met none.
    pub trouble: String,
}
