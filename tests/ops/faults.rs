//! Faults that happen in a year: each is told within five seconds by `/readyz`, metrics and `wenliu status`, and the
//! daemon recovers by itself, with no drop lost.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::daemon::{Daemon, give, is_root, page};

/// How soon a fault must be told, and how soon it must be over.
const SOON: Duration = Duration::from_secs(5);

/// Breaks something, looks whether it is told everywhere, mends it, and looks whether work goes on.
fn fault(daemon: &Daemon, condition: &str, says: &str, hurt: impl FnOnce(&Path), heal: impl FnOnce(&Path)) {
    static NEXT: AtomicUsize = AtomicUsize::new(1000);
    let before = daemon.done();
    hurt(&daemon.root);
    daemon.until(&format!("{condition} fails"), SOON, |d| d.failing(condition).is_some_and(|say| say.contains(says)));
    assert_eq!(daemon.get("/readyz").0, 503);
    assert_eq!(daemon.metric(&format!("wenliu_ready{{condition=\"{condition}\"}}")), Some(0.0));
    let told = daemon.verb(&["status"]);
    let said = String::from_utf8_lossy(&told.stdout);
    assert_eq!(told.status.code(), Some(1), "{said}{}", String::from_utf8_lossy(&told.stderr));
    assert!(said.contains(condition) && said.contains(says), "status does not tell {condition}: {said}");
    assert_eq!(daemon.get("/livez").0, 200, "a fault outside is no reason to be killed");
    heal(&daemon.root);
    daemon.until("ready again", SOON, |d| d.get("/readyz").0 == 200);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    daemon.put(&format!("after-{next}.txt"), page(next));
    daemon.until("work goes on", SOON * 2, |d| d.done() > before);
    assert_eq!(daemon.verb(&["status"]).status.code(), Some(0));
}

fn mode(path: &Path, bits: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(bits)).expect("changed");
}

fn conserved(daemon: &Daemon) {
    daemon.until("nothing in flight", SOON, |d| d.metric("wenliu_drops_in_flight") == Some(0.0));
    let drops = &daemon.json("/api/status")["drops"];
    let sum =
        ["done", "duplicate", "refused", "incomplete", "in_flight"].iter().filter_map(|k| drops[k].as_u64()).sum();
    assert_eq!(drops["seen"].as_u64(), Some(sum), "{drops}");
}

#[test]
fn folders_that_are_lost_or_closed() {
    let mut daemon = Daemon::start(&[]);
    let rename = |from: &str, to: &str| {
        let (from, to) = (from.to_owned(), to.to_owned());
        move |root: &Path| fs::rename(root.join(from), root.join(to)).expect("renamed")
    };
    fault(&daemon, "watch", "cannot list", rename("in", "in.away"), rename("in.away", "in"));
    fault(&daemon, "output", "cannot write", rename("out", "out.away"), rename("out.away", "out"));
    for (folder, condition, bits) in [("in", "watch", 0o000), ("out", "output", 0o555), ("state", "output", 0o555)] {
        let closed = move |root: &Path| mode(&root.join(folder), bits);
        let opened = move |root: &Path| mode(&root.join(folder), 0o755);
        fault(&daemon, condition, "permission", closed, opened);
    }
    conserved(&daemon);
    assert_eq!(daemon.stop(), Some(0), "{}", daemon.log());
    assert!(daemon.verb(&["verify"]).status.success());
}

#[test]
fn a_full_disk() {
    let mount = |root: &Path| {
        for name in ["out", "state"] {
            let place = root.join(name);
            fs::create_dir_all(&place).expect("made");
            let done = Command::new("mount").args(["-t", "tmpfs", "-o", "size=48m", "tmpfs"]).arg(&place).status();
            assert!(done.is_ok_and(|s| s.success()), "mounted");
        }
    };
    let may = is_root() && Command::new("unshare").args(["-m", "true"]).status().is_ok_and(|s| s.success());
    if !may {
        eprintln!("left out: no right to mount here (a full disk)");
        return;
    }
    let mut daemon = Daemon::start_with(&[], &[], mount);
    let _mounted = Mounted(daemon.root.clone());
    let fill = |root: &Path| {
        // As another user may fill it: to the last byte.
        let mut ballast = fs::File::create(root.join("out/ballast")).expect("made");
        let block = vec![1_u8; 1 << 16];
        while std::io::Write::write_all(&mut ballast, &block).is_ok() {}
    };
    fault(&daemon, "space", "MiB left", fill, |root| fs::remove_file(root.join("out/ballast")).expect("removed"));
    // The same with drops that arrive while there is no room: they wait, and nothing of them is seen.
    fill(&daemon.root);
    let done = daemon.done();
    for n in 0..5 {
        let text: String = (0..60).map(|article| page(n * 1000 + article)).collect();
        daemon.put(&format!("waits-{n}.txt"), text);
    }
    // The text stages come first, and may be slow on a busy machine.
    daemon.until("the commit is told to wait", SOON * 6, |d| d.failing("output").is_some_and(|s| s.contains("room")));
    let waiting = done + 5 - daemon.done();
    assert!(waiting > 0, "all went in although the disk was full");
    fs::remove_file(daemon.root.join("out/ballast")).expect("removed");
    daemon.until("all five are done", SOON * 6, |d| d.done() == done + 5);
    conserved(&daemon);
    assert_eq!(daemon.stop(), Some(0), "{}", daemon.log());
}

/// Leaves the mounts behind, however the test ends; a busy one goes once nobody uses it any more.
struct Mounted(PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        for name in ["out", "state"] {
            let left = Command::new("umount").arg("-l").arg(self.0.join(name)).status();
            if !left.is_ok_and(|s| s.success()) {
                eprintln!("still mounted: {}", self.0.join(name).display());
            }
        }
    }
}

#[test]
fn steps_that_hang() {
    for (point, stage) in [("clean.done:1:8000", "clean"), ("commit.placed:1:8000", "commit")] {
        let daemon = Daemon::start_with(&[], &[("WENLIU_FAILPOINT", point)], |_| {});
        daemon.put("slow.txt", page(1));
        let told = |d: &Daemon| d.failing("stages").is_some_and(|s| s.contains(&format!("the {stage} stage")));
        daemon.until("the hanging stage is named", SOON + Duration::from_secs(1), told);
        assert_eq!(daemon.metric("wenliu_ready{condition=\"stages\"}"), Some(0.0));
        let status = daemon.verb(&["status"]);
        assert_eq!(status.status.code(), Some(1), "{}", String::from_utf8_lossy(&status.stdout));
        assert_eq!(daemon.get("/livez").0, 200, "it is given a minute to come back");
        daemon.until("ready again, and the drop is done", SOON * 2, |d| d.get("/readyz").0 == 200 && d.done() == 1);
    }
}

#[test]
fn a_stage_that_panics_costs_one_drop() {
    let daemon = Daemon::start_with(&[], &[("WENLIU_FAILPOINT", "enrich.done:1:panic")], |_| {});
    daemon.put("bad.txt", page(1));
    daemon.until("the drop is refused", SOON, |d| d.metric("wenliu_drops_total{outcome=\"refused\"}") == Some(1.0));
    assert_eq!(daemon.metric("wenliu_stage_panics_total"), Some(1.0));
    let receipt = daemon.json("/api/drops?outcome=refused")["drops"][0].clone();
    let reason = receipt["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("enrich stage panicked") && reason.contains("report"), "{receipt}");
    assert_eq!(daemon.get("/readyz").0, 200);
    daemon.put("good.txt", page(2));
    daemon.until("work goes on", SOON, |d| d.done() == 1);
    // Put back by hand, it is read again.
    let sha = receipt["sha256"].as_str().expect("a hash").to_owned();
    let retry = format!("/api/drops/{sha}/retry");
    assert_eq!(daemon.ask("POST", &retry, "").0, 403, "a foreign page cannot do that");
    assert_eq!(daemon.ask("POST", &retry, "x-wenliu: retry\r\nOrigin: http://evil.example\r\n").0, 403);
    let (status, body) = daemon.ask("POST", &retry, "x-wenliu: retry\r\n");
    assert_eq!(status, 200, "{body}");
    daemon.until("the second try is done", SOON, |d| d.done() == 2);
    conserved(&daemon);
}

#[test]
fn a_taken_port_is_a_warning_and_freed_it_is_used() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let mut daemon = Daemon::start(&["--set", &format!("http.listen=\"{address}\"")]);
    daemon.put("page.txt", page(1));
    let running = |d: &Daemon| d.told()["state"] == "running" && d.told()["articles_seq"].as_u64() > Some(0);
    daemon.until("work is done without a page", SOON * 2, running);
    assert_eq!(daemon.told()["http"], "");
    assert!(daemon.log().contains("no page yet"), "{}", daemon.log());
    assert_eq!(daemon.verb(&["status"]).status.code(), Some(0), "the page is not needed to be well");
    drop(taken);
    daemon.address = address.clone();
    daemon.until("the page is there", SOON * 2, |d| d.get("/readyz").0 == 200 && d.told()["http"] == address.as_str());
}

#[test]
fn an_unreadable_drop_is_told_and_read_once_it_can_be() {
    if !is_root() {
        eprintln!("a file that its owner cannot read is tried as root only");
    }
    let daemon = Daemon::start(&[]);
    let path = daemon.root.join("in/locked.txt");
    fs::write(&path, page(1)).expect("written");
    mode(&path, 0o000);
    give(&path);
    daemon.until("it is told", SOON, |d| d.metric("wenliu_drops_retrying") == Some(1.0));
    let named = |d: &Daemon| d.json("/api/status")["trouble"].as_str().is_some_and(|t| t.contains("locked.txt"));
    daemon.until("by name", SOON, named);
    let status = daemon.verb(&["status"]);
    assert!(String::from_utf8_lossy(&status.stdout).contains("locked.txt"), "{status:?}");
    assert_eq!(daemon.get("/readyz").0, 200, "one file does not make the daemon unfit");
    mode(&path, 0o644);
    daemon.until("it is read", SOON * 2, |d| d.done() == 1);
}

#[test]
fn a_quarantine_that_cannot_be_made_leaves_the_drop_where_it_is() {
    let daemon = Daemon::start_with(&[], &[], |root| {
        fs::create_dir_all(root.join("in")).expect("made");
        fs::write(root.join("in/.quarantine"), "a file stands in the way").expect("written");
    });
    daemon.put("empty.txt", "");
    daemon.until("refused", SOON * 2, |d| d.metric("wenliu_drops_total{outcome=\"refused\"}") >= Some(1.0));
    assert!(daemon.root.join("in/empty.txt").is_file());
    daemon.put("good.txt", page(1));
    daemon.until("work goes on", SOON, |d| d.done() == 1);
    let refused = daemon.metric("wenliu_drops_total{outcome=\"refused\"}");
    std::thread::sleep(Duration::from_millis(2500));
    assert_eq!(daemon.metric("wenliu_drops_total{outcome=\"refused\"}"), refused, "it is not refused again and again");
}

#[test]
fn a_second_daemon_is_turned_away_and_harms_nothing() {
    let daemon = Daemon::start(&[]);
    let second = daemon.verb(&["run", "--set", "http.listen=\"\""]);
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(75), "{said}");
    assert!(said.contains("another wenliu holds") && said.contains("hint:"), "{said}");
    daemon.put("page.txt", page(1));
    daemon.until("the first works on", SOON, |d| d.done() == 1);
}

#[test]
fn a_watched_folder_without_events_is_polled() {
    let daemon = Daemon::start(&["--set", "watch.events=poll", "--set", "watch.settle_ms=200"]);
    let conditions: Value = daemon.json("/readyz");
    let watch = conditions["conditions"].as_array().expect("a list").iter().find(|c| c["name"] == "watch").cloned();
    assert!(watch.is_some_and(|w| w["say"].as_str().is_some_and(|s| s.starts_with("polling"))), "{conditions}");
    daemon.put("page.txt", page(1));
    daemon.until("polling finds it", SOON * 2, |d| d.done() == 1);
}
