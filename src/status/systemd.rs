//! Tells the service manager: ready, alive, what is going on, stopping.

use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;

use crate::status::house::House;
use crate::status::ready;

/// How often the status line is told when no watchdog asks for more.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// Sends; without a service manager nothing happens.
fn send(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::debug!(%error, "the service manager cannot be told");
    }
}

/// Says that recovery is through and drops are taken, and goes on feeding the watchdog: only as long as the stages get
/// on with their work.
pub fn ready(house: Arc<House>) {
    send(&[NotifyState::Ready]);
    if std::env::var_os("NOTIFY_SOCKET").is_none() {
        return;
    }
    let every = sd_notify::watchdog_enabled().map_or(TELL_EVERY, |limit| (limit / 3).min(TELL_EVERY));
    tokio::spawn(async move {
        loop {
            let looking = house.clone();
            let look = tokio::task::spawn_blocking(move || (ready::alive(&looking).ok, looking.sentence()));
            // A disk that hangs must not pass for a daemon that hangs: the watchdog is fed by the stages alone.
            match tokio::time::timeout(Duration::from_secs(2), look).await {
                Ok(Ok((true, say))) => send(&[NotifyState::Watchdog, NotifyState::Status(&say)]),
                Ok(Ok((false, say))) => send(&[NotifyState::Status(&say)]),
                _ if ready::alive(&house).ok => {
                    send(&[NotifyState::Watchdog, NotifyState::Status("not ready: a disk does not answer")]);
                }
                _ => {}
            }
            tokio::time::sleep(every).await;
        }
    });
}

/// Says that the settings are being read again; [`reloaded`] follows.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => send(&[NotifyState::Reloading, now]),
        Err(_) => send(&[NotifyState::Reloading]),
    }
}

/// Says that the reload is over.
pub fn reloaded() {
    send(&[NotifyState::Ready]);
}

/// Says that what is in hand is being finished.
pub fn stopping() {
    send(&[NotifyState::Stopping, NotifyState::Status("finishing what is in hand")]);
}
