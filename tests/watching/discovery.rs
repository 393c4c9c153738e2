//! Nothing that is dropped stays hidden.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::Duration;

use wenliu::config::{Events, WatchConfig};
use wenliu::record::drop::FileIdentity;
use wenliu::watch::{Evidence, Known, Mode, NothingKnown, Tuning, Watcher};

use crate::stage::{Stage, id, settings};

/// Puts a file there by a rename, whole.
fn drop_whole(stage: &Stage, rel: impl AsRef<Path>, text: &str) {
    let outside = stage.outside().join("whole");
    fs::write(&outside, text).expect("written");
    fs::rename(outside, stage.folder().join(rel)).expect("renamed");
}

#[test]
fn names_are_bytes() {
    let stage = Stage::new();
    let long = "长".repeat(85);
    for name in [b"\xb1\xa8\xd6\xbd.txt".as_slice(), b"two\nlines.txt", long.as_bytes(), b"\xff\xfe", b" ", b"-rf"] {
        drop_whole(&stage, OsStr::from_bytes(name), "本报讯");
        stage.await_reading(OsStr::from_bytes(name), 1);
    }
}

#[test]
fn folders_made_under_load_hide_nothing() {
    let stage = Stage::new();
    stage.settle();
    for n in 0..200 {
        let folder = stage.folder().join(format!("{}/{}/{n}", n % 3, n % 7));
        fs::create_dir_all(&folder).expect("made");
        fs::write(folder.join("a.txt"), format!("{n}")).expect("written");
        fs::write(folder.join("b.txt"), format!("{n}")).expect("written");
    }
    stage.settle();
    assert_eq!(stage.published().len(), 400);
}

#[test]
fn a_folder_moved_in_whole_is_read_whole() {
    let stage = Stage::new();
    stage.settle();
    let outside = stage.outside().join("issue");
    for n in 0..50 {
        let folder = outside.join(format!("{}", n % 5));
        fs::create_dir_all(&folder).expect("made");
        fs::write(folder.join(format!("{n}.txt")), format!("{n}")).expect("written");
    }
    fs::rename(&outside, stage.folder().join("issue")).expect("renamed");
    stage.settle();
    assert_eq!(stage.published().len(), 50);
    assert!(stage.published().iter().all(|p| p.evidence == Evidence::RenamedIn));
    // Moved within the folder, the files are there under other names.
    fs::rename(stage.folder().join("issue"), stage.folder().join("renamed")).expect("renamed");
    drop_whole(&stage, "renamed/3/late.txt", "late");
    stage.settle();
    assert_eq!(stage.published().len(), 101);
    stage.await_reading("renamed/3/late.txt", 1);
}

#[test]
fn a_replaced_folder_is_followed() {
    let stage = Stage::new();
    drop_whole(&stage, "a.txt", "1");
    stage.await_reading("a.txt", 1);
    fs::rename(stage.folder(), stage.outside().join("old")).expect("renamed");
    sleep(Duration::from_millis(300));
    fs::create_dir(stage.folder()).expect("made");
    drop_whole(&stage, "b.txt", "2");
    stage.await_reading("b.txt", 1);
    fs::remove_dir_all(stage.folder()).expect("removed");
    fs::create_dir(stage.folder()).expect("made");
    drop_whole(&stage, "c.txt", "3");
    stage.await_reading("c.txt", 1);
    sleep(Duration::from_millis(1500));
    assert_eq!(stage.watcher.health().mode, Mode::Events, "{:?}", stage.watcher.health());
    drop_whole(&stage, "d.txt", "4");
    stage.await_reading("d.txt", 1);
}

#[test]
fn a_burst_that_overflows_the_queue_is_listed() {
    let tuning = Tuning { events_max: 8, settling_max: 64, window_max: 100, ready_max: 16, ..Tuning::default() };
    let stage = Stage::with(settings(), tuning);
    stage.settle();
    for n in 0..3000 {
        fs::write(stage.folder().join(format!("{n:04}.txt")), format!("{n}")).expect("written");
    }
    stage.settle();
    let names: HashSet<PathBuf> = stage.published().into_iter().map(|p| p.rel).collect();
    assert_eq!((names.len(), stage.published().len()), (3000, 3000));
    assert!(stage.watcher.health().overflows > 0, "the queue was to overflow");
}

#[test]
fn without_events_the_folder_is_polled() {
    let stage = Stage::with(WatchConfig { events: Events::Poll, ..settings() }, Tuning::default());
    fs::create_dir_all(stage.folder().join("deep/er")).expect("made");
    fs::write(stage.folder().join("deep/er/a.txt"), "1").expect("written");
    stage.await_reading("deep/er/a.txt", 1);
    fs::write(stage.folder().join("deep/er/a.txt"), "one more").expect("written");
    assert_eq!(stage.await_reading("deep/er/a.txt", 2).id, id(b"one more"));
    let health = stage.watcher.health();
    assert_eq!((health.mode, health.why.as_str()), (Mode::Polling, "watch.events is \"poll\""));
}

#[test]
fn only_drops_are_read() {
    let config = WatchConfig { include: vec!["*.txt".into()], exclude: vec!["old".into()], ..settings() };
    let stage = Stage::with(config, Tuning::default());
    stage.settle();
    for folder in ["old", ".quarantine", "new"] {
        fs::create_dir(stage.folder().join(folder)).expect("made");
    }
    for name in ["a.md", "old/a.txt", ".quarantine/a.txt", ".a.txt", "a.txt~", "b.txt.part", "new/a.txt"] {
        drop_whole(&stage, name, name);
    }
    stage.settle();
    let names: Vec<PathBuf> = stage.published().into_iter().map(|p| p.rel).collect();
    assert_eq!(names, [PathBuf::from("new/a.txt")]);
}

#[test]
fn pipes_and_sockets_are_refused_and_block_nobody() {
    let stage = Stage::new();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        stage.folder().join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RWXU,
        0,
    )
    .expect("a pipe");
    let _listening = std::os::unix::net::UnixListener::bind(stage.folder().join("socket")).expect("a socket");
    drop_whole(&stage, "a.txt", "1");
    stage.await_reading("a.txt", 1);
    stage.settle();
    let mut refused: Vec<String> =
        stage.refused().iter().map(|r| format!("{} {}", r.rel.display(), r.reason)).collect();
    refused.sort();
    assert_eq!(refused, ["pipe not_a_file", "socket not_a_file"]);
}

#[test]
fn links_are_followed_inside_and_never_out() {
    let stage = Stage::new();
    stage.settle();
    let outside = stage.outside().join("secret.txt");
    fs::write(&outside, "secret").expect("written");
    fs::create_dir(stage.folder().join(".store")).expect("made");
    fs::write(stage.folder().join(".store/a.txt"), "inside").expect("written");
    std::os::unix::fs::symlink(&outside, stage.folder().join("out.txt")).expect("linked");
    std::os::unix::fs::symlink(".store/a.txt", stage.folder().join("in.txt")).expect("linked");
    std::os::unix::fs::symlink(stage.outside(), stage.folder().join("out")).expect("linked");
    std::os::unix::fs::symlink(".", stage.folder().join("loop")).expect("linked");
    assert_eq!(stage.await_reading("in.txt", 1).id, id(b"inside"));
    stage.settle();
    let mut refused: Vec<String> = stage.refused().iter().map(|r| r.rel.display().to_string()).collect();
    refused.sort();
    assert_eq!((stage.published().len(), refused), (1, vec!["out".to_owned(), "out.txt".to_owned()]));
}

#[test]
fn an_empty_file_waits_for_its_content_and_is_refused_without() {
    let stage = Stage::new();
    stage.settle();
    fs::write(stage.folder().join("later.txt"), "").expect("written");
    fs::write(stage.folder().join("never.txt"), "").expect("written");
    sleep(Duration::from_millis(500));
    fs::write(stage.folder().join("later.txt"), "text").expect("written");
    assert_eq!(stage.await_reading("later.txt", 1).id, id(b"text"));
    stage.settle();
    assert_eq!(stage.refused().iter().map(|r| r.reason).collect::<Vec<_>>(), ["empty"]);
}

#[test]
fn a_done_marker_is_waited_for() {
    let config = WatchConfig { done_marker: ".ok".into(), ..settings() };
    let stage = Stage::with(config, Tuning::default());
    stage.settle();
    fs::write(stage.folder().join("a.txt"), "1").expect("written");
    sleep(Duration::from_millis(600));
    assert!(stage.published().is_empty() && stage.watcher.idle(), "a file without its marker");
    fs::write(stage.folder().join("a.txt.ok"), "").expect("written");
    assert_eq!(stage.await_reading("a.txt", 1).evidence, Evidence::Marker);
    // The old marker does not speak for a new content.
    sleep(Duration::from_millis(20));
    fs::write(stage.folder().join("a.txt"), "22").expect("written");
    sleep(Duration::from_millis(600));
    assert_eq!(stage.published().len(), 1);
    fs::write(stage.folder().join("a.txt.ok"), "").expect("written");
    assert_eq!(stage.await_reading("a.txt", 2).id, id(b"22"));
    stage.settle();
    assert_eq!(stage.published().len(), 2);
}

/// A ledger that forgets nothing.
#[derive(Default)]
struct Ledger(Mutex<HashSet<(PathBuf, FileIdentity)>>);

impl Known for Ledger {
    fn is_known(&self, rel: &Path, identity: &FileIdentity) -> bool {
        self.0.lock().expect("the ledger").contains(&(rel.to_owned(), *identity))
    }
}

#[test]
fn what_the_ledger_knows_is_not_read_again() {
    let folder = tempfile::tempdir().expect("a temp folder");
    let config = WatchConfig { folder: folder.path().to_owned(), ..settings() };
    let ledger = Arc::new(Ledger::default());
    for round in 0..3 {
        fs::write(folder.path().join(format!("{round}.txt")), "text").expect("written");
        let watcher = Watcher::open(&config, ledger.clone()).expect("it starts");
        let found = watcher.next(Duration::from_secs(10)).expect("the new file");
        assert_eq!(found.name, format!("{round}.txt"));
        ledger.0.lock().expect("the ledger").insert((found.rel, found.identity));
        assert_eq!(watcher.next(Duration::from_millis(300)), None);
    }
}

#[test]
fn a_backlog_larger_than_the_window_comes_oldest_first() {
    let before = |folder: &Path| {
        for n in 0..500_u64 {
            let file = fs::File::create(folder.join(format!("{:03}", (n * 7) % 500))).expect("created");
            std::io::Write::write_all(&mut &file, b"x").expect("written");
            file.set_modified(std::time::UNIX_EPOCH + Duration::from_secs((n * 7) % 500)).expect("set");
        }
        sleep(Duration::from_millis(300));
    };
    let tuning = Tuning { window_max: 40, ready_max: 4, ..Tuning::default() };
    let stage = Stage::knowing(settings(), tuning, Arc::new(NothingKnown), before);
    stage.settle();
    let names: Vec<String> = stage.published().iter().map(|p| p.rel.display().to_string()).collect();
    let expected: Vec<String> = (0..500).map(|n| format!("{n:03}")).collect();
    assert_eq!(names, expected);
}

#[test]
fn what_went_away_and_came_back_is_read_again_and_so_is_what_is_asked_for() {
    let stage = Stage::new();
    drop_whole(&stage, "a.txt", "1");
    stage.await_reading("a.txt", 1);
    fs::rename(stage.folder().join("a.txt"), stage.outside().join("a.txt")).expect("renamed");
    sleep(Duration::from_millis(50));
    fs::rename(stage.outside().join("a.txt"), stage.folder().join("a.txt")).expect("renamed");
    stage.await_reading("a.txt", 2);
    stage.watcher.again(Path::new("a.txt"));
    stage.await_reading("a.txt", 3);
    stage.watcher.rescan();
    stage.settle();
    assert_eq!(stage.published().len(), 3);
}

#[test]
fn two_watchers_can_be_had_in_one_process_and_stop_at_once() {
    let (a, b) = (Stage::new(), Stage::new());
    drop_whole(&a, "a.txt", "1");
    drop_whole(&b, "b.txt", "1");
    a.await_reading("a.txt", 1);
    b.await_reading("b.txt", 1);
    a.watcher.stop();
    assert_eq!(a.watcher.next(Duration::from_secs(60)), None);
    assert!(!a.watcher.health().alive && b.watcher.health().alive);
}
