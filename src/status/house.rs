//! Everything the page, the probes and the service manager are told from.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use serde::Serialize;

use crate::config::Config;
use crate::pipeline::View;
use crate::sink::beside;
use crate::status::ready::{self, Condition};
use crate::status::segments::Segments;
use crate::telemetry::history::Columns;
use crate::telemetry::metrics::{Cause, Metrics};

/// The daemon as others may see it. It is there before the flow starts, so that recovery can be seen too.
pub struct House {
    pub config: Config,
    pub metrics: Arc<Metrics>,
    pub segments: Segments,
    /// Set once recovery is through.
    view: OnceLock<View>,
    begun: Instant,
    started_ms: i64,
    last_reload: Mutex<String>,
    heard: [AtomicU64; 3],
}

/// What `/api/status` says; `history` only when asked for.
#[derive(Debug, Serialize)]
pub struct Snapshot {
    pub ready: bool,
    pub conditions: Vec<Condition>,
    pub version: &'static str,
    pub started: String,
    pub uptime_s: u64,
    /// Why nothing is committed, or "".
    pub paused: String,
    /// The newest trouble with a file or folder below the watched one, or "".
    pub trouble: String,
    /// What the last SIGHUP did, or "".
    pub reload: String,
    pub folders: Folders,
    pub articles_seq: u64,
    pub drops_seq: u64,
    pub articles_per_s: f64,
    pub latency_ms: Latency,
    pub stages: Vec<StageNow>,
    pub drops: Drops,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<Columns>,
    pub workers: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct Folders {
    pub r#in: String,
    pub out: String,
    pub state: String,
}

#[derive(Debug, Serialize)]
pub struct Latency {
    pub p50: f64,
    pub p99: f64,
}

#[derive(Debug, Serialize)]
pub struct StageNow {
    pub name: &'static str,
    pub depth: u64,
    pub capacity: u64,
}

/// Seen = done + duplicate + refused + incomplete + in flight.
#[derive(Debug, Serialize)]
pub struct Drops {
    pub seen: u64,
    pub done: u64,
    pub duplicate: u64,
    pub refused: u64,
    pub incomplete: u64,
    pub in_flight: u64,
    pub waiting: u64,
}

impl House {
    /// A daemon that is about to start.
    pub fn new(config: &Config, metrics: Arc<Metrics>) -> Arc<House> {
        Arc::new(House {
            segments: Segments::new(&config.sink.folder),
            config: config.clone(),
            metrics,
            view: OnceLock::new(),
            begun: Instant::now(),
            started_ms: jiff::Timestamp::now().as_millisecond(),
            last_reload: Mutex::default(),
            heard: Default::default(),
        })
    }

    /// Says that the flow runs.
    pub fn opened(self: &Arc<Self>, view: View) {
        let house = Arc::downgrade(self);
        view.tell_health(Box::new(move || {
            let conditions = house.upgrade().map(|h| ready::conditions(&h)).unwrap_or_default();
            serde_json::json!({ "ready": conditions.iter().all(|c| c.ok), "conditions": conditions })
        }));
        assert!(self.view.set(view).is_ok(), "the flow is started once");
    }

    /// The flow, once recovery is through.
    pub fn view(&self) -> Option<&View> {
        self.view.get()
    }

    /// Keeps what the last reload did, for the status.
    pub fn tell_reload(&self, say: String) {
        *self.last_reload.lock().unwrap_or_else(PoisonError::into_inner) = say;
    }

    /// Looks at everything; it may block on a disk.
    pub fn snapshot(&self, with_history: bool) -> Snapshot {
        let conditions = ready::conditions(self);
        let m = &self.metrics;
        let told: beside::Status = std::fs::read(self.config.sink.folder.join("status.json"))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        let count = |outcome| m.outcome(outcome).get();
        let watch = self.view().map(|v| v.watcher.health());
        let waiting = watch.as_ref().map_or(0, |health| health.waiting + health.settling);
        Snapshot {
            ready: conditions.iter().all(|c| c.ok),
            conditions,
            version: env!("CARGO_PKG_VERSION"),
            started: crate::record::render::rfc3339(self.started_ms),
            uptime_s: self.begun.elapsed().as_secs(),
            paused: self.view().map(View::paused).unwrap_or_default(),
            trouble: watch.map(|health| health.trouble).unwrap_or_default(),
            reload: self.last_reload.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            folders: Folders {
                r#in: shown(&self.config.watch.folder),
                out: shown(&self.config.sink.folder),
                state: shown(&self.config.ledger.folder),
            },
            articles_seq: told.articles_seq,
            drops_seq: told.drops_seq,
            articles_per_s: m.history.rate(),
            latency_ms: Latency { p50: m.history.quantile_ms(0.5), p99: m.history.quantile_ms(0.99) },
            stages: self.stages(),
            drops: Drops {
                seen: m.drops_seen.get(),
                done: count("done"),
                duplicate: count("duplicate"),
                refused: count("refused"),
                incomplete: count("incomplete"),
                in_flight: u64::try_from(m.drops_in_flight.get()).unwrap_or(0),
                waiting,
            },
            history: with_history.then(|| m.history.columns()),
            workers: Vec::new(),
        }
    }

    fn stages(&self) -> Vec<StageNow> {
        let queues = self.view().map(|v| v.queues.as_slice()).unwrap_or_default();
        queues
            .iter()
            .map(|q| StageNow { name: q.stage, depth: q.depth() as u64, capacity: q.capacity as u64 })
            .collect()
    }

    /// All metrics as text, brought up to date; it may block on a disk.
    pub fn metrics_text(&self) -> String {
        let m = &self.metrics;
        ready::conditions(self);
        for stage in self.stages() {
            let label = crate::telemetry::metrics::Stage { stage: stage.name };
            m.queue_depth.get_or_create(&label).set(i64::try_from(stage.depth).unwrap_or(i64::MAX));
        }
        if let Some(view) = self.view() {
            let health = view.watcher.health();
            m.drops_waiting.set(i64::try_from(health.waiting + health.settling).unwrap_or(i64::MAX));
            m.drops_retrying.set(i64::try_from(health.retrying).unwrap_or(i64::MAX));
            m.oldest_waiting_age.set(health.oldest_waiting_ms as f64 / 1000.0);
            let looks = [("event", health.events), ("listing", health.listings), ("overflow", health.overflows)];
            for ((cause, now), before) in looks.into_iter().zip(&self.heard) {
                let grown = now.saturating_sub(before.swap(now, Ordering::AcqRel));
                m.watch_looks.get_or_create(&Cause { cause }).inc_by(grown);
            }
        }
        m.text()
    }

    /// One line for the service manager.
    pub fn sentence(&self) -> String {
        let now = self.snapshot(false);
        match now.conditions.iter().find(|c| !c.ok) {
            Some(condition) => format!("not ready: {}: {}", condition.name, condition.say),
            None => format!(
                "ready; {:.1} articles/s, {} waiting, {} in flight, {} refused",
                now.articles_per_s, now.drops.waiting, now.drops.in_flight, now.drops.refused
            ),
        }
    }
}

fn shown(folder: &Path) -> String {
    folder.display().to_string()
}
