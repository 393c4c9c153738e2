//! How long the near-duplicate index takes to answer when it is large.
//!
//! `cargo bench --bench near_dup`, or with `--profile ci`; `WENLIU_NEAR_ARTICLES` sets how many articles it holds, a
//! million by itself. Fingerprints are made up: most keys are an article's own, some are phrases of the trade that
//! many share, and every hundredth article is another state of an earlier one.

use std::time::{Duration, Instant};

use wenliu::ledger::near_dup::{self, Shelf};
use wenliu::ledger::rows::{Batch, NearRow};
use wenliu::ledger::sqlite::SqliteJournal;
use wenliu::ledger::{Journal, JournalError};
use wenliu::record::mention::Fingerprint;

/// Rows in a commit while the index is filled, and queries that are timed.
const GROUP: u64 = 256;
const QUERIES: u64 = 2_000;

fn main() {
    let articles: u64 = std::env::var("WENLIU_NEAR_ARTICLES").ok().and_then(|v| v.parse().ok()).unwrap_or(1_000_000);
    let folder = tempfile::tempdir_in(".").expect("a folder on this disk");
    let mut journal = SqliteJournal::open(folder.path()).expect("opens");
    let start = Instant::now();
    let mut slowest = Duration::ZERO;
    for first in (0..articles).step_by(usize::try_from(GROUP).expect("small")) {
        let near = (first..(first + GROUP).min(articles))
            .map(|seq| {
                let print = print(seq);
                let doc = near_dup::doc(&format!("{seq:032x}-0"), &print, 0);
                NearRow { seq: seq + 1, keys: near_dup::keys(&print), doc }
            })
            .collect();
        let applied = Instant::now();
        journal.apply(&Batch { near, ..Batch::default() }).expect("applied");
        slowest = slowest.max(applied.elapsed());
    }
    let filled = start.elapsed();
    println!("{articles} articles put in: {filled:.1?}, slowest commit of {GROUP} {slowest:.1?}");
    let mut times = Vec::new();
    let mut found = 0;
    for nth in 0..QUERIES {
        // Every second query is about something that is there.
        let seq = nth * 7_919 % articles;
        let print = if nth.is_multiple_of(2) { print(seq) } else { print(articles + nth * 101) };
        let start = Instant::now();
        let near = near_dup::nearest(&print, &mut Kept(&mut journal), 0.4, i64::MIN).expect("answers");
        times.push(start.elapsed());
        found += usize::from(!near.of.is_empty());
    }
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "{QUERIES} queries, {found} with an answer: p50 {:.2?} p99 {:.2?} worst {:.2?}",
        at(0.5),
        at(0.99),
        at(1.0)
    );
    let memory = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |key: &str| memory.lines().find_map(|l| l.strip_prefix(key)).unwrap_or_default().trim().to_owned();
    println!("resident {}, at most {}", of("VmRSS:"), of("VmHWM:"));
}

struct Kept<'a>(&'a mut SqliteJournal);

impl Shelf for Kept<'_> {
    fn postings(&mut self, keys: &[u64]) -> Result<Vec<(u64, u64)>, JournalError> {
        self.0.near_postings(keys)
    }

    fn doc(&mut self, seq: u64) -> Result<Option<Vec<u8>>, JournalError> {
        self.0.near_doc(seq)
    }
}

fn mix(n: u64, salt: u64) -> u64 {
    let mut x = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt.wrapping_mul(0xd6e8_feb8_6659_fd93);
    x = (x ^ (x >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    x ^ (x >> 29)
}

/// The made-up fingerprint of article `seq`; every hundredth goes on from the one a thousand before.
fn print(seq: u64) -> Fingerprint {
    let text = if seq % 100 == 99 { seq.saturating_sub(1_000) } else { seq };
    let value = |n: u64| if n & 15 == 3 { mix(text % 400, n) } else { mix(text, n) };
    let own = |n: u64| if n.is_multiple_of(5) { mix(seq, 900 + n) } else { value(n) };
    let low = |x: u64| u16::try_from(x & 0xffff).expect("masked");
    let mut anchors: Vec<u32> = (200..248).map(|n| u32::try_from(value(n) >> 32).expect("shifted") >> 4).collect();
    anchors.sort_unstable();
    Fingerprint {
        minhash: (0..128).map(|n| low(own(n))).collect(),
        grams: 900,
        anchors,
        numbers: Vec::new(),
        paras: (300..306).map(|n| mix(text, n) & !0xff | 30).collect(),
    }
}
