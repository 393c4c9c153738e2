//! Writers as they are met in the field; each puts one drop into the folder and tells what is to come of it.
//!
//! They know nothing of the watcher under test and can be used against any other: give them a folder, compare what was
//! read with what they tell.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use wenliu::record::drop::DropId;

use crate::dice::Dice;
use crate::stage::id;

/// Where a writer works.
pub struct Place {
    /// The watched folder.
    pub folder: PathBuf,
    /// A folder on the same file system that is not watched.
    pub outside: PathBuf,
    /// The path that the drop is to have below the watched folder; its folder exists.
    pub rel: PathBuf,
    /// How long the watcher lets files settle that it has no better evidence for.
    pub settle: Duration,
    /// Now and then a drop of half a megabyte.
    pub large: bool,
}

/// What is to come of a writer's work.
pub struct Truth {
    pub writer: &'static str,
    pub names: Vec<NameTruth>,
    /// When the last of it was whole.
    pub whole_at: Instant,
}

/// What may be read under a name, and what must have been read last.
pub struct NameTruth {
    pub rel: PathBuf,
    pub whole: Vec<DropId>,
    pub last: Option<DropId>,
}

/// A writer's name and work.
pub type Writer = (&'static str, fn(&Place, &mut Dice) -> Truth);

/// All of them. Those in the second list pause for longer than `settle` with the file open, which only a watcher that
/// knows of open writers can bear.
pub const WRITERS: &[Writer] = &[
    ("plain", plain),
    ("slow copy", slow_copy),
    ("opens and closes", opens_and_closes),
    ("preallocate and fill", preallocate_and_fill),
    ("copy with old time", copy_with_old_time),
    ("old time after close", old_time_after_close),
    ("rename in, hidden", rename_hidden),
    ("rename in, part", rename_part),
    ("rename in, outside", rename_outside),
    ("rename across folders", rename_across),
    ("link in", link_in),
    ("write then touch", write_then_touch),
    ("edit in place", edit_in_place),
    ("truncate and rewrite", truncate_and_rewrite),
    ("delete before read", delete_before_read),
    ("sparse", sparse),
    ("vim", vim),
    ("emacs", emacs),
    ("rsync", rsync),
    ("folder moved in", folder_moved_in),
    ("replace by rename", replace_by_rename),
    ("touch then fill", touch_then_fill),
];
pub const PATIENT_WRITERS: &[Writer] =
    &[("ftp append", ftp_append), ("mapped", mapped), ("rename under writer", rename_under)];

/// A few lines that no other drop has, now and then many.
fn text(place: &Place, dice: &mut Dice) -> Vec<u8> {
    let lines = if dice.chance(5) && place.large { dice.from(2_000, 20_000) } else { dice.from(1, 60) };
    let mut text = format!("本报讯 {} {}\n", place.rel.display(), dice.next()).into_bytes();
    for line in 0..lines {
        text.extend_from_slice(format!("第{line}行，{}。\n", dice.next()).as_bytes());
    }
    text
}

fn told(writer: &'static str, rel: &Path, whole: &[&[u8]]) -> Truth {
    let ids: Vec<DropId> = whole.iter().map(|w| id(w)).collect();
    let last = ids.last().copied();
    Truth { writer, names: vec![NameTruth { rel: rel.into(), whole: ids, last }], whole_at: Instant::now() }
}

fn write_in_parts(file: &mut File, bytes: &[u8], parts: u64, mut between: impl FnMut()) {
    let size = bytes.len().div_ceil(parts as usize).max(1);
    for part in bytes.chunks(size) {
        file.write_all(part).expect("written");
        between();
    }
}

fn old_time(dice: &mut Dice) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(dice.from(500_000_000, 1_600_000_000))
}

impl Place {
    fn path(&self) -> PathBuf {
        self.folder.join(&self.rel)
    }

    /// A name beside the drop.
    fn beside(&self, before: &str, after: &str) -> PathBuf {
        let mut name = std::ffi::OsString::from(before);
        name.push(self.rel.file_name().expect("a name"));
        name.push(after);
        self.path().with_file_name(name)
    }

    fn elsewhere(&self, dice: &mut Dice) -> PathBuf {
        self.outside.join(format!("{}-{}", dice.next(), dice.next()))
    }
}

fn plain(place: &Place, dice: &mut Dice) -> Truth {
    let text = text(place, dice);
    fs::write(place.path(), &text).expect("written");
    told("plain", &place.rel, &[&text])
}

fn slow_copy(place: &Place, dice: &mut Dice) -> Truth {
    let text = text(place, dice);
    let mut file = File::create(place.path()).expect("created");
    write_in_parts(&mut file, &text, 10, || dice.pause(1, 40));
    drop(file);
    told("slow copy", &place.rel, &[&text])
}

/// As some FTP servers do: the file stays open, and the line is slow.
fn ftp_append(place: &Place, dice: &mut Dice) -> Truth {
    let text = text(place, dice);
    let mut file = File::create(place.path()).expect("created");
    let settle = u64::try_from(place.settle.as_millis()).expect("short");
    write_in_parts(&mut file, &text, 3, || dice.pause(settle * 5 / 4, settle * 2));
    drop(file);
    told("ftp append", &place.rel, &[&text])
}

/// As scanners and shell loops do. What stood closed for longer than a tenth of a second counts as a version.
fn opens_and_closes(place: &Place, dice: &mut Dice) -> Truth {
    let text = text(place, dice);
    let parts = dice.from(2, 5) as usize;
    let size = text.len().div_ceil(parts);
    let mut whole: Vec<&[u8]> = Vec::new();
    let mut closed: Option<(Instant, usize)> = None;
    for end in (0..text.len()).step_by(size).map(|start| (start + size).min(text.len())) {
        let mut file = File::options().append(true).create(true).open(place.path()).expect("open");
        if let Some((_, length)) = closed.filter(|(at, _)| at.elapsed() > Duration::from_millis(100)) {
            whole.push(&text[..length]);
        }
        let start = closed.map_or(0, |(_, length)| length);
        file.write_all(&text[start..end]).expect("written");
        dice.pause(0, 10);
        drop(file);
        closed = Some((Instant::now(), end));
        if end < text.len() {
            dice.pause(0, 50);
        }
    }
    whole.push(&text);
    told("opens and closes", &place.rel, &whole)
}

fn preallocate_and_fill(place: &Place, dice: &mut Dice) -> Truth {
    let text = text(place, dice);
    let file = File::create(place.path()).expect("created");
    rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, text.len() as u64)
        .or_else(|_| file.set_len(text.len() as u64).map_err(|_| rustix::io::Errno::IO))
        .expect("allocated");
    dice.pause(0, 60);
    for (n, part) in text.chunks(text.len().div_ceil(4)).enumerate().collect::<Vec<_>>().into_iter().rev() {
        file.write_all_at(part, (n * text.len().div_ceil(4)) as u64).expect("written");
        dice.pause(0, 30);
    }
    drop(file);
    told("preallocate and fill", &place.rel, &[&text])
}

/// Writes through a shared mapping after the file itself was closed.
fn mapped(place: &Place, dice: &mut Dice) -> Truth {
    let text = text(place, dice);
    let file = File::options().read(true).write(true).create_new(true).open(place.path()).expect("created");
    file.set_len(text.len() as u64).expect("sized");
    let mut map = crate::mapped::Mapped::new(&file, text.len());
    drop(file);
    for (n, part) in text.chunks(text.len().div_ceil(4)).enumerate() {
        dice.pause(0, 150);
        map.write(n * text.len().div_ceil(4), part);
    }
    drop(map);
    told("mapped", &place.rel, &[&text])
}

fn copy_with_old_time(place: &Place, dice: &mut Dice) -> Truth {
    let text = text(place, dice);
    let mut file = File::create(place.path()).expect("created");
    write_in_parts(&mut file, &text, 3, || dice.pause(0, 20));
    file.set_modified(old_time(dice)).expect("set");
    drop(file);
    told("copy with old time", &place.rel, &[&text])
}

/// As `unzip` does: time and rights are set when the file is closed already.
fn old_time_after_close(place: &Place, dice: &mut Dice) -> Truth {
    let text = text(place, dice);
    fs::write(place.path(), &text).expect("written");
    File::open(place.path()).expect("open").set_modified(old_time(dice)).expect("set");
    let mut rights = fs::metadata(place.path()).expect("there").permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut rights, 0o640);
    fs::set_permissions(place.path(), rights).expect("set");
    told("old time after close", &place.rel, &[&text])
}

fn rename_from(place: &Place, dice: &mut Dice, from: &Path, writer: &'static str) -> Truth {
    let text = text(place, dice);
    let mut file = File::create(from).expect("created");
    write_in_parts(&mut file, &text, 3, || dice.pause(0, 20));
    if dice.chance(50) {
        file.set_modified(old_time(dice)).expect("set");
    }
    drop(file);
    dice.pause(0, 100);
    fs::rename(from, place.path()).expect("renamed");
    told(writer, &place.rel, &[&text])
}

fn rename_hidden(place: &Place, dice: &mut Dice) -> Truth {
    rename_from(place, dice, &place.beside(".", ".Xy12z"), "rename in, hidden")
}

fn rename_part(place: &Place, dice: &mut Dice) -> Truth {
    rename_from(place, dice, &place.beside("", ".part"), "rename in, part")
}

fn rename_outside(place: &Place, dice: &mut Dice) -> Truth {
    let from = place.elsewhere(dice);
    rename_from(place, dice, &from, "rename in, outside")
}

/// Under its first name it may be read or not.
fn rename_across(place: &Place, dice: &mut Dice) -> Truth {
    let text = text(place, dice);
    let other = PathBuf::from(format!("first-{}-{}", dice.next(), dice.next()));
    fs::write(place.folder.join(&other), &text).expect("written");
    dice.pause(0, 400);
    fs::rename(place.folder.join(&other), place.path()).expect("renamed");
    let mut truth = told("rename across folders", &place.rel, &[&text]);
    truth.names.push(NameTruth { rel: other, whole: vec![id(&text)], last: None });
    truth
}

fn rename_under(place: &Place, dice: &mut Dice) -> Truth {
    let text = text(place, dice);
    let hidden = place.beside(".", "");
    let mut file = File::create(&hidden).expect("created");
    let (front, back) = text.split_at(text.len() / 2);
    file.write_all(front).expect("written");
    fs::rename(&hidden, place.path()).expect("renamed");
    dice.pause(0, 300);
    file.write_all(back).expect("written");
    drop(file);
    told("rename under writer", &place.rel, &[&text])
}

fn link_in(place: &Place, dice: &mut Dice) -> Truth {
    let text = text(place, dice);
    let from = place.elsewhere(dice);
    fs::write(&from, &text).expect("written");
    fs::hard_link(&from, place.path()).expect("linked");
    if dice.chance(50) {
        fs::remove_file(from).expect("removed");
    }
    told("link in", &place.rel, &[&text])
}

fn write_then_touch(place: &Place, dice: &mut Dice) -> Truth {
    let text = text(place, dice);
    fs::write(place.path(), &text).expect("written");
    dice.pause(0, 300);
    let file = File::options().append(true).open(place.path()).expect("open");
    file.set_modified(SystemTime::now()).expect("touched");
    drop(file);
    told("write then touch", &place.rel, &[&text])
}

fn edit_in_place(place: &Place, dice: &mut Dice) -> Truth {
    let before = text(place, dice);
    fs::write(place.path(), &before).expect("written");
    dice.pause(0, 400);
    let mut after = before.clone();
    let file = File::options().write(true).open(place.path()).expect("open");
    for _ in 0..3 {
        let at = dice.from(0, after.len() as u64 - 1) as usize;
        after[at] = b'0' + (dice.next() % 10) as u8;
        file.write_all_at(&after[at..=at], at as u64).expect("written");
        dice.pause(0, 60);
    }
    drop(file);
    told("edit in place", &place.rel, &[&before, &after])
}

fn truncate_and_rewrite(place: &Place, dice: &mut Dice) -> Truth {
    let before = text(place, dice);
    fs::write(place.path(), &before).expect("written");
    dice.pause(0, 300);
    let after = text(place, dice);
    let mut file = File::options().write(true).truncate(true).open(place.path()).expect("open");
    dice.pause(0, 60);
    write_in_parts(&mut file, &after, 3, || dice.pause(0, 40));
    drop(file);
    told("truncate and rewrite", &place.rel, &[&before, &after])
}

fn delete_before_read(place: &Place, dice: &mut Dice) -> Truth {
    let text = text(place, dice);
    fs::write(place.path(), &text).expect("written");
    dice.pause(0, 150);
    fs::remove_file(place.path()).expect("removed");
    let mut truth = told("delete before read", &place.rel, &[&text]);
    truth.names[0].last = None;
    truth
}

fn sparse(place: &Place, dice: &mut Dice) -> Truth {
    let text = text(place, dice);
    let hole = dice.from(1, 300) as usize * 4096;
    let mut file = File::create(place.path()).expect("created");
    file.write_all(&text).expect("written");
    file.seek(SeekFrom::Start((text.len() + hole) as u64)).expect("moved");
    dice.pause(0, 60);
    file.write_all(b"\nend\n").expect("written");
    drop(file);
    let whole = [text.as_slice(), &vec![0; hole], b"\nend\n"].concat();
    told("sparse", &place.rel, &[&whole])
}

/// Saves a file as vim does: tries whether it may write here, moves the old one away, writes anew, removes the old one.
fn vim(place: &Place, dice: &mut Dice) -> Truth {
    let before = text(place, dice);
    fs::write(place.path(), &before).expect("written");
    dice.pause(0, 300);
    let probe = place.path().with_file_name(format!("49{}", dice.next()));
    drop(File::create(&probe).expect("created"));
    fs::remove_file(&probe).expect("removed");
    let backup = place.beside("", "~");
    fs::rename(place.path(), &backup).expect("renamed");
    let after = text(place, dice);
    let mut file = File::create(place.path()).expect("created");
    write_in_parts(&mut file, &after, 2, || dice.pause(0, 10));
    file.sync_all().expect("synced");
    drop(file);
    fs::remove_file(backup).expect("removed");
    told("vim", &place.rel, &[&before, &after])
}

/// Saves a file as emacs does: a lock that is a link to nowhere, an autosave, a backup.
fn emacs(place: &Place, dice: &mut Dice) -> Truth {
    let before = text(place, dice);
    fs::write(place.path(), &before).expect("written");
    dice.pause(0, 200);
    let lock = place.beside(".#", "");
    std::os::unix::fs::symlink("somebody@somewhere.1234:5678", &lock).expect("locked");
    let autosave = place.beside("#", "#");
    fs::write(&autosave, &before[..before.len() / 2]).expect("written");
    dice.pause(0, 100);
    fs::rename(place.path(), place.beside("", "~")).expect("renamed");
    let after = text(place, dice);
    let mut file = File::create(place.path()).expect("created");
    write_in_parts(&mut file, &after, 2, || dice.pause(0, 10));
    drop(file);
    fs::remove_file(autosave).expect("removed");
    fs::remove_file(lock).expect("removed");
    told("emacs", &place.rel, &[&before, &after])
}

/// Writes beside, in pieces, sets time and rights, renames.
fn rsync(place: &Place, dice: &mut Dice) -> Truth {
    let mut whole = Vec::new();
    for _ in 0..dice.from(1, 2) {
        let text = text(place, dice);
        let aside = place.beside(".", ".Ab3dE9");
        let mut file = File::create(&aside).expect("created");
        write_in_parts(&mut file, &text, 5, || dice.pause(0, 20));
        drop(file);
        File::open(&aside).expect("open").set_modified(old_time(dice)).expect("set");
        dice.pause(0, 100);
        fs::rename(aside, place.path()).expect("renamed");
        whole.push(text);
    }
    let whole: Vec<&[u8]> = whole.iter().map(Vec::as_slice).collect();
    told("rsync", &place.rel, &whole)
}

fn folder_moved_in(place: &Place, dice: &mut Dice) -> Truth {
    let from = place.elsewhere(dice);
    let to = PathBuf::from(format!("moved-{}-{}", dice.next(), dice.next()));
    let mut names = Vec::new();
    for n in 0..dice.from(1, 6) {
        let text = text(place, dice);
        let below = PathBuf::from(format!("{}/{n}.txt", dice.from(1, 2)));
        fs::create_dir_all(from.join(&below).parent().expect("below")).expect("made");
        fs::write(from.join(&below), &text).expect("written");
        names.push(NameTruth { rel: to.join(below), whole: vec![id(&text)], last: Some(id(&text)) });
    }
    fs::rename(&from, place.folder.join(&to)).expect("renamed");
    Truth { writer: "folder moved in", names, whole_at: Instant::now() }
}

fn replace_by_rename(place: &Place, dice: &mut Dice) -> Truth {
    let before = text(place, dice);
    fs::write(place.path(), &before).expect("written");
    dice.pause(0, 300);
    let after = text(place, dice);
    let from = place.elsewhere(dice);
    fs::write(&from, &after).expect("written");
    fs::rename(from, place.path()).expect("renamed");
    told("replace by rename", &place.rel, &[&before, &after])
}

/// The name first, the content a good while later.
fn touch_then_fill(place: &Place, dice: &mut Dice) -> Truth {
    drop(File::create(place.path()).expect("created"));
    dice.pause(0, 500);
    let text = text(place, dice);
    fs::write(place.path(), &text).expect("written");
    told("touch then fill", &place.rel, &[&text])
}
