//! What becomes of an error.

/// What the pipeline does about an error; every error enum has a `fate()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// This drop goes to quarantine with its reason; the daemon goes on.
    Refuse,
    /// The cause may pass; the same step is tried again after a bounded wait.
    Retry,
    /// The promise to readers can no longer be kept (a failed sync is always this).
    Stop,
}
