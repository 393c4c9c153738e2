//! The built binary as a user runs it: files dropped, renamed and slowly written into a watched folder.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use wenliu::record::line::{Receipt, Record};

use crate::common::path;

/// A running daemon on folders of its own; killed when the test is over.
pub struct Daemon {
    child: Child,
    pub base: tempfile::TempDir,
}

impl Daemon {
    /// Starts `wenliu run` with these settings on top.
    pub fn start(base: tempfile::TempDir, settings: &[&str]) -> Daemon {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wenliu"));
        command.args(["run", "--set", "http.listen=\"\"", "--set", "watch.settle_ms=150"]);
        for setting in settings {
            command.args(["--set", setting]);
        }
        for (flag, name) in [("--in", "in"), ("--out", "out"), ("--state", "state")] {
            command.arg(flag).arg(base.path().join(name));
        }
        command.stderr(File::create(base.path().join("log")).expect("a log file")).stdout(Stdio::null());
        let child = command.spawn().expect("the binary starts");
        let daemon = Daemon { child, base };
        daemon.wait("status.json", |d| d.base.path().join("out/status.json").exists());
        daemon
    }

    fn watched(&self) -> PathBuf {
        self.base.path().join("in")
    }

    /// Lays a file into the folder as a careful writer does.
    pub fn rename_in(&self, name: &str, bytes: &[u8]) {
        let hidden = self.base.path().join("coming");
        fs::write(&hidden, bytes).expect("written");
        fs::rename(hidden, self.watched().join(name)).expect("renamed");
    }

    pub fn receipts(&self) -> Vec<Receipt> {
        lines(&self.base.path().join("out/live"), "drops-")
            .iter()
            .map(|l| serde_json::from_str(l).expect("a receipt"))
            .collect()
    }

    pub fn records(&self) -> Vec<Record<'static>> {
        lines(&self.base.path().join("out/live"), "articles-")
            .iter()
            .map(|l| serde_json::from_str(l).expect("a record"))
            .collect()
    }

    /// Waits until something holds; the log tells what happened when it does not.
    pub fn wait(&self, what: &str, holds: impl Fn(&Daemon) -> bool) {
        let until = Instant::now() + Duration::from_secs(20);
        while !holds(self) {
            let log = || fs::read_to_string(self.base.path().join("log")).unwrap_or_default();
            assert!(Instant::now() < until, "waited in vain for {what}; the daemon said:\n{}", log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// SIGTERM, and the exit code.
    pub fn stop(mut self) -> (i32, tempfile::TempDir) {
        let pid = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw).expect("a process id");
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("signalled");
        let status = self.child.wait().expect("it ends");
        let base = std::mem::replace(&mut self.base, tempfile::tempdir().expect("a temp folder"));
        (status.code().unwrap_or(-1), base)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// The whole lines of a stream, segment after segment.
fn lines(folder: &Path, stream: &str) -> Vec<String> {
    let mut segments: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with(stream)))
        .collect();
    segments.sort();
    let text: String = segments.iter().map(|p| fs::read_to_string(p).expect("readable")).collect();
    text.split_inclusive('\n').filter(|l| l.ends_with('\n')).map(str::to_owned).collect()
}

fn page(name: &str) -> Vec<u8> {
    fs::read(path("tests/corpus/pages").join(name)).expect("a page of our own")
}

#[test]
fn drops_renames_and_slow_writers_all_become_lines() {
    let daemon = Daemon::start(tempfile::tempdir().expect("a temp folder"), &[]);
    daemon.rename_in("renamed-2024-09-05.txt", &page("p01-2024-09-05.txt"));
    let slow = page("p03-gb18030-2023-11-08.txt");
    let mut file = File::create(daemon.watched().join("slow.txt")).expect("created");
    for piece in slow.chunks(slow.len() / 4 + 1) {
        file.write_all(piece).expect("written");
        std::thread::sleep(Duration::from_millis(120));
    }
    drop(file);
    fs::create_dir(daemon.watched().join("sub")).expect("a folder");
    daemon.rename_in("sub/page.txt", &page("p06-english.txt"));
    daemon.wait("three receipts", |d| d.receipts().len() >= 3);
    let receipts = daemon.receipts();
    assert!(receipts.iter().all(|r| r.outcome == "done"), "{receipts:?}");
    let mut names: Vec<_> = receipts.iter().map(|r| r.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["renamed-2024-09-05.txt", "slow.txt", "sub/page.txt"]);
    let records = daemon.records();
    assert_eq!(records.iter().map(|r| r.seq).collect::<Vec<_>>(), (1..=records.len() as u64).collect::<Vec<_>>());
    let slow = receipts.iter().find(|r| r.name == "slow.txt").expect("its receipt");
    assert_eq!(slow.bytes, page("p03-gb18030-2023-11-08.txt").len() as u64, "read whole, not too early");
    let (code, base) = daemon.stop();
    assert_eq!(code, 0);
    let sealed = lines(&base.path().join("out/sealed"), "articles-");
    assert_eq!(sealed.len(), records.len(), "a clean stop seals what was live");
}

#[test]
fn what_cannot_be_read_gets_a_receipt_and_the_daemon_goes_on() {
    let daemon = Daemon::start(tempfile::tempdir().expect("a temp folder"), &[]);
    daemon.rename_in("empty.txt", b"");
    daemon.rename_in(
        "binary.txt",
        &[b"\x7fELF\x02\x01\x01\0\0\0\0\0\0".as_slice(), &[0, 159, 146, 150, 1, 2, 3, 0xff]].concat(),
    );
    rustix::fs::mknodat(
        rustix::fs::CWD,
        daemon.watched().join("pipe.txt"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o644),
        0,
    )
    .expect("a pipe");
    daemon.rename_in("good.txt", &page("p02-headlines-2024-05-17.txt"));
    daemon.wait("four receipts", |d| d.receipts().len() >= 4);
    for receipt in daemon.receipts() {
        let wanted = if receipt.name == "good.txt" { "done" } else { "refused" };
        assert_eq!(receipt.outcome, wanted, "{}: {}", receipt.name, receipt.reason);
        assert_eq!(receipt.reason.is_empty(), wanted == "done", "a refusal says why: {receipt:?}");
    }
    let quarantine = daemon.watched().join(".quarantine");
    for name in ["empty.txt", "binary.txt"] {
        daemon.wait("quarantine", |_| quarantine.join(name).exists());
        assert!(quarantine.join(format!("{name}.reason.json")).exists(), "its reason stands beside {name}");
    }
    assert_eq!(daemon.stop().0, 0);
}

#[test]
fn the_same_bytes_give_no_second_line_and_new_bytes_supersede() {
    let daemon = Daemon::start(tempfile::tempdir().expect("a temp folder"), &[]);
    let bytes = page("p07-tight-crlf.txt");
    daemon.rename_in("a.txt", &bytes);
    daemon.wait("a receipt", |d| d.receipts().len() == 1);
    let count = daemon.records().len();
    daemon.rename_in("b.txt", &bytes);
    daemon.wait("a receipt for the copy", |d| d.receipts().len() == 2);
    assert_eq!(daemon.receipts()[1].outcome, "duplicate");
    assert_eq!(daemon.records().len(), count, "a duplicate has no lines");
    daemon.rename_in("a.txt", &page("p09-wide-no-blank.txt"));
    daemon.wait("a receipt for the new version", |d| d.receipts().len() == 3);
    let new = daemon.records().split_off(count);
    assert!(!new.is_empty() && new.iter().all(|r| r.supersedes == daemon.receipts()[0].sha256), "new bytes supersede");
    let (_, base) = daemon.stop();
    let again = Daemon::start(base, &[]);
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(again.receipts().len(), 3, "after a restart nothing is read again");
}
