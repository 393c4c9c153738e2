//! One flag that asks everything to finish what is in hand and stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Asked once, it stays asked. Threads poll it, tasks wait for it.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    inner: Arc<(AtomicBool, Notify)>,
}

impl Stop {
    /// Asks everybody to stop.
    pub fn ask(&self) {
        self.inner.0.store(true, Ordering::Release);
        self.inner.1.notify_waiters();
    }

    /// Whether somebody has asked.
    pub fn asked(&self) -> bool {
        self.inner.0.load(Ordering::Acquire)
    }

    /// Waits until somebody asks.
    pub async fn wait(&self) {
        loop {
            let asked = self.inner.1.notified();
            if self.asked() {
                return;
            }
            asked.await;
        }
    }
}
