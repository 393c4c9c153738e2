//! From a complete drop to its lines on disk and in sight: 50 drops a second, renamed into the folder.
//!
//! `cargo bench --profile ci --bench latency`, on a machine that does nothing else.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Seconds of drops, and drops a second.
const SECONDS: u32 = 20;
const RATE: u32 = 50;

fn main() {
    let base = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on this disk");
    let started = Instant::now();
    let mut daemon = Command::new(env!("CARGO_BIN_EXE_wenliu"))
        .args(["run", "--quiet", "--set", "http.listen=\"\""])
        .args(["--in".as_ref(), base.path().join("in").as_os_str()])
        .args(["--out".as_ref(), base.path().join("out").as_os_str()])
        .args(["--state".as_ref(), base.path().join("state").as_os_str()])
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let page = page();
    let mut reader = Reader::new(&base.path().join("out/live"));
    while !base.path().join("state/control.sock").exists() {
        std::thread::sleep(Duration::from_millis(1));
    }
    put(base.path(), "first.txt", &format!("{page}第一\n"));
    while reader.names().is_empty() {
        std::thread::sleep(Duration::from_micros(500));
    }
    println!("start to first record: {:.0?}", started.elapsed());

    let mut put_at: HashMap<String, Instant> = HashMap::new();
    let mut taken: Vec<Duration> = Vec::new();
    let (begin, count) = (Instant::now(), SECONDS * RATE);
    let mut next = 0;
    while taken.len() < count as usize && begin.elapsed() < Duration::from_secs(u64::from(SECONDS) * 3) {
        if next < count && begin.elapsed() >= Duration::from_secs(1) * next / RATE {
            let name = format!("p{next:05}.txt");
            put(base.path(), &name, &format!("{page}第{next}号\n"));
            put_at.insert(name, Instant::now());
            next += 1;
        }
        for name in reader.names() {
            taken.extend(put_at.remove(&name).map(|at| at.elapsed()));
        }
        std::thread::sleep(Duration::from_micros(300));
    }
    drop(daemon.kill());
    drop(daemon.wait());
    taken.sort();
    let at = |share: f64| taken[((taken.len() - 1) as f64 * share) as usize];
    println!(
        "{} of {count} drops at {RATE} a second: p50 {:.1?}, p99 {:.1?}, longest {:.1?}",
        taken.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

/// An invented page of three reports, some 3 KB.
fn page() -> String {
    let sentences = [
        "新建的步行桥昨日通车，两岸居民往来不再绕行。",
        "镇里今年修缮水渠12公里，灌溉面积增加三成。",
        "“孩子们放学路上更安全了。”家长周小禾说。",
        "据统计，上半年全镇接待游客8.6万人次，同比增长15%。",
    ];
    (0..3).fold(String::new(), |page, nth| {
        let text = format!("本报南溪9月{}日电（记者 李文博）{}", nth + 3, sentences.join("").repeat(2 + nth));
        let letters: Vec<char> = text.chars().collect();
        let lines: Vec<String> = letters.chunks(16).map(|line| line.iter().collect()).collect();
        format!("{page}南溪工程见成效\n{}\n\n", lines.join("\n"))
    })
}

fn put(base: &Path, name: &str, text: &str) {
    let aside = base.join("coming");
    fs::write(&aside, text).expect("written");
    fs::rename(aside, base.join("in").join(name)).expect("renamed");
}

/// Reads new receipts as they come; a receipt is visible after the lines it speaks of.
struct Reader {
    live: PathBuf,
    open: HashMap<PathBuf, (File, Vec<u8>)>,
}

impl Reader {
    fn new(live: &Path) -> Reader {
        Reader { live: live.to_owned(), open: HashMap::new() }
    }

    fn names(&mut self) -> Vec<String> {
        for entry in fs::read_dir(&self.live).into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_name().to_string_lossy().starts_with("drops") && !self.open.contains_key(&path) {
                self.open.extend(File::open(&path).ok().map(|file| (path, (file, Vec::new()))));
            }
        }
        let mut names = Vec::new();
        for (file, rest) in self.open.values_mut() {
            drop(file.read_to_end(rest));
            let whole = rest.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
            for line in String::from_utf8_lossy(&rest[..whole]).lines() {
                let receipt: serde_json::Value = serde_json::from_str(line).expect("a receipt");
                names.push(receipt["name"].as_str().expect("a name").to_owned());
            }
            rest.drain(..whole);
        }
        names
    }
}
