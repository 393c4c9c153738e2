//! A folder, a watcher on it, and somebody who reads whatever it hands out.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use wenliu::config::WatchConfig;
use wenliu::record::drop::{DropId, FileIdentity};
use wenliu::record::fate::Fate;
use wenliu::watch::{Evidence, Found, Known, NothingKnown, ReadError, Reading, Tuning, Watcher};

/// One file that was handed out and read to its end.
#[derive(Clone, Debug)]
pub struct Publication {
    pub rel: PathBuf,
    pub id: DropId,
    pub identity: FileIdentity,
    pub evidence: Evidence,
    pub at: Instant,
}

/// One file that was handed out and refused.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub rel: PathBuf,
    pub reason: &'static str,
}

#[derive(Default)]
pub struct Log {
    pub published: Vec<Publication>,
    pub refused: Vec<Refusal>,
    pub retried: u64,
}

pub struct Stage {
    root: tempfile::TempDir,
    pub config: WatchConfig,
    pub watcher: Arc<Watcher>,
    pub log: Arc<Mutex<Log>>,
    reader: Option<JoinHandle<()>>,
    over: Arc<AtomicBool>,
}

/// The settings of most tests: patient enough for a busy machine, short enough for a test.
pub fn settings() -> WatchConfig {
    WatchConfig { settle_ms: 200, rescan_ms: 2_000, retry_ms: 100, ..WatchConfig::default() }
}

impl Stage {
    pub fn new() -> Stage {
        Stage::with(settings(), Tuning::default())
    }

    pub fn with(config: WatchConfig, tuning: Tuning) -> Stage {
        Stage::knowing(config, tuning, Arc::new(NothingKnown), |_| {})
    }

    /// `before` furnishes the folder before the watcher comes.
    pub fn knowing(
        mut config: WatchConfig,
        tuning: Tuning,
        known: Arc<dyn Known + Send + Sync>,
        before: impl FnOnce(&Path),
    ) -> Stage {
        let root = tempfile::tempdir().expect("a temp folder");
        config.folder = root.path().join("in");
        std::fs::create_dir_all(&config.folder).expect("made");
        before(&config.folder);
        let watcher = Arc::new(Watcher::open_tuned(&config, known, tuning).expect("the watcher starts"));
        let log = Arc::new(Mutex::new(Log::default()));
        let over = Arc::new(AtomicBool::new(false));
        let reader = {
            let (watcher, log, over, config) = (watcher.clone(), log.clone(), over.clone(), config.clone());
            std::thread::spawn(move || {
                while !over.load(Ordering::SeqCst) {
                    if let Some(found) = watcher.next(Duration::from_millis(100)) {
                        read(&watcher, &found, &config, &log);
                    }
                }
            })
        };
        Stage { root, config, watcher, log, reader: Some(reader), over }
    }

    pub fn folder(&self) -> &Path {
        &self.config.folder
    }

    /// A folder on the same file system that is not watched.
    pub fn outside(&self) -> PathBuf {
        let outside = self.root.path().join("outside");
        std::fs::create_dir_all(&outside).expect("made");
        outside
    }

    /// Waits until nothing moves any more.
    pub fn settle(&self) {
        let until = Instant::now() + Duration::from_secs(60);
        let mut calm_since = Instant::now();
        let mut last = self.count();
        while Instant::now() < until {
            std::thread::sleep(Duration::from_millis(10));
            if !self.watcher.idle() || self.count() != last {
                calm_since = Instant::now();
                last = self.count();
            }
            if calm_since.elapsed() > Duration::from_millis(150) {
                return;
            }
        }
        panic!("the watcher does not come to rest: {:?}", self.watcher.health());
    }

    fn count(&self) -> usize {
        let log = self.log.lock().expect("the log");
        log.published.len() + log.refused.len()
    }

    pub fn published(&self) -> Vec<Publication> {
        self.log.lock().expect("the log").published.clone()
    }

    pub fn refused(&self) -> Vec<Refusal> {
        self.log.lock().expect("the log").refused.clone()
    }

    /// What was read of this name, in order.
    pub fn readings_of(&self, rel: impl AsRef<Path>) -> Vec<Publication> {
        self.published().into_iter().filter(|p| p.rel == rel.as_ref()).collect()
    }

    /// Waits for the n-th reading of a name.
    pub fn await_reading(&self, rel: impl AsRef<Path>, n: usize) -> Publication {
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until {
            if let Some(publication) = self.readings_of(&rel).get(n - 1) {
                return publication.clone();
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        panic!("{} was not read {n} times: {:?}", rel.as_ref().display(), self.watcher.health());
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        if let Some(reader) = self.reader.take() {
            reader.join().expect("the reader ends well");
        }
    }
}

/// What a pipeline does with a found file.
fn read(watcher: &Watcher, found: &Found, config: &WatchConfig, log: &Mutex<Log>) {
    let outcome = Reading::open(found, config).and_then(|mut reading| {
        let mut bytes = 0;
        while let Some(piece) = reading.next_chunk()? {
            bytes += piece.bytes.len() as u64;
        }
        assert_eq!(bytes, reading.bytes(), "the pieces are the whole");
        match reading.still_whole() {
            true => Ok(reading.id()),
            false => Err(ReadError::Changed { path: found.path.clone() }),
        }
    });
    let mut log = log.lock().expect("the log");
    match outcome {
        Ok(id) => log.published.push(Publication {
            rel: found.rel.clone(),
            id,
            identity: found.identity,
            evidence: found.evidence,
            at: Instant::now(),
        }),
        Err(error) if error.fate() == Fate::Refuse => {
            log.refused.push(Refusal { rel: found.rel.clone(), reason: error.reason() });
        }
        Err(error) => {
            log.retried += 1;
            watcher.put_back(found, &error);
        }
    }
}

pub fn id(bytes: &[u8]) -> DropId {
    DropId(Sha256::digest(bytes).into())
}
