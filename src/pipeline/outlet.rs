//! Finished chunks in admission order to the committer, and its answers back to files and metrics.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use async_channel::{Receiver, Sender};

use crate::config::{Config, WatchConfig};
use crate::disk::failpoint;
use crate::pipeline::commit::serve::{self, Told};
use crate::pipeline::commit::{self, ChunkResult, Committed, Finding, Verdict};
use crate::pipeline::intake::Ticket;
use crate::pipeline::order::{Order, Turn};
use crate::pipeline::stages::ChunkLines;
use crate::pipeline::stop::Stop;
use crate::pipeline::worker::{Ending, Job};
use crate::telemetry::history::unix_seconds;
use crate::telemetry::metrics::{Metrics, Type};
use crate::telemetry::progress::Working;
use crate::watch::{self, Found, Quarantined, ReadError, Reason, Watcher};

/// The last worker before the committer.
pub struct Outlet {
    pub inbox: Receiver<Turn<Job<ChunkLines, Ticket>>>,
    pub outbox: Sender<serve::Job>,
    pub answers: Arc<Answers>,
}

impl Outlet {
    /// Sends each chunk on in its turn, until the stages have run dry.
    pub async fn run(self) {
        let mut order = Order::default();
        while let Ok(turn) = self.inbox.recv().await {
            order.push(turn);
            while let Some(job) = order.pop() {
                let result = self.answers.expect(job);
                if self.outbox.send(serve::Job::Chunk(Box::new(result))).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// A chunk that the committer has and has not answered.
struct Pending {
    found: Arc<Found>,
    ending: Option<Ending>,
    admitted: Instant,
    bytes: u64,
    lines_bytes: u64,
    /// Lines of the chunk that are fragments.
    fragments: u64,
    last: bool,
    span: tracing::Span,
}

/// Acts on the committer's answers: files are disposed of or quarantined, metrics counted.
pub struct Answers {
    watch: WatchConfig,
    watcher: Arc<Watcher>,
    metrics: Arc<Metrics>,
    in_flight: Arc<AtomicU64>,
    stop: Stop,
    pending: Mutex<VecDeque<Pending>>,
    paused: Mutex<String>,
    committing: Mutex<Option<(Working, Instant)>>,
    health: OnceLock<Health>,
}

/// Says whether all conditions of readiness hold, and which do not.
pub type Health = Box<dyn Fn() -> serde_json::Value + Send + Sync>;

impl Answers {
    /// Answers for the files of this folder.
    pub fn new(
        config: &Config,
        watcher: Arc<Watcher>,
        metrics: Arc<Metrics>,
        in_flight: Arc<AtomicU64>,
        stop: Stop,
    ) -> Answers {
        let (pending, paused, committing, health) = Default::default();
        Answers { watch: config.watch.clone(), watcher, metrics, in_flight, stop, pending, paused, committing, health }
    }

    /// Lets `wenliu status` ask for the conditions of readiness too.
    pub fn tell_health(&self, health: Health) {
        assert!(self.health.set(health).is_ok(), "it is told once");
    }

    /// The conditions of readiness, once somebody knows them.
    pub fn health(&self) -> Option<serde_json::Value> {
        self.health.get().map(|ask| ask())
    }

    /// Why nothing is committed at the moment, or "".
    pub fn paused(&self) -> String {
        self.paused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The committer has given up: everything stops.
    pub fn stop(&self) {
        self.stop.ask();
    }

    /// Remembers a chunk until its answer comes, and turns it into what the committer takes.
    fn expect(&self, job: Job<ChunkLines, Ticket>) -> ChunkResult {
        let Job { ticket, value } = job;
        let ending = value.as_ref().err().cloned();
        let lines_bytes = value.as_ref().map_or(0, |v| v.lines.iter().map(|l| l.len_max() as u64).sum());
        let fragments = value.iter().flat_map(|v| &v.lines).filter(|l| l.fragment).count() as u64;
        let last = ticket.last || ending.is_some();
        let finding = match value {
            Ok(chunk) => Finding::Lines(commit::ChunkLines {
                lines: chunk.lines,
                set_aside: chunk.set_aside,
                carry: ticket.carry.clone(),
            }),
            Err(Ending::Seen) => Finding::Seen,
            Err(Ending::Refused { say, .. }) => Finding::Refused(say),
            Err(Ending::Incomplete { say }) => Finding::Incomplete(say),
            Err(Ending::Unreadable { say, .. }) => Finding::Unreadable(say),
        };
        let (found, admitted, bytes) = (ticket.found.clone(), ticket.admitted, ticket.bytes);
        let span = ticket.span.clone();
        let pending = Pending { found, ending, admitted, bytes, lines_bytes, fragments, last, span };
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).push_back(pending);
        ChunkResult {
            drop: ticket.drop.clone(),
            path: ticket.found.path.clone(),
            identity: ticket.found.identity,
            evidence: ticket.found.evidence.as_str(),
            chunk: ticket.chunk,
            start: ticket.start,
            bytes: ticket.bytes,
            last,
            finding,
        }
    }

    /// Takes what the committer says; called on its thread.
    pub fn take(&self, told: Told) {
        let set = |working| *self.committing.lock().unwrap_or_else(PoisonError::into_inner) = working;
        match told {
            Told::Begun => set(Some((self.metrics.progress.begin("commit", 0), Instant::now()))),
            Told::Committed(answers) => {
                let begun = self.committing.lock().unwrap_or_else(PoisonError::into_inner).take();
                if let Some((_working, begun)) = begun {
                    self.metrics.commit_duration.observe(begun.elapsed().as_secs_f64());
                }
                for committed in answers {
                    let pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    self.answer(&committed, &pending.expect("an answer for each chunk that was sent"));
                    self.in_flight.fetch_sub(1, Ordering::AcqRel);
                }
            }
            Told::Paused { why } => {
                // It is known to wait, and why: that is no hanging.
                set(None);
                self.metrics.intake_paused.set(1);
                *self.paused.lock().unwrap_or_else(PoisonError::into_inner) = why;
            }
            Told::Resumed => {
                self.metrics.intake_paused.set(0);
                self.paused.lock().unwrap_or_else(PoisonError::into_inner).clear();
            }
        }
    }

    fn answer(&self, committed: &Committed, pending: &Pending) {
        let _in_drop = pending.span.enter();
        if committed.verdict == Verdict::Written {
            let took = pending.admitted.elapsed().as_secs_f64();
            let written = committed.ids.len() as u64;
            let fragments = pending.fragments.min(written);
            self.metrics.history.add(written, took);
            self.metrics.records_written.get_or_create(&Type { r#type: "article" }).inc_by(written - fragments);
            self.metrics.records_written.get_or_create(&Type { r#type: "fragment" }).inc_by(fragments);
            self.metrics.last_record_timestamp.set(i64::try_from(unix_seconds()).unwrap_or(i64::MAX));
            self.metrics.bytes_in.inc_by(pending.bytes);
            self.metrics.bytes_out.inc_by(pending.lines_bytes);
            self.metrics.drop_latency.observe(took);
        }
        if !pending.last {
            return;
        }
        let drop = committed.drop.short();
        self.metrics.drops_in_flight.dec();
        let outcome = match committed.verdict {
            Verdict::Written | Verdict::Skipped => "done",
            Verdict::Duplicate | Verdict::Again => "duplicate",
            Verdict::Refused => "refused",
            Verdict::Incomplete | Verdict::Later => "incomplete",
        };
        self.metrics.outcome(outcome).inc();
        let (name, articles) = (&pending.found.name, committed.ids.len());
        match committed.verdict {
            Verdict::Refused => self.refuse(committed, pending),
            Verdict::Later => {
                self.watcher.put_back(&pending.found, &ReadError::Changed { path: pending.found.path.clone() });
            }
            Verdict::Incomplete => tracing::warn!(drop, name, "drop incomplete; what was committed stands"),
            Verdict::Written | Verdict::Skipped | Verdict::Duplicate | Verdict::Again => {
                tracing::info!(drop, name, articles, outcome, "drop committed");
                failpoint::pass("commit.answered");
                if let Err(error) = watch::dispose(&pending.found, &self.watch) {
                    tracing::warn!(name, %error, "drop is done, but its file cannot be moved or deleted; it stays");
                }
            }
        }
    }

    fn refuse(&self, committed: &Committed, pending: &Pending) {
        let (word, say, stays) = match &pending.ending {
            Some(Ending::Refused { word, say }) => (*word, say.clone(), false),
            Some(Ending::Unreadable { word, say, stays }) => (*word, say.clone(), *stays),
            _ => ("refused", "these bytes were refused before; `wenliu retry` gives them another try".into(), false),
        };
        let found = &pending.found;
        if stays {
            tracing::warn!(name = found.name, why = say, "drop cannot be read yet; it stays and is tried again");
            return;
        }
        let id = (committed.drop != crate::record::drop::DropId::UNREAD).then_some(committed.drop);
        let reason = Reason::new(found, id, word, &say);
        let place: Option<PathBuf> = match watch::quarantine(&self.watch.folder, found, &reason) {
            Quarantined::Moved(path) => Some(path),
            Quarantined::LeftInPlace(error) => {
                tracing::debug!(name = found.name, %error, "refused drop left in place");
                None
            }
        };
        let place = place.unwrap_or_else(|| found.path.clone());
        tracing::warn!(name = found.name, why = say, place = %place.display(), "drop refused");
    }
}
