//! SIGKILL at every named point, at random, and aimed at the moments that hurt.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::daemon::{Place, Running, same};
use crate::pages::{Dice, lay};
use crate::tailer::Tailer;

/// Pages in a round, and kills before it may run to its end.
const PAGES: u64 = 40;
const KILLS: u64 = 20;

const POINTS: [&str; 17] = [
    "watch.settled",
    "clean.done",
    "enrich.done",
    "commit.placed",
    "commit.staged",
    "commit.committed",
    "commit.visible",
    "commit.answered",
    "seal.synced",
    "seal.linked",
    "seal.protected",
    "seal.listed",
    "recover.opened",
    "recover.written",
    "recover.synced",
    "recover.done",
    "show.half",
];

/// How the daemon is to die.
#[derive(Clone, Debug)]
enum Aim {
    /// At a named point, when it is passed for the n-th time.
    Point(&'static str, u64),
    /// Some time after its start.
    Random(Duration),
    /// While it starts.
    Start(Duration),
    /// Right after the output has grown.
    Growth(Duration),
    /// Right after the journal was written to.
    Journal(Duration),
}

impl Aim {
    fn roll(dice: &mut Dice) -> Aim {
        let soon = Duration::from_micros(dice.roll(2_000));
        match dice.roll(10) {
            0 | 1 => Aim::Point(POINTS[dice.roll(POINTS.len() as u64) as usize], 1 + dice.roll(6)),
            2..=4 => Aim::Random(Duration::from_millis(dice.roll(600))),
            5 => Aim::Start(Duration::from_millis(dice.roll(60))),
            6..=8 => Aim::Growth(soon),
            _ => Aim::Journal(soon),
        }
    }

    /// Starts the daemon and kills it. False if it had nothing to do before the aim was met.
    fn kill(&self, place: &Place) -> bool {
        match self {
            Aim::Point(name, nth) => {
                let mut daemon = place.start(&format!("{name}:{nth}"));
                daemon.ended(Duration::from_millis(1_500)).is_some_and(|status| status.code().is_none())
            }
            Aim::Random(after) | Aim::Start(after) => {
                let daemon = place.start("");
                std::thread::sleep(*after);
                daemon.kill();
                true
            }
            Aim::Growth(after) => kill_on_change(place.start(""), *after, || size_of(&place.folder("out/live"))),
            Aim::Journal(after) => {
                let wal = place.folder("state/journal.db-wal");
                kill_on_change(place.start(""), *after, || fs::metadata(&wal).map_or(0, |m| m.len()))
            }
        }
    }
}

/// Receipts that can be read.
fn receipts(place: &Place) -> u64 {
    let entries = fs::read_dir(place.folder("out/live")).into_iter().flatten().flatten();
    let drops = entries.filter(|e| e.file_name().to_string_lossy().starts_with("drops"));
    drops.map(|e| fs::read(e.path()).map_or(0, |b| b.iter().filter(|b| **b == b'\n').count() as u64)).sum()
}

fn size_of(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|e| e.metadata().map_or(0, |m| m.len())).sum()
}

/// Kills soon after a number has changed.
fn kill_on_change(daemon: Running, after: Duration, number: impl Fn() -> u64) -> bool {
    let (before, until) = (number(), Instant::now() + Duration::from_millis(1_500));
    while number() == before {
        if Instant::now() > until {
            return false;
        }
        std::thread::sleep(Duration::from_micros(100));
    }
    std::thread::sleep(after);
    daemon.kill();
    true
}

/// What a run that nobody disturbs writes.
fn unbroken() -> &'static [Vec<String>; 2] {
    static LINES: OnceLock<[Vec<String>; 2]> = OnceLock::new();
    LINES.get_or_init(|| {
        let place = Place::new();
        lay(&place.folder("in"), PAGES);
        place.finish();
        place.verify();
        let lines = [place.lines("articles"), place.lines("drops")];
        assert!(lines[0].len() > 70 && lines[1].len() == PAGES as usize, "{} {}", lines[0].len(), lines[1].len());
        lines
    })
}

/// One folder of pages, killed again and again, must come out as if nothing had happened. Returns the kills.
fn round(aims: impl Iterator<Item = Aim>) -> u64 {
    let place = Place::new();
    lay(&place.folder("in"), PAGES);
    let tailer = Tailer::start(&place.folder("out"));
    let mut kills = Vec::new();
    for aim in aims {
        // A daemon that has nothing left to do is not worth killing.
        if receipts(&place) >= PAGES {
            break;
        }
        if aim.kill(&place) {
            kills.push(aim);
        }
    }
    place.finish();
    let mut seen = tailer.stop();
    let read = [seen.lines("articles"), seen.lines("drops")];
    let told = || format!("killed {kills:?}\nthe daemon said:\n{}", place.log());
    assert!(seen.complaints.is_empty(), "the tailer complains: {:#?}\n{}", seen.complaints, told());
    for (nth, stream) in ["articles", "drops"].into_iter().enumerate() {
        let sealed = place.lines(stream);
        assert!(read[nth] == sealed, "the tailer read other {stream} than were sealed\n{}", told());
        same(&format!("{stream} after {kills:?}"), &sealed, &unbroken()[nth], &place);
    }
    place.verify();
    eprintln!("{} kills, {} polls, {} of them in the middle of a line", kills.len(), seen.polls, seen.halves);
    kills.len() as u64
}

#[test]
fn killed_at_every_named_point() {
    // In the first run, and again in those that recover.
    for points in POINTS.chunks(5) {
        round(points.iter().flat_map(|point| [Aim::Point(point, 1), Aim::Point(point, 2)]));
    }
}

#[test]
fn killed_at_random_and_with_aim() {
    let wanted: u64 = std::env::var("WENLIU_KILLS").ok().and_then(|v| v.parse().ok()).unwrap_or(170);
    let seed = std::env::var("WENLIU_SEED").ok().and_then(|v| v.parse().ok()).unwrap_or(20_240_905);
    let mut dice = Dice::new(seed);
    let mut kills = 0;
    while kills < wanted {
        let aims: Vec<Aim> = (0..KILLS).map(|_| Aim::roll(&mut dice)).collect();
        kills += round(aims.into_iter());
    }
    eprintln!("{kills} kills: nothing lost, doubled, torn or taken back");
}
