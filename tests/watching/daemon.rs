//! The writers against the daemon itself: what its lines and receipts tell is what was written.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use wenliu::watch::name_of;

use crate::dice::Dice;
use crate::torture::drops;
use crate::writers::{PATIENT_WRITERS, Place, Truth, WRITERS};

struct Daemon {
    child: Child,
    root: tempfile::TempDir,
}

impl Daemon {
    fn start() -> Daemon {
        let root = tempfile::tempdir().expect("a temp folder");
        let at = |name: &str| root.path().join(name);
        fs::create_dir_all(at("in")).expect("made");
        let child = Command::new(env!("CARGO_BIN_EXE_wenliu"))
            .args(["run", "--in"])
            .arg(at("in"))
            .arg("--out")
            .arg(at("out"))
            .arg("--state")
            .arg(at("state"))
            .env("WENLIU_HTTP__LISTEN", "")
            .env("WENLIU_WATCH__SETTLE_MS", "200")
            .env("WENLIU_WATCH__RESCAN_MS", "2000")
            .env("WENLIU_LOG__LEVEL", "warn")
            .stdout(Stdio::null())
            .stderr(fs::File::create(at("log")).expect("created"))
            .spawn()
            .expect("the daemon starts");
        Daemon { child, root }
    }

    fn folder(&self) -> PathBuf {
        self.root.path().join("in")
    }

    /// The lines of a stream, in order; a line that is still being written is left for the next time.
    fn lines(&self, stream: &str) -> Vec<Value> {
        let mut segments: Vec<PathBuf> = fs::read_dir(self.root.path().join("out/live"))
            .into_iter()
            .flatten()
            .flatten()
            .map(|e| e.path())
            .filter(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with(stream)))
            .collect();
        segments.sort();
        let texts = segments.iter().map(|s| fs::read_to_string(s).expect("UTF-8"));
        let whole = |text: String| {
            text.split_inclusive('\n').filter(|l| l.ends_with('\n')).map(str::to_owned).collect::<Vec<_>>()
        };
        texts.flat_map(whole).map(|l| serde_json::from_str(&l).expect("a line of JSON")).collect()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|s| s.is_none()) {
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}

fn text<'a>(line: &'a Value, key: &str) -> &'a str {
    line.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn what_lay_still_in_the_folder_is_what_the_receipts_end_with() {
    let mut daemon = Daemon::start();
    let outside = daemon.root.path().join("outside");
    fs::create_dir_all(&outside).expect("made");
    // A file with a hole holds zeros, which the daemon refuses as no text.
    let text_only = WRITERS.iter().filter(|(name, _)| *name != "sparse").copied().collect::<Vec<_>>();
    let writers = [text_only.as_slice(), PATIENT_WRITERS].concat();
    let numbers: Vec<u64> = (0..drops(700) / 14).collect();
    let folder = daemon.folder();
    let truths: Vec<Truth> = std::thread::scope(|scope| {
        let shares = numbers.chunks(numbers.len().div_ceil(8)).map(|share| {
            let (folder, outside, writers) = (&folder, &outside, &writers);
            scope.spawn(move || share.iter().map(|n| write(folder, outside, writers, *n)).collect::<Vec<_>>())
        });
        let shares: Vec<_> = shares.collect();
        shares.into_iter().flat_map(|s| s.join().expect("written")).collect()
    });
    await_receipts(&daemon, &truths);
    let pid = rustix::process::Pid::from_child(&daemon.child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("told to stop");
    assert!(daemon.child.wait().expect("it stops").success());
    judge(&daemon, &truths);
}

#[test]
fn a_refused_drop_lies_in_quarantine_until_it_is_given_another_try() {
    let daemon = Daemon::start();
    let mut dice = Dice::new(1);
    let noise: Vec<u8> = (0..20_000).map(|_| (dice.next() % 256) as u8).collect();
    let aside = daemon.root.path().join("noise");
    fs::write(&aside, &noise).expect("written");
    fs::create_dir_all(daemon.folder().join("sub")).expect("made");
    fs::rename(aside, daemon.folder().join("sub/noise.txt")).expect("renamed");
    let refusals = || daemon.lines("drops").iter().filter(|r| text(r, "outcome") == "refused").count();
    let lies = daemon.folder().join(".quarantine/sub/noise.txt");
    for round in 1..=3 {
        let until = Instant::now() + Duration::from_secs(60);
        while refusals() < round || !lies.exists() {
            let log = fs::read_to_string(daemon.root.path().join("log")).unwrap_or_default();
            assert!(Instant::now() < until, "round {round}: not refused again: {:?}\n{log}", daemon.lines("drops"));
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(fs::read(&lies).expect("there"), noise);
        assert!(daemon.folder().join(".quarantine/sub/noise.txt.reason.json").exists());
        let retry = Command::new(env!("CARGO_BIN_EXE_wenliu"))
            .args(["retry", "noise.txt", "--in"])
            .arg(daemon.folder())
            .arg("--state")
            .arg(daemon.root.path().join("state"))
            .output()
            .expect("it runs");
        assert!(retry.status.success(), "{retry:?}");
    }
}

fn write(folder: &Path, outside: &Path, writers: &[crate::writers::Writer], number: u64) -> Truth {
    let mut dice = Dice::new(number + 50_000);
    let (_, write) = *dice.pick(writers);
    let below = format!("{}", dice.from(0, 2));
    fs::create_dir_all(folder.join(&below)).expect("made");
    let rel = PathBuf::from(below).join(format!("page-{number}.txt"));
    let place =
        Place { folder: folder.into(), outside: outside.into(), rel, settle: Duration::from_millis(200), large: false };
    write(&place, &mut dice)
}

/// The hash that the receipts of each name end with.
fn ends(daemon: &Daemon) -> HashMap<String, String> {
    let receipts = daemon.lines("drops");
    receipts.iter().map(|r| (text(r, "name").to_owned(), text(r, "sha256").to_owned())).collect()
}

fn await_receipts(daemon: &Daemon, truths: &[Truth]) {
    let until = Instant::now() + Duration::from_secs(240);
    loop {
        let ends = ends(daemon);
        let missing: Vec<&Path> = truths
            .iter()
            .flat_map(|t| &t.names)
            .filter(|n| n.last.is_some_and(|last| ends.get(&name_of(&n.rel)) != Some(&last.to_string())))
            .map(|n| n.rel.as_path())
            .collect();
        if missing.is_empty() {
            return;
        }
        let log = || fs::read_to_string(daemon.root.path().join("log")).unwrap_or_default();
        assert!(Instant::now() < until, "missed: {missing:?}\n{}", log());
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn judge(daemon: &Daemon, truths: &[Truth]) {
    let whole: HashMap<String, HashSet<String>> = truths
        .iter()
        .flat_map(|t| &t.names)
        .map(|n| (name_of(&n.rel), n.whole.iter().map(ToString::to_string).collect()))
        .collect();
    let mut seen = HashSet::new();
    for receipt in daemon.lines("drops") {
        let (name, sha) = (text(&receipt, "name").to_owned(), text(&receipt, "sha256").to_owned());
        assert!(whole.get(&name).is_some_and(|w| w.contains(&sha)), "premature: {receipt}");
        assert_ne!(text(&receipt, "outcome"), "incomplete", "{receipt}");
        assert!(seen.insert((name, sha)), "doubled: {receipt}");
    }
    let mut ids = HashSet::new();
    for line in daemon.lines("articles") {
        assert!(ids.insert(text(&line, "id").to_owned()), "doubled: {line}");
    }
    assert!(!ids.is_empty(), "no lines at all");
    eprintln!("daemon: {} drops, {} receipts, {} lines", truths.len(), seen.len(), ids.len());
}
