//! The built binary on folders of its own.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// Folders of a daemon, and how it is started.
pub struct Place {
    pub base: PathBuf,
    pub settings: Vec<String>,
    _kept: Option<tempfile::TempDir>,
}

/// A started daemon; killed when it is let go.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Place {
    /// Fresh folders with small limits, so that a short run rolls, syncs and seals.
    pub fn new() -> Place {
        let kept = tempfile::tempdir().expect("a temp folder");
        let mut place = Place::at(kept.path());
        place._kept = Some(kept);
        place
    }

    /// Folders in a given place.
    pub fn at(base: &Path) -> Place {
        let settings = [
            "http.listen=\"\"",
            "watch.settle_ms=0",
            "sink.segment_bytes=60000",
            "ledger.unsynced_bytes=100000",
            "ledger.group_bytes=60000",
        ];
        Place { base: base.to_owned(), settings: settings.map(str::to_owned).to_vec(), _kept: None }
    }

    /// One more setting.
    pub fn set(mut self, setting: &str) -> Place {
        self.settings.push(setting.to_owned());
        self
    }

    pub fn folder(&self, name: &str) -> PathBuf {
        self.base.join(name)
    }

    fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wenliu"));
        command.arg(verb);
        for setting in &self.settings {
            command.args(["--set", setting]);
        }
        for (flag, name) in [("--in", "in"), ("--out", "out"), ("--state", "state")] {
            command.arg(flag).arg(self.folder(name));
        }
        // A clock that stands still: the same bytes give the same lines, whenever they come.
        command.env("WENLIU_CLOCK_MS", "1725500000000").env_remove("RUST_BACKTRACE");
        command
    }

    /// Starts the daemon, with a named point where it is to die, if any.
    pub fn start(&self, failpoint: &str) -> Running {
        let log = File::options().create(true).append(true).open(self.base.join("log")).expect("a log file");
        let mut command = self.command("run");
        if !failpoint.is_empty() {
            command.env("WENLIU_FAILPOINT", failpoint);
        }
        Running(command.stderr(log).stdout(Stdio::null()).spawn().expect("the binary starts"))
    }

    /// Runs the daemon until nothing comes any more.
    pub fn finish(&self) {
        let done = self.command("run").args(["--until-idle", "400ms"]).output().expect("the binary runs");
        assert!(done.status.success(), "the last run failed:\n{}", String::from_utf8_lossy(&done.stderr));
    }

    /// Runs any verb.
    pub fn verb(&self, verb: &str, arguments: &[&str]) -> Output {
        self.command(verb).args(arguments).output().expect("the binary runs")
    }

    /// `wenliu verify` finds nothing.
    pub fn verify(&self) {
        let report = self.verb("verify", &[]);
        let (out, err) = (String::from_utf8_lossy(&report.stdout), String::from_utf8_lossy(&report.stderr));
        assert!(report.status.success(), "verify found:\n{out}{err}\nthe daemon said:\n{}", self.log());
    }

    pub fn log(&self) -> String {
        let log = fs::read_to_string(self.base.join("log")).unwrap_or_default();
        let start = log.len().saturating_sub(6_000);
        log.char_indices().find(|(at, _)| *at >= start).and_then(|(at, _)| log.get(at..)).unwrap_or_default().to_owned()
    }

    /// Every line of a stream, from `sealed/`, in order.
    pub fn lines(&self, stream: &str) -> Vec<String> {
        let mut names: Vec<PathBuf> =
            fs::read_dir(self.folder("out/sealed")).expect("sealed").map(|e| e.expect("an entry").path()).collect();
        names.sort();
        let mine = |p: &&PathBuf| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with(stream));
        let text: String = names.iter().filter(mine).map(|p| fs::read_to_string(p).expect("utf-8")).collect();
        text.lines().map(str::to_owned).collect()
    }

    /// Lines by id, without what depends on the order of the drops.
    pub fn by_id(&self) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for line in self.lines("articles") {
            let mut value: serde_json::Value = serde_json::from_str(&line).expect("a line is JSON");
            for key in ["seq", "added", "near_dup"] {
                value[key] = serde_json::Value::Null;
            }
            let id = value["id"].as_str().expect("an id").to_owned();
            assert!(found.insert(id.clone(), value.to_string()).is_none(), "{id} was given twice");
        }
        found
    }
}

impl Running {
    /// SIGKILL.
    pub fn kill(mut self) {
        drop(self.0.kill());
        self.0.wait().expect("it ends");
    }

    /// SIGTERM, and how it ended.
    pub fn stop(mut self) -> ExitStatus {
        let pid = i32::try_from(self.0.id()).ok().and_then(rustix::process::Pid::from_raw).expect("a process id");
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("signalled");
        self.0.wait().expect("it ends")
    }

    /// Waits for it to end by itself.
    pub fn ended(&mut self, patience: Duration) -> Option<ExitStatus> {
        let until = Instant::now() + patience;
        while Instant::now() < until {
            if let Some(status) = self.0.try_wait().expect("a child") {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        None
    }
}

/// Waits until something holds.
pub fn wait(what: &str, place: &Place, patience: Duration, holds: impl Fn() -> bool) {
    let until = Instant::now() + patience;
    while !holds() {
        assert!(Instant::now() < until, "waited in vain for {what}; the daemon said:\n{}", place.log());
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Equal line by line; otherwise the first difference is shown.
pub fn same(what: &str, found: &[String], wanted: &[String], place: &Place) {
    if let Some(at) = (0..wanted.len().max(found.len())).find(|at| found.get(*at) != wanted.get(*at)) {
        let cut = |line: Option<&String>| line.map(|l| l.chars().take(700).collect::<String>());
        let (found, wanted) = (cut(found.get(at)), cut(wanted.get(at)));
        panic!("{what}, line {}:\n{found:?}\n{wanted:?}\nthe daemon said:\n{}", at + 1, place.log());
    }
}
