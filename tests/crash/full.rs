//! A disk that is full, or goes away, and then does not any more.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::daemon::{Place, same, wait};
use crate::pages::lay;
use crate::tailer::Tailer;

/// A mount that goes away with the test; nothing without the right to mount.
pub struct Mount(tempfile::TempDir);

impl Mount {
    /// Mounts with these arguments of mount(8), the folder coming last.
    pub fn new(arguments: &[&str]) -> Option<Mount> {
        let folder = tempfile::tempdir().expect("a temp folder");
        let done = Command::new("mount").args(arguments).arg(folder.path()).output();
        done.is_ok_and(|d| d.status.success()).then_some(Mount(folder))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.0.path()).output());
    }
}

/// `full` is the folder on the small disk, which has room for so many bytes at first.
fn starved(full: &str, room: usize) {
    let Some(small) = Mount::new(&["-t", "tmpfs", "-o", "size=2m", "tmpfs"]) else {
        eprintln!("skipped: a small tmpfs can be mounted by root only");
        return;
    };
    let place = Place::new();
    lay(&place.folder("in"), 60);
    std::os::unix::fs::symlink(small.path(), place.folder(full)).expect("linked");
    // What fills it is given back later.
    let ballast = small.path().join("ballast");
    fs::write(&ballast, vec![0_u8; (2 << 20) - room]).expect("there is room for it");
    let tailer = Tailer::start(&place.folder("out"));
    let daemon = place.start("");
    let paused = || {
        let said = place.verb("status", &["--json"]);
        String::from_utf8_lossy(&said.stdout).contains("\"paused\":\"no room")
            || place.log().contains("committing paused")
    };
    wait("a pause", &place, Duration::from_secs(30), paused);
    std::thread::sleep(Duration::from_millis(300));
    // A reader may catch a write half-way, on any disk; what must never stay is a part of a line that found no room.
    for file in fs::read_dir(place.folder("out").join("live")).expect("the live folder").flatten() {
        let bytes = fs::read(file.path()).expect("readable");
        assert!(bytes.last().is_none_or(|b| *b == b'\n'), "{} ends in the middle of a line", file.path().display());
    }
    fs::remove_file(&ballast).expect("removed");
    wait("the rest", &place, Duration::from_secs(30), || {
        let said = place.verb("why", &["p0059-2024-09-05.txt", "--json"]);
        String::from_utf8_lossy(&said.stdout).contains("\"outcome\":\"done\"")
    });
    assert!(daemon.stop().success(), "{}", place.log());
    let mut seen = tailer.stop();
    let whole = Place::new();
    lay(&whole.folder("in"), 60);
    whole.finish();
    same("articles", &seen.lines("articles"), &whole.lines("articles"), &place);
    same("drops", &seen.lines("drops"), &whole.lines("drops"), &place);
    assert!(seen.complaints.is_empty(), "{:?}", seen.complaints);
    place.verify();
}

#[test]
fn a_full_output_disk_pauses_and_loses_nothing() {
    starved("out", 200_000);
}

#[test]
fn a_full_state_disk_pauses_and_loses_nothing() {
    starved("state", 500_000);
}

#[test]
fn an_output_folder_that_goes_away_is_waited_for() {
    let place = Place::new();
    lay(&place.folder("in"), 4);
    let daemon = place.start("");
    let done = |name: &str| {
        let said = place.verb("why", &[name, "--json"]);
        String::from_utf8_lossy(&said.stdout).contains("\"outcome\":\"done\"")
    };
    wait("the first drops", &place, Duration::from_secs(20), || done("p0003-2024-09-05.txt"));
    fs::rename(place.folder("out/live"), place.folder("out/away")).expect("renamed");
    lay(&place.folder("in"), 6);
    wait("a pause", &place, Duration::from_secs(20), || place.log().contains("committing paused"));
    fs::rename(place.folder("out/away"), place.folder("out/live")).expect("renamed back");
    wait("the rest", &place, Duration::from_secs(20), || done("p0005-2024-09-05.txt"));
    assert!(daemon.stop().success(), "{}", place.log());
    place.verify();
}
