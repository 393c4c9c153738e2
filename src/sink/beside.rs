//! What stands beside the segments: `status.json` and `current.jsonl`.

use serde::{Deserialize, Serialize};

use crate::disk::Disk;
use crate::record::stream::Stream;

/// `status.json`: idle can be told from dead.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Status {
    pub schema_version: String,
    /// `recovering | running | paused | stopped`
    pub state: String,
    /// The same as `state` being `recovering`: until it is false, a reader waits.
    pub recovering: bool,
    /// Why intake is paused, in words; "" when it is not.
    pub paused: String,
    pub pid: u32,
    /// Which start of the machine it runs in.
    pub boot: String,
    /// Live files that hold bytes of somebody else, found at the start.
    pub damaged: Vec<String>,
    /// When this daemon started, and when it last said so, RFC 3339; it says so at least every 10 seconds.
    pub started: String,
    pub updated: String,
    /// The last committed lines.
    pub articles_seq: u64,
    pub drops_seq: u64,
    /// The address of the page, "" when there is none.
    pub http: String,
}

/// Puts `status.json` in place.
pub fn tell(disk: &dyn Disk, status: &Status) -> std::io::Result<()> {
    let mut json = serde_json::to_vec(status).expect("a status is plain data");
    json.push(b'\n');
    disk.replace("status.json", &json)
}

/// Points `current.jsonl` at the growing articles segment.
pub fn point(disk: &dyn Disk, segment: u64) -> std::io::Result<()> {
    disk.point("current.jsonl", &Stream::Articles.live(segment))
}
