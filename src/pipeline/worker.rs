//! One loop for every text stage: receive, work off the runtime, send, measure.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use async_channel::{Receiver, Sender};

use crate::pipeline::order::Turn;
use crate::telemetry::metrics::{Metrics, Stage};

/// Why no lines come of a chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The ledger knows these bytes already.
    Seen,
    /// They cannot become text: one word (`binary`, `undecodable`, `panicked` …), and a sentence that says what to do.
    Refused { word: &'static str, say: String },
    /// The file changed or vanished before its end was read; what was committed stands.
    Incomplete { say: String },
    /// The file could not be read at all; `stays` when it lies where it lay and will be tried again.
    Unreadable { word: &'static str, say: String, stays: bool },
}

/// What a ticket tells of the chunk it goes with.
pub trait Carried {
    /// Raw bytes of the chunk.
    fn bytes(&self) -> u64;
    /// The span of its drop in the log.
    fn span(&self) -> tracing::Span;
}

/// A chunk on its way: its ticket, and what the stages have made of it so far, or why they could not.
#[derive(Debug)]
pub struct Job<T, K> {
    pub ticket: K,
    pub value: Result<T, Ending>,
}

/// Runs `stage` on every job until the inbox is closed and empty.
///
/// A job that an earlier stage gave up passes through untouched, so its turn is not lost. A panic is confined to its
/// job: it becomes the reason why the drop is refused.
pub async fn work<I, O, K>(
    name: &'static str,
    inbox: Receiver<Turn<Job<I, K>>>,
    outbox: Sender<Turn<Job<O, K>>>,
    metrics: Arc<Metrics>,
    stage: impl Fn(&mut K, I) -> Result<O, Ending> + Clone + Send + 'static,
) where
    I: Send + 'static,
    O: Send + 'static,
    K: Carried + Send + 'static,
{
    let label = Stage { stage: name };
    let depth = metrics.queue_depth.get_or_create(&label).clone();
    let duration = metrics.stage_duration.get_or_create(&label).clone();
    while let Ok(turn) = inbox.recv().await {
        depth.set(i64::try_from(inbox.len()).unwrap_or(i64::MAX));
        let Turn { number, value: Job { mut ticket, value } } = turn;
        let (job, spent) = match value {
            Err(reason) => (Job { ticket, value: Err(reason) }, None),
            Ok(input) => {
                let stage = stage.clone();
                let metrics = metrics.clone();
                let working = tokio::task::spawn_blocking(move || {
                    let _working = metrics.progress.begin(name, ticket.bytes());
                    let _in_drop = ticket.span().entered();
                    let started = Instant::now();
                    let value = catch_unwind(AssertUnwindSafe(|| stage(&mut ticket, input))).unwrap_or_else(|panic| {
                        metrics.panics.inc();
                        let said = message(&*panic);
                        tracing::error!(stage = name, said, "stage panicked");
                        let say = format!("the {name} stage panicked: {said}; please report it with the drop");
                        Err(Ending::Refused { word: "panicked", say })
                    });
                    (Job { ticket, value }, Some(started.elapsed()))
                });
                working.await.expect("a stage's panic is caught inside")
            }
        };
        if let Some(spent) = spent {
            duration.observe(spent.as_secs_f64());
        }
        if outbox.send(Turn { number, value: job }).await.is_err() {
            break;
        }
    }
}

fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Carried for () {
        fn bytes(&self) -> u64 {
            0
        }

        fn span(&self) -> tracing::Span {
            tracing::Span::none()
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_panic_is_confined_to_its_job() {
        let (to, inbox) = async_channel::bounded(4);
        let (outbox, from) = async_channel::bounded(4);
        for number in 0..3_u64 {
            to.send(Turn { number, value: Job { ticket: (), value: Ok(number) } }).await.expect("room");
        }
        drop(to);
        work("test", inbox, outbox, Arc::new(Metrics::new()), |(), n: u64| {
            assert!(n != 1, "one is not liked");
            Ok(n * 10)
        })
        .await;
        let mut seen = Vec::new();
        while let Ok(turn) = from.recv().await {
            seen.push(turn.value.value);
        }
        assert_eq!(seen.len(), 3);
        assert_eq!((&seen[0], &seen[2]), (&Ok(0), &Ok(20)));
        assert!(matches!(&seen[1], Err(Ending::Refused { say, .. }) if say.contains("one is not liked")), "{seen:?}");
    }
}
