//! The plug pulled: an ext4 file system in an image, of which only what reached the device survives.

use std::fs;
use std::process::Command;
use std::time::Duration;

use crate::daemon::Place;
use crate::full::Mount;
use crate::pages::{Dice, lay};

fn run(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|o| o.status.success())
}

/// What a reader has seen in the growing folder.
fn seen(place: &Place) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(place.folder("out/live")).into_iter().flatten().flatten();
    entries.filter_map(|e| Some((e.file_name().to_string_lossy().into_owned(), fs::read(e.path()).ok()?))).collect()
}

#[test]
fn nothing_that_was_seen_is_lost_when_the_power_goes() {
    let cuts: u64 = std::env::var("WENLIU_POWER_CUTS").ok().and_then(|v| v.parse().ok()).unwrap_or(4);
    let scratch = tempfile::tempdir().expect("a temp folder");
    let image = scratch.path().join("image").display().to_string();
    let copy = scratch.path().join("copy").display().to_string();
    let made =
        fs::File::create(&image).and_then(|f| f.set_len(64 << 20)).is_ok() && run("mkfs.ext4", &["-q", "-F", &image]);
    let Some(mut mount) = made.then(|| Mount::new(&["-o", "loop", &image])).flatten() else {
        eprintln!("skipped: an ext4 image can be mounted by root only, with mkfs.ext4 and loop devices");
        return;
    };
    let mut dice = Dice::new(7);
    lay(&mount.path().join("in"), 40);
    assert!(run("sync", &[]));
    for _ in 0..cuts {
        let place = Place::at(mount.path());
        let daemon = place.start("");
        std::thread::sleep(Duration::from_millis(150 + dice.roll(500)));
        // Stopped first, so that what is seen and what is copied are of one moment; the copy is the device, not the page
        // cache: what was not synced is not in it.
        let pid = daemon.0.id().to_string();
        assert!(run("kill", &["-STOP", &pid]));
        let before = seen(&place);
        assert!(run("cp", &["--sparse=always", &image, &copy]));
        daemon.kill();
        drop(mount);
        fs::rename(&copy, &image).expect("renamed");
        let Some(again) = Mount::new(&["-o", "loop", &image]) else { panic!("the image cannot be mounted again") };
        mount = again;
        let place = Place::at(mount.path());
        // The machine would have another boot id now; the ledger is told so.
        assert!(
            run(
                "sqlite3",
                &[
                    &place.folder("state/journal.db").display().to_string(),
                    "UPDATE meta SET value='before' WHERE key='boot'"
                ]
            ) || !place.folder("state/journal.db").exists()
                || before.is_empty()
        );
        let daemon = place.start("recover.done:1");
        let mut daemon = daemon;
        assert!(daemon.ended(Duration::from_secs(20)).is_some(), "{}", place.log());
        for (name, bytes) in before {
            let now = fs::read(place.folder("out/live").join(&name)).unwrap_or_default();
            assert!(
                now.starts_with(&bytes),
                "{name}: {} bytes were seen, {} are there\n{}",
                bytes.len(),
                now.len(),
                place.log()
            );
        }
    }
    let place = Place::at(mount.path());
    place.finish();
    place.verify();
    let whole = Place::new();
    lay(&whole.folder("in"), 40);
    whole.finish();
    assert_eq!(place.by_id(), whole.by_id());
}
