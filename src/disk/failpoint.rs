//! Named points at which a test kills the daemon.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The variable that names the point, and how often it is passed before the kill: `commit.placed:3`.
pub const VARIABLE: &str = "WENLIU_FAILPOINT";

struct Aim {
    name: String,
    left: AtomicU64,
}

static AIM: OnceLock<Option<Aim>> = OnceLock::new();

/// Kills this process here, if a test asked for it; costs one load otherwise.
pub fn pass(name: &str) {
    let aim = AIM.get_or_init(|| {
        let wanted = std::env::var(VARIABLE).ok()?;
        let (name, count) = wanted.split_once(':').unwrap_or((&wanted, "1"));
        Some(Aim { name: name.to_owned(), left: AtomicU64::new(count.parse().ok()?) })
    });
    let Some(aim) = aim else { return };
    if aim.name == name && aim.left.fetch_sub(1, Ordering::SeqCst) == 1 {
        // SIGKILL runs no handler and flushes nothing: what is lost here would be lost under any `kill -9`.
        let killed = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        unreachable!("killed at {name}: {killed:?}");
    }
}
