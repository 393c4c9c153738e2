//! What is being worked on, and for how long: a stage that hangs can be told from one that has nothing to do.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a step may take before it counts as hanging, whatever its size.
const PATIENCE: Duration = Duration::from_secs(4);
/// Bytes that even a slow machine gets through a stage in one second.
const SLOWEST_BYTES_PER_S: u64 = 256 << 10;

/// Everything that is being worked on.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    next: AtomicU64,
    steps: Mutex<HashMap<u64, Step>>,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    stage: &'static str,
    begun: Instant,
    bytes: u64,
}

/// A step under way; dropping it ends it.
#[derive(Debug)]
pub struct Working {
    inner: Arc<Inner>,
    number: u64,
}

/// A step that takes too long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hanging {
    pub stage: &'static str,
    pub since: Duration,
}

impl Progress {
    /// Says that a stage begins to work on so many bytes.
    pub fn begin(&self, stage: &'static str, bytes: u64) -> Working {
        let number = self.inner.next.fetch_add(1, Ordering::Relaxed);
        let step = Step { stage, begun: Instant::now(), bytes };
        self.inner.steps.lock().unwrap_or_else(PoisonError::into_inner).insert(number, step);
        Working { inner: self.inner.clone(), number }
    }

    /// The step that has taken too long, and longest; `more` is patience beyond the usual.
    pub fn hanging(&self, more: Duration) -> Option<Hanging> {
        self.hanging_at(Instant::now(), more)
    }

    fn hanging_at(&self, now: Instant, more: Duration) -> Option<Hanging> {
        let steps = self.inner.steps.lock().unwrap_or_else(PoisonError::into_inner);
        let over = steps.values().filter_map(|step| {
            let since = now.saturating_duration_since(step.begun);
            let allowed = PATIENCE + more + Duration::from_secs(step.bytes / SLOWEST_BYTES_PER_S);
            (since > allowed).then_some(Hanging { stage: step.stage, since })
        });
        over.max_by_key(|h| h.since)
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.inner.steps.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_step_is_given_more_time() {
        let progress = Progress::default();
        let small = progress.begin("clean", 10);
        let large = progress.begin("enrich", 4 << 20);
        let later = Instant::now() + Duration::from_secs(6);
        assert_eq!(progress.hanging_at(later, Duration::ZERO).map(|h| h.stage), Some("clean"));
        assert_eq!(progress.hanging_at(later, Duration::from_secs(60)), None);
        drop(small);
        assert_eq!(progress.hanging_at(later, Duration::ZERO), None);
        drop(large);
        assert_eq!(progress.hanging_at(later + Duration::from_secs(600), Duration::ZERO), None);
    }
}
