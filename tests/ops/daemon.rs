//! Starts the daemon on folders of its own, asks it, and stops it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, geteuid, kill_process};
use serde_json::Value;

/// A user without rights, so that taken permissions hold even when the tests run as root.
const NOBODY: u32 = 65_534;

/// A page that gives one article.
pub fn page(number: usize) -> String {
    format!(
        "本报讯 9月4日，第{number}届无名城读书节在北大街开幕。\n市民李明远说：“今年的第{number}号书摊比去年大了一倍。”\n据悉，读书节将持续到9月10日。\n"
    )
}

/// A running daemon.
pub struct Daemon {
    child: Child,
    pub root: PathBuf,
    pub address: String,
    /// Kept until the daemon is gone.
    _folder: tempfile::TempDir,
}

impl Daemon {
    /// Starts one on fresh folders and waits until it is ready.
    pub fn start(arguments: &[&str]) -> Daemon {
        Daemon::start_with(arguments, &[], |_| {})
    }

    /// Starts one with variables, after `prepare` has seen its folder.
    pub fn start_with(arguments: &[&str], variables: &[(&str, &str)], prepare: impl FnOnce(&Path)) -> Daemon {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().to_owned();
        prepare(&root);
        for name in ["in", "out", "state"] {
            std::fs::create_dir_all(root.join(name)).expect("made");
        }
        let mut command = command(&root);
        command.args(["run", "--set", "http.listen=\":0\"", "--set", "watch.rescan_ms=1000"]).args(arguments);
        command.args(["--set", "watch.retry_ms=500"]).envs(variables.iter().copied());
        let log = std::fs::File::create(root.join("log")).expect("a log");
        command.stderr(Stdio::from(log)).stdout(Stdio::null());
        own_by_nobody(&root, &mut command);
        let child = command.spawn().expect("the binary runs");
        let mut daemon = Daemon { child, root, address: String::new(), _folder: folder };
        let listens = !arguments.iter().any(|a| a.starts_with("http.listen=\"127"));
        if listens {
            let address = within(Duration::from_secs(20), || {
                let address = daemon.told()["http"].as_str().unwrap_or_default().to_owned();
                (!address.is_empty()).then_some(address)
            });
            daemon.address = address.unwrap_or_else(|| panic!("it never listened: {}", daemon.log()));
            daemon.until("ready", Duration::from_secs(20), |d| d.get("/readyz").0 == 200);
        }
        daemon
    }

    /// `status.json`, or null.
    pub fn told(&self) -> Value {
        let bytes = std::fs::read(self.root.join("out/status.json")).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Everything it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.root.join("log")).unwrap_or_default()
    }

    /// Asks over HTTP: the status and the body. Status 0 when it does not answer.
    pub fn get(&self, path: &str) -> (u16, String) {
        self.ask("GET", path, "")
    }

    /// Asks over HTTP with more header lines.
    pub fn ask(&self, method: &str, path: &str, headers: &str) -> (u16, String) {
        let mut text = Vec::new();
        let asked = TcpStream::connect(&self.address).and_then(|mut stream| {
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            let host = if headers.contains("Host:") { String::new() } else { format!("Host: {}\r\n", self.address) };
            write!(
                stream,
                "{method} {path} HTTP/1.1\r\n{host}{headers}Connection: close\r\nContent-Length: 0\r\n\r\n"
            )?;
            stream.read_to_end(&mut text)
        });
        if asked.is_err() && text.is_empty() {
            return (0, String::new());
        }
        let text = String::from_utf8_lossy(&text).into_owned();
        let status = text.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        (status, text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
    }

    /// Asks for JSON.
    pub fn json(&self, path: &str) -> Value {
        let (status, body) = self.get(path);
        serde_json::from_str(&body).unwrap_or_else(|e| panic!("{path}: {status} {e}: {body}"))
    }

    /// The sentence of a condition that fails, if it fails.
    pub fn failing(&self, condition: &str) -> Option<String> {
        let (_, body) = self.get("/readyz");
        let body: Value = serde_json::from_str(&body).ok()?;
        let found = body["conditions"].as_array()?.iter().find(|c| c["name"] == condition)?;
        (found["ok"] == false).then(|| found["say"].as_str().unwrap_or_default().to_owned())
    }

    /// The value of a metric with its labels, as it stands in the text.
    pub fn metric(&self, name: &str) -> Option<f64> {
        let text = self.get("/metrics").1;
        let line = text.lines().find(|l| l.split_once(' ').is_some_and(|(n, _)| n == name))?.to_owned();
        line.rsplit(' ').next()?.parse().ok()
    }

    /// Renames a file into the watched folder.
    pub fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let (hidden, path) = (self.root.join("in").join(format!(".{name}")), self.root.join("in").join(name));
        std::fs::write(&hidden, bytes).expect("written");
        std::fs::rename(hidden, path).expect("renamed");
    }

    /// How many drops are done.
    pub fn done(&self) -> u64 {
        self.metric("wenliu_drops_total{outcome=\"done\"}").map_or(0, |n| n as u64)
    }

    /// Waits until something holds, and fails with what the daemon says when it does not.
    pub fn until(&self, what: &str, patience: Duration, mut holds: impl FnMut(&Daemon) -> bool) {
        let held = within(patience, || holds(self).then_some(()));
        assert!(
            held.is_some(),
            "not within {patience:?}: {what}\nreadyz: {}\nlog:\n{}",
            self.get("/readyz").1,
            tail(&self.log())
        );
    }

    /// Runs another verb on the same folders, as the same user.
    pub fn verb(&self, arguments: &[&str]) -> Output {
        let mut command = command(&self.root);
        as_nobody(&mut command);
        command.args(arguments).output().expect("the binary runs")
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a process id")).expect("a process id");
        kill_process(pid, signal).expect("it runs");
    }

    /// Stops it in good order and gives the exit code.
    pub fn stop(&mut self) -> Option<i32> {
        self.signal(Signal::TERM);
        within(Duration::from_secs(30), || self.child.try_wait().ok().flatten()).and_then(|s| s.code())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may be gone already.
        let _gone = self.child.kill();
        let _waited = self.child.wait();
    }
}

fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines.get(lines.len().saturating_sub(12)..).unwrap_or_default().join("\n")
}

/// The binary under test: the one that `WENLIU_BIN` names, or the one built with the tests.
pub fn binary() -> PathBuf {
    std::env::var_os("WENLIU_BIN").map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_wenliu")), PathBuf::from)
}

fn command(root: &Path) -> Command {
    let mut command = Command::new(binary());
    command.current_dir(root).env_remove("NOTIFY_SOCKET");
    for (flag, name) in [("--in", "in"), ("--out", "out"), ("--state", "state")] {
        command.arg(flag).arg(root.join(name));
    }
    command
}

/// Whether the tests may act as two users.
pub fn is_root() -> bool {
    geteuid().is_root()
}

fn as_nobody(command: &mut Command) {
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
}

fn own_by_nobody(root: &Path, command: &mut Command) {
    if is_root() {
        give(root);
        as_nobody(command);
    }
}

/// Gives a folder and everything in it to the user that the daemon runs as.
pub fn give(path: &Path) {
    if !is_root() {
        return;
    }
    std::os::unix::fs::lchown(path, Some(NOBODY), Some(NOBODY)).expect("given");
    if path.is_dir() && !path.is_symlink() {
        for entry in std::fs::read_dir(path).expect("listed").flatten() {
            give(&entry.path());
        }
    }
}

/// Asks again and again until there is an answer.
pub fn within<T>(patience: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if begun.elapsed() > patience {
            return None;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
