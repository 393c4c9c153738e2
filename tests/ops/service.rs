//! The service manager is told: ready, alive, what goes on, stopping.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::daemon::{Daemon, page};

/// Listens until a message holds the words, and gives everything heard so far.
fn hear(socket: &UnixDatagram, heard: &mut Vec<String>, words: &str) {
    let begun = Instant::now();
    let mut buffer = [0; 4096];
    while !heard.iter().any(|m| m.contains(words)) {
        assert!(begun.elapsed() < Duration::from_secs(15), "never said {words}: {heard:?}");
        if let Ok(length) = socket.recv(&mut buffer) {
            heard.push(String::from_utf8_lossy(&buffer[..length]).into_owned());
        }
    }
}

#[test]
fn ready_watchdog_status_reload_and_stopping_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).expect("bound");
    socket.set_read_timeout(Some(Duration::from_secs(1))).expect("set");
    // The daemon runs as another user than a test that runs as root.
    for (place, bits) in [(folder.path(), 0o755), (path.as_path(), 0o777)] {
        std::fs::set_permissions(place, std::fs::Permissions::from_mode(bits)).expect("opened");
    }
    let name = path.display().to_string();
    let variables = [("NOTIFY_SOCKET", name.as_str()), ("WATCHDOG_USEC", "3000000")];
    let mut daemon = Daemon::start_with(&[], &variables, |_| {});
    let mut heard = Vec::new();
    hear(&socket, &mut heard, "READY=1");
    hear(&socket, &mut heard, "WATCHDOG=1");
    hear(&socket, &mut heard, "STATUS=ready; ");
    daemon.put("page.txt", page(1));
    daemon.until("done", Duration::from_secs(10), |d| d.done() == 1);
    std::fs::rename(daemon.root.join("in"), daemon.root.join("away")).expect("renamed");
    hear(&socket, &mut heard, "STATUS=not ready: watch: ");
    std::fs::rename(daemon.root.join("away"), daemon.root.join("in")).expect("renamed");
    daemon.signal(Signal::HUP);
    hear(&socket, &mut heard, "RELOADING=1");
    heard.clear();
    hear(&socket, &mut heard, "READY=1");
    hear(&socket, &mut heard, "WATCHDOG=1");
    assert_eq!(daemon.stop(), Some(0));
    hear(&socket, &mut heard, "STOPPING=1");
}
