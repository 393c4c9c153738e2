//! Named points at which a test kills the daemon, makes it panic, or lets it hang.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The variable that names the point, and how often it is passed before the kill: `commit.placed:3`. A third part says
/// what happens instead of a kill: `clean.done:1:panic`, or milliseconds to hang: `commit.placed:1:7000`.
pub const VARIABLE: &str = "WENLIU_FAILPOINT";

struct Aim {
    name: String,
    left: AtomicU64,
    what: String,
}

static AIM: OnceLock<Option<Aim>> = OnceLock::new();

/// Kills this process here, if a test asked for it; costs one load otherwise.
pub fn pass(name: &str) {
    let aim = AIM.get_or_init(|| {
        let wanted = std::env::var(VARIABLE).ok()?;
        let mut parts = wanted.split(':');
        let (name, count, what) = (parts.next()?, parts.next().unwrap_or("1"), parts.next().unwrap_or_default());
        Some(Aim { name: name.into(), left: AtomicU64::new(count.parse().ok()?), what: what.into() })
    });
    let Some(aim) = aim else { return };
    if aim.name == name && aim.left.fetch_sub(1, Ordering::SeqCst) == 1 {
        if let Ok(ms) = aim.what.parse() {
            return std::thread::sleep(std::time::Duration::from_millis(ms));
        }
        assert!(aim.what != "panic", "a test asked for this panic at {name}");
        // SIGKILL runs no handler and flushes nothing: what is lost here would be lost under any `kill -9`.
        let killed = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        unreachable!("killed at {name}: {killed:?}");
    }
}
