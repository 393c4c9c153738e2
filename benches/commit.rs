//! What a commit costs beside a plain append, and how long a large ledger takes to open.
//!
//! `cargo bench --bench commit`, or with `--profile ci`. Ratios are what counts: both sides run on the same disk.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use wenliu::config::Config;
use wenliu::ledger::rows::{Batch, ChunkRow, DropRow, PathRow, State};
use wenliu::ledger::sqlite::SqliteJournal;
use wenliu::ledger::{Journal, rows};
use wenliu::pipeline::commit::{ChunkLines, ChunkResult, Committer, Finding, clock};
use wenliu::record::drop::{Carry, DropId, DropInfo, FileIdentity};
use wenliu::record::line::{JumpFacts, Line, Record};
use wenliu::record::mention::Fingerprint;

/// Lines in a group, and bytes in a line.
const GROUP: u64 = 32;
const LINE: usize = 10_000;
const ROUNDS: u64 = 150;

fn main() {
    let scratch = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on this disk");
    let plain = plain(&scratch.path().join("plain"));
    let grouped = grouped(&scratch.path().join("grouped"));
    let one = one_by_one(&scratch.path().join("one"));
    println!("{GROUP} lines of {LINE} bytes, median and 99th percentile of {ROUNDS}:");
    println!("  append + fdatasync   {:>8.2?} {:>8.2?}", plain.0, plain.1);
    println!("  commit               {:>8.2?} {:>8.2?}   {:.2} times", grouped.0, grouped.1, ratio(grouped.0, plain.0));
    println!("one line of {LINE} bytes:");
    println!("  commit               {:>8.2?} {:>8.2?}", one.0, one.1);
    let million: u64 = std::env::var("WENLIU_LEDGER_DROPS").ok().and_then(|v| v.parse().ok()).unwrap_or(1_000_000);
    let opened = large_ledger(&scratch.path().join("large"), million);
    println!("a ledger of {million} drops opens in {opened:.2?}");
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}

fn percentiles(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort();
    (times[times.len() / 2], times[times.len() * 99 / 100])
}

fn plain(folder: &Path) -> (Duration, Duration) {
    fs::create_dir_all(folder).expect("a folder");
    let mut file = File::options().create(true).append(true).open(folder.join("lines")).expect("a file");
    let line = vec![b'x'; LINE];
    let times = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        for _ in 0..GROUP {
            file.write_all(&line).expect("written");
        }
        file.sync_data().expect("synced");
        start.elapsed()
    });
    percentiles(times.collect())
}

fn config(base: &Path) -> Config {
    let mut config = Config::default();
    config.watch.folder = base.join("in");
    config.sink.folder = base.join("out");
    config.ledger.folder = base.join("state");
    config
}

/// A drop of one line; its text is as hard to compress as a record.
fn drop_of(n: u64) -> ChunkResult {
    let mut id = [0_u8; 32];
    let mut state = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for byte in &mut id {
        *byte = next().to_le_bytes()[3];
    }
    let drop = DropInfo {
        id: DropId(id),
        name: format!("p{n}.txt"),
        bytes: 2_000,
        admitted_ms: 1_725_500_000_000,
        mtime_ms: 0,
    };
    let mut record = Record { id: format!("{}-0", drop.id.short()), ..Record::default() };
    let mut text = String::new();
    while text.len() < LINE - 1_900 {
        // A third of the letters are new, the rest repeats, as in JSON.
        let letter = char::from_u32(0x4e00 + u32::try_from(next() % 2_500).expect("small")).expect("a character");
        text.push(letter);
        text.push_str("\"start\":1");
    }
    record.text = text.into();
    let fingerprint =
        Fingerprint { minhash: (0..128).map(|_| next() as u16).collect(), grams: 500, ..Fingerprint::default() };
    let lines =
        ChunkLines { lines: vec![Line::render(&record, fingerprint, JumpFacts::default())], ..ChunkLines::default() };
    ChunkResult {
        path: PathBuf::from(&drop.name),
        drop: Arc::new(drop),
        identity: FileIdentity::default(),
        evidence: "renamed-in",
        chunk: 0,
        start: 0,
        bytes: 2_000,
        last: true,
        finding: Finding::Lines(lines),
    }
}

fn commits(base: &Path, group: u64) -> (Duration, Duration) {
    let (mut committer, _) = Committer::open(&config(base), clock()).expect("opens");
    let times = (0..ROUNDS).map(|round| {
        let results: Vec<ChunkResult> = (round * group..(round + 1) * group).map(drop_of).collect();
        let start = Instant::now();
        committer.commit(&results).expect("commits");
        let taken = start.elapsed();
        committer.tick().expect("ticks");
        taken
    });
    percentiles(times.collect())
}

fn grouped(base: &Path) -> (Duration, Duration) {
    commits(base, GROUP)
}

fn one_by_one(base: &Path) -> (Duration, Duration) {
    commits(base, 1)
}

/// Fills a ledger, and opens it as a start does.
fn large_ledger(base: &Path, drops: u64) -> Duration {
    drop(Committer::open(&config(base), clock()).expect("opens"));
    let mut journal = SqliteJournal::open(&base.join("state")).expect("opens");
    for first in (0..drops).step_by(20_000) {
        let mut batch = Batch::default();
        for n in first..(first + 20_000).min(drops) {
            let result = drop_of_id(n);
            batch.drops.push(DropRow { id: result, name: format!("2024/p{n}.txt"), ..row() });
            batch.chunks.push(ChunkRow {
                drop: result,
                chunk: 0,
                start: 0,
                bytes: 9_000,
                starts: vec![0, 3_000, 6_000],
                first_seq: n * 3 + 1,
                receipt_seq: n + 1,
                finished_ms: 0,
            });
            batch.paths.push(PathRow {
                name: format!("2024/p{n}.txt"),
                identity: FileIdentity::default(),
                sha256: result.to_string(),
                outcome: "done".into(),
                reason: String::new(),
                seen_ms: 0,
                again: 0,
            });
        }
        journal.apply(&batch).expect("applied");
    }
    drop(journal);
    let start = Instant::now();
    let (committer, _) = Committer::open(&config(base), clock()).expect("opens");
    let opened = start.elapsed();
    assert!(
        committer
            .ledger()
            .standing(&drop_of_id(drops / 2))
            .is_ok_and(|s| s == wenliu::pipeline::commit::view::Standing::Done)
    );
    opened
}

fn drop_of_id(n: u64) -> DropId {
    let mut id = [0_u8; 32];
    for (nth, part) in id.chunks_mut(8).enumerate() {
        let word = (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(u32::try_from(nth * 7).expect("small"));
        part.copy_from_slice(&word.to_le_bytes());
    }
    DropId(id)
}

fn row() -> rows::DropRow {
    DropRow {
        id: DropId([0; 32]),
        name: String::new(),
        bytes: 9_000,
        admitted_ms: 0,
        finished_ms: 0,
        evidence: "renamed-in".into(),
        state: State::Done,
        reason: String::new(),
        next_chunk: 1,
        next_offset: 9_000,
        carry: Carry::default(),
        articles: 3,
        supersedes: String::new(),
        rebuilt: false,
        receipts: 0,
    }
}
