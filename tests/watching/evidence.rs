//! On what evidence a file is held to be whole.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use wenliu::watch::{Clock, Evidence, Tuning};

use crate::stage::{Stage, id, settings};

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

#[test]
fn a_renamed_file_is_read_at_once() {
    let stage = Stage::new();
    stage.settle();
    let outside = stage.outside().join("a.txt");
    fs::write(&outside, "本报讯").expect("written");
    fs::rename(outside, stage.folder().join("a.txt")).expect("renamed");
    assert_eq!(stage.await_reading("a.txt", 1).evidence, Evidence::RenamedIn);
}

#[test]
fn a_linked_file_is_read_at_once() {
    let stage = Stage::new();
    stage.settle();
    let outside = stage.outside().join("a.txt");
    fs::write(&outside, "本报讯").expect("written");
    fs::hard_link(outside, stage.folder().join("a.txt")).expect("linked");
    assert_eq!(stage.await_reading("a.txt", 1).evidence, Evidence::LinkedIn);
}

#[test]
fn a_closed_file_is_read() {
    let stage = Stage::new();
    stage.settle();
    fs::write(stage.folder().join("a.txt"), "本报讯").expect("written");
    assert_eq!(stage.await_reading("a.txt", 1).evidence, Evidence::Closed);
}

#[test]
fn an_open_file_is_left_alone_however_long_its_writer_pauses() {
    let stage = Stage::new();
    let path = stage.folder().join("a.txt");
    let mut file = File::create(&path).expect("created");
    for part in ["本报讯", "（记者", "某）"] {
        file.write_all(part.as_bytes()).expect("written");
        file.sync_all().expect("synced");
        sleep(ms(900));
        assert!(stage.published().is_empty(), "read while it was open");
    }
    drop(file);
    assert_eq!(stage.await_reading("a.txt", 1).id, id("本报讯（记者某）".as_bytes()));
}

#[test]
fn a_file_renamed_under_an_open_writer_is_not_whole() {
    let stage = Stage::new();
    stage.settle();
    let hidden = stage.folder().join(".a.txt");
    let mut file = File::create(&hidden).expect("created");
    file.write_all(b"one").expect("written");
    fs::rename(&hidden, stage.folder().join("a.txt")).expect("renamed");
    sleep(ms(600));
    assert!(stage.published().is_empty(), "read while it was open");
    file.write_all(b"two").expect("written");
    drop(file);
    assert_eq!(stage.await_reading("a.txt", 1).id, id(b"onetwo"));
}

#[test]
fn what_lies_there_at_the_start_is_read_oldest_first() {
    let before = |folder: &Path| {
        for (n, name) in ["c", "a", "b"].iter().enumerate() {
            let file = File::create(folder.join(name)).expect("created");
            (&file).write_all(name.as_bytes()).expect("written");
            let time = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + n as u64);
            file.set_modified(time).expect("set");
        }
        sleep(ms(250));
    };
    let stage = Stage::knowing(settings(), Tuning::default(), std::sync::Arc::new(wenliu::watch::NothingKnown), before);
    stage.settle();
    let names: Vec<String> = stage.published().iter().map(|p| p.rel.display().to_string()).collect();
    assert_eq!(names, ["c", "a", "b"]);
    assert_eq!(stage.published()[0].evidence, Evidence::Lease);
}

#[test]
fn an_append_after_hours_is_a_new_version() {
    let clock = Clock::default();
    let stage = Stage::with(settings(), Tuning { clock: clock.clone(), ..Tuning::default() });
    let path = stage.folder().join("a.txt");
    fs::write(&path, "上午").expect("written");
    stage.await_reading("a.txt", 1);
    clock.advance(Duration::from_secs(6 * 3600));
    sleep(ms(50));
    let mut file = File::options().append(true).open(&path).expect("open");
    file.write_all("下午".as_bytes()).expect("written");
    clock.advance(Duration::from_secs(3600));
    sleep(ms(400));
    assert_eq!(stage.readings_of("a.txt").len(), 1, "read while it was open");
    drop(file);
    assert_eq!(stage.await_reading("a.txt", 2).id, id("上午下午".as_bytes()));
}
