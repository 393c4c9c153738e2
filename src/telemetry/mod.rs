//! What the house tells of itself: the log, the metrics, the last ten minutes, what is being worked on.

pub mod history;
pub mod log;
pub mod metrics;
pub mod process;
pub mod progress;
