//! The flow: the only place that knows the order of the stages.
//!
//! [`Pipeline::start`] reads top to bottom as the text flows: [`intake`] admits chunks, [`worker`] loops run the text
//! stages off the runtime, [`outlet`] brings them back into order, [`commit`] makes them durable and visible.

pub mod commit;
pub mod control;
pub mod gate;
pub mod intake;
pub mod order;
pub mod outlet;
pub mod stages;
pub mod stop;
pub mod verify;
pub mod worker;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::clean::Refusal;
use crate::config::{Config, WhenDone};
use crate::disk::failpoint;
use crate::pipeline::commit::view::Ledger;
use crate::pipeline::commit::{CommitError, Committer, clock, serve};
use crate::pipeline::gate::Gate;
use crate::pipeline::intake::{Admission, Ticket};
use crate::pipeline::outlet::{Answers, Outlet};
use crate::pipeline::stages::{ChunkLines, Shelf, Stages};
use crate::pipeline::stop::Stop;
use crate::pipeline::worker::{Ending, work};
use crate::record::article::Segmented;
use crate::record::drop::{Carry, Chunk, FileIdentity};
use crate::record::mention::Enriched;
use crate::record::remark::Remarks;
use crate::record::text::CleanText;
use crate::telemetry::metrics::{Code, Label, Metrics, Stage};
use crate::watch::{Known, WatchError, Watcher};

/// Why the flow cannot start, or cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    #[error("cannot watch for drops")]
    Watch(#[from] WatchError),
    #[error("cannot commit")]
    Commit(#[from] CommitError),
    #[error("cannot start the {what} thread")]
    Thread { what: &'static str, source: std::io::Error },
    #[error("the {what} thread panicked; nothing that was visible is lost, and a restart goes on from there")]
    Panicked { what: &'static str },
}

impl PipelineError {
    /// The exit code that tells a script what happened (sysexits).
    pub fn exit_code(&self) -> u8 {
        match self {
            PipelineError::Commit(e) => e.exit_code(),
            PipelineError::Watch(_) => 73,
            PipelineError::Thread { .. } => 71,
            PipelineError::Panicked { .. } => 70,
        }
    }

    /// What a person does next.
    pub fn hint(&self) -> &'static str {
        match self {
            PipelineError::Commit(CommitError::Locked { .. }) => {
                "`wenliu status` shows the daemon that runs; choose other folders for a second one"
            }
            PipelineError::Watch(_) | PipelineError::Commit(CommitError::Folder { .. }) => {
                "`wenliu check` looks at every folder"
            }
            _ => {
                "start it again: recovery finishes what was committed; `wenliu verify` then proves that nothing is missing"
            }
        }
    }
}

/// A running flow.
pub struct Pipeline {
    stop: Stop,
    watcher: Arc<Watcher>,
    ledger: Ledger,
    answers: Arc<Answers>,
    admission: JoinHandle<()>,
    workers: JoinSet<()>,
    committing: JoinHandle<Result<(), CommitError>>,
    to_committer: async_channel::Sender<serve::Job>,
    shelf: Arc<Shelf>,
    queues: Vec<Queue>,
    control: Option<tokio::task::JoinHandle<()>>,
}

/// A queue before a stage, as others may look at it.
#[derive(Clone)]
pub struct Queue {
    pub stage: &'static str,
    pub capacity: usize,
    len: Arc<dyn Fn() -> usize + Send + Sync>,
}

impl Queue {
    fn new<T: Send + 'static>(stage: &'static str, receiver: &async_channel::Receiver<T>) -> Queue {
        // Weak, so that looking keeps no queue open.
        let (weak, capacity) = (receiver.downgrade(), receiver.capacity().unwrap_or(usize::MAX));
        Queue { stage, capacity, len: Arc::new(move || weak.upgrade().map_or(0, |r| r.len())) }
    }

    /// How many wait.
    pub fn depth(&self) -> usize {
        (self.len)()
    }
}

/// What others may see of the flow; it keeps nothing of it open.
#[derive(Clone)]
pub struct View {
    pub watcher: Arc<Watcher>,
    pub ledger: Ledger,
    pub queues: Vec<Queue>,
    pub shelf: Arc<Shelf>,
    pub stop: Stop,
    answers: Arc<Answers>,
}

impl View {
    /// Lets `wenliu status` ask for the conditions of readiness too.
    pub fn tell_health(&self, health: outlet::Health) {
        self.answers.tell_health(health);
    }

    /// Why nothing is committed at the moment, or "".
    pub fn paused(&self) -> String {
        self.answers.paused()
    }
}

impl Pipeline {
    /// Locks the folders, finishes what an earlier run left undone, and starts the flow.
    ///
    /// # Errors
    /// A folder that cannot be used or is held by another daemon, a damaged ledger, a settings glob that is wrong.
    pub fn start(
        config: &Config,
        stages: Arc<Stages>,
        metrics: Arc<Metrics>,
        until_idle: Option<Duration>,
    ) -> Result<Pipeline, PipelineError> {
        let stop = Stop::default();
        let in_flight = Arc::new(AtomicU64::new(0));
        let queue_max = config.pipeline.queue_max;
        let workers_max = match config.pipeline.workers {
            0 => std::thread::available_parallelism().map_or(2, usize::from),
            n => n,
        };

        make_folder(&config.watch.folder)?;
        let (committer, recovered) = Committer::open(config, clock())?;
        tracing::info!(?recovered, "ledger open");
        let ledger = committer.ledger();
        let known = Arc::new(KnownToLedger { ledger: ledger.clone(), keep: config.watch.when_done == WhenDone::Keep });
        let watcher = Arc::new(Watcher::open(&config.watch, known)?);

        let (admitted, to_clean) = async_channel::bounded(queue_max);
        let (cleaned, to_segment) = async_channel::bounded(queue_max);
        let (segmented, to_enrich) = async_channel::bounded(queue_max);
        let (enriched, to_order) = async_channel::bounded(queue_max);
        let (ordered, to_commit) = async_channel::bounded(queue_max.max(64));
        let queues = vec![
            Queue::new("clean", &to_clean),
            Queue::new("segment", &to_segment),
            Queue::new("enrich", &to_enrich),
            Queue::new("order", &to_order),
            Queue::new("commit", &to_commit),
        ];
        if recovered.written_bytes > 0 || recovered.rebuilt || !recovered.damaged.is_empty() {
            metrics.recoveries.inc();
        }
        let shelf = Arc::new(Shelf::new(stages));
        for Queue { stage, capacity, .. } in &queues {
            let capacity = i64::try_from(*capacity).unwrap_or(i64::MAX);
            metrics.queue_capacity.get_or_create(&Stage { stage }).set(capacity);
        }

        let admission = Admission {
            watcher: watcher.clone(),
            config: config.watch.clone(),
            gate: Gate::new(config.watch.chunk_bytes.saturating_mul(2)),
            metrics: metrics.clone(),
            outbox: admitted,
            ledger: ledger.clone(),
            stop: stop.clone(),
            in_flight: in_flight.clone(),
            until_idle,
            clock: clock(),
            number: 0,
        };
        let asking = stop.clone();
        let admission = thread("admission", move || {
            // Without an intake nothing will ever come: whatever ends it ends the rest too.
            let _asking = AskAtTheEnd(asking);
            admission.run();
        })?;

        let mut workers = JoinSet::new();
        for _ in 0..workers_max {
            let shared = shelf.clone();
            workers.spawn(work("clean", to_clean.clone(), cleaned.clone(), metrics.clone(), move |ticket, input| {
                clean(&shared, ticket, input)
            }));
            workers.spawn(work(
                "segment",
                to_segment.clone(),
                segmented.clone(),
                metrics.clone(),
                |ticket: &mut Ticket, clean| Ok::<Segmented, Ending>(taken(ticket).segmenter.segment(clean)),
            ));
            let counting = metrics.clone();
            workers.spawn(work(
                "enrich",
                to_enrich.clone(),
                enriched.clone(),
                metrics.clone(),
                move |ticket, segmented| Ok(enrich(&counting, ticket, segmented)),
            ));
        }
        // Only the workers hold the queues now: when the intake stops, they run dry one after the other.
        drop((cleaned, segmented, enriched));

        let answers = Arc::new(Answers::new(config, watcher.clone(), metrics.clone(), in_flight.clone(), stop.clone()));
        let outlet = Outlet { inbox: to_order, outbox: ordered.clone(), answers: answers.clone() };
        workers.spawn(outlet.run());
        let (telling, runtime) = (answers.clone(), Handle::current());
        let mut committer = committer;
        let committing = thread("committer", move || {
            let done = serve::serve(&mut committer, &to_commit, &runtime, |told| telling.take(told));
            if done.is_err() {
                telling.stop();
            }
            done
        })?;
        let control = control_socket(&config.ledger.folder, &ledger, &watcher, &answers, in_flight);
        let to_committer = ordered;
        Ok(Pipeline {
            stop,
            watcher,
            ledger,
            answers,
            admission,
            workers,
            committing,
            to_committer,
            shelf,
            queues,
            control,
        })
    }

    /// The flag that asks it to finish.
    pub fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// The watcher, for its health.
    pub fn watcher(&self) -> Arc<Watcher> {
        self.watcher.clone()
    }

    /// The ledger, for questions about drops.
    pub fn ledger(&self) -> Ledger {
        self.ledger.clone()
    }

    /// Why nothing is committed at the moment, or "".
    pub fn paused(&self) -> String {
        self.answers.paused()
    }

    /// What others may see of it.
    pub fn view(&self) -> View {
        View {
            watcher: self.watcher.clone(),
            ledger: self.ledger.clone(),
            queues: self.queues.clone(),
            shelf: self.shelf.clone(),
            stop: self.stop.clone(),
            answers: self.answers.clone(),
        }
    }

    /// Puts the address of the page into `status.json`.
    pub fn tell_http(&self, address: String) {
        // A committer that is gone has told why.
        let _gone = self.to_committer.try_send(serve::Job::Http(address));
    }

    /// Waits until everything in hand is committed and the segments are sealed.
    ///
    /// # Errors
    /// What made the committer stop, or a thread that panicked.
    pub async fn finish(mut self) -> Result<(), PipelineError> {
        self.stop.wait().await;
        self.watcher.stop();
        let admission = self.admission;
        let joined = tokio::task::spawn_blocking(move || admission.join()).await;
        let admitted = matches!(joined, Ok(Ok(())));
        while self.workers.join_next().await.is_some() {}
        drop(self.to_committer);
        if let Some(control) = self.control {
            control.abort();
        }
        let committing = self.committing;
        match tokio::task::spawn_blocking(move || committing.join()).await {
            Ok(Ok(done)) => done?,
            _ => return Err(PipelineError::Panicked { what: "committer" }),
        }
        if admitted { Ok(()) } else { Err(PipelineError::Panicked { what: "admission" }) }
    }
}

/// Asks everything to stop when it is dropped, by a panic or otherwise.
struct AskAtTheEnd(Stop);

impl Drop for AskAtTheEnd {
    fn drop(&mut self) {
        self.0.ask();
    }
}

fn thread<T: Send + 'static>(
    what: &'static str,
    run: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, PipelineError> {
    std::thread::Builder::new().name(what.into()).spawn(run).map_err(|source| PipelineError::Thread { what, source })
}

/// Opens the daemon's ear. It can do without, so trouble is only told.
fn control_socket(
    state: &Path,
    ledger: &Ledger,
    watcher: &Arc<Watcher>,
    answers: &Arc<Answers>,
    in_flight: Arc<AtomicU64>,
) -> Option<tokio::task::JoinHandle<()>> {
    let answers = answers.clone();
    let desk = control::Desk {
        ledger: ledger.clone(),
        watcher: watcher.clone(),
        moment: Arc::new(move || {
            let in_flight = in_flight.load(Ordering::Relaxed);
            serde_json::json!({ "paused": answers.paused(), "in_flight": in_flight, "health": answers.health() })
        }),
    };
    match control::listen(state, desk) {
        Ok(listening) => Some(listening),
        Err(error) => {
            tracing::warn!(%error, "no control socket; status and why must wait until the daemon stops");
            None
        }
    }
}

fn make_folder(folder: &Path) -> Result<(), PipelineError> {
    std::fs::create_dir_all(folder)
        .map_err(|source| CommitError::Folder { doing: "make", path: folder.into(), source }.into())
}

fn clean(shelf: &Shelf, ticket: &mut Ticket, (chunk, carry): (Chunk, Carry)) -> Result<CleanText, Ending> {
    let stages = ticket.stages.insert(shelf.current()).clone();
    let (clean, carry) = stages
        .cleaner
        .clean(chunk, carry, Remarks::default())
        .map_err(|refusal| Ending::Refused { word: word(&refusal), say: refusal.to_string() })?;
    ticket.leave(carry);
    failpoint::pass("clean.done");
    Ok(clean)
}

/// The word that quarantine and metrics use for a refusal.
fn word(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Empty => "empty",
        Refusal::Binary { .. } => "binary",
        Refusal::Undecodable { .. } => "undecodable",
    }
}

/// The stages that CLEAN took a chunk up with.
fn taken(ticket: &Ticket) -> Arc<Stages> {
    ticket.stages.clone().expect("CLEAN comes first and puts them there")
}

fn enrich(metrics: &Metrics, ticket: &mut Ticket, segmented: Segmented) -> ChunkLines {
    let stages = taken(ticket);
    let enriched: Enriched = stages.enricher.enrich(segmented);
    for mentions in &enriched.mentions {
        for ent in &mentions.ents {
            metrics.annotations.get_or_create(&Label { label: ent.label }).inc();
        }
        for code in &mentions.warnings {
            metrics.warnings.get_or_create(&Code { code }).inc();
        }
    }
    let lines = stages.lines(&enriched);
    failpoint::pass("enrich.done");
    drop(enriched);
    ticket.make_room();
    lines
}

/// The ledger's answer to the watcher.
struct KnownToLedger {
    ledger: Ledger,
    /// Files stay where they are; otherwise a known file is one that is still to be moved or deleted.
    keep: bool,
}

impl Known for KnownToLedger {
    fn is_known(&self, rel: &Path, identity: &FileIdentity) -> bool {
        let known = self.ledger.known_path(rel);
        self.keep && matches!(known, Ok(Some((file, _))) if file == *identity)
    }
}
