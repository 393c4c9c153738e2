//! A strict tailer: it reads `live/` all the time and forgives nothing.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Reads beside the daemon until it is stopped.
pub struct Tailer {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Seen>,
}

/// What was seen, and what was wrong with it.
#[derive(Default)]
pub struct Seen {
    files: BTreeMap<String, Vec<u8>>,
    pub complaints: Vec<String>,
    pub polls: u64,
    /// Polls that ended in the middle of a line.
    pub halves: u64,
}

impl Tailer {
    /// Starts to read an output folder.
    pub fn start(out: &Path) -> Tailer {
        let (stop, live) = (Arc::new(AtomicBool::new(false)), out.join("live"));
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            let mut seen = Seen::default();
            while !stopped.load(Ordering::Relaxed) {
                seen.poll(&live);
                if seen.polls.is_multiple_of(64) {
                    seen.compare(&live);
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            seen.poll(&live);
            seen.compare(&live);
            seen
        });
        Tailer { stop, thread }
    }

    /// Stops, and looks at all that was read.
    pub fn stop(self) -> Seen {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("the tailer does not panic")
    }
}

impl Seen {
    fn poll(&mut self, live: &Path) {
        self.polls += 1;
        let mut names: Vec<PathBuf> =
            fs::read_dir(live).into_iter().flatten().filter_map(|e| Some(e.ok()?.path())).collect();
        names.sort();
        for path in names {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let Ok(file) = File::open(&path) else { continue };
            let bytes = file.metadata().map_or(0, |m| m.len());
            let known = self.files.entry(name.clone()).or_default();
            if bytes < known.len() as u64 {
                self.complaints.push(format!("{name} shrank from {} to {bytes} bytes", known.len()));
                continue;
            }
            let mut more = vec![0; usize::try_from(bytes).expect("small") - known.len()];
            if let Err(error) = file.read_exact_at(&mut more, known.len() as u64) {
                self.complaints.push(format!("{name} cannot be read: {error}"));
                continue;
            }
            known.extend_from_slice(&more);
            self.halves += u64::from(known.last().is_some_and(|b| *b != b'\n'));
        }
    }

    /// Whether what was read is still there.
    fn compare(&mut self, live: &Path) {
        for (name, known) in &self.files {
            match fs::read(live.join(name)) {
                Ok(now) if now.starts_with(known) => {}
                Ok(_) => self.complaints.push(format!("{name} changed after it was read")),
                Err(error) => self.complaints.push(format!("{name} is gone: {error}")),
            }
        }
    }

    /// The lines of a stream as they were read; complaints about torn lines, numbers and ids on the way.
    pub fn lines(&mut self, stream: &str) -> Vec<String> {
        let mut lines = Vec::new();
        let mut ids = HashSet::new();
        for (name, bytes) in self.files.iter().filter(|(name, _)| name.starts_with(stream)) {
            if bytes.last() != Some(&b'\n') {
                self.complaints.push(format!("{name} ends in the middle of a line"));
            }
            for line in String::from_utf8_lossy(bytes).lines() {
                let seq = lines.len() as u64 + 1;
                match serde_json::from_str::<serde_json::Value>(line) {
                    Ok(value) if value["seq"] == seq => {
                        let id = value["id"].as_str().unwrap_or_default().to_owned();
                        if stream == "articles" && !ids.insert(id.clone()) {
                            self.complaints.push(format!("{name}: {id} came twice"));
                        }
                    }
                    Ok(value) => self.complaints.push(format!("{name}: line {} came when {seq} was due", value["seq"])),
                    Err(error) => self.complaints.push(format!("{name}: a torn line: {error}")),
                }
                lines.push(line.to_owned());
            }
        }
        lines
    }
}
