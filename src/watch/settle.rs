//! Judges whether a file is whole.

use std::time::{Duration, Instant};

use super::facts::Facts;
use super::found::Evidence;
use super::lease::Writers;

/// How a file came to notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// It lay there, or was created and nobody closed it yet.
    Lying,
    /// A name was moved to where it lies: by itself …
    RenamedIn,
    /// … or with the folder around it.
    CameWithFolder,
    /// A writer closed it, first and last time.
    Closed { first: Instant, last: Instant },
}

/// What is remembered of a file until it is whole.
#[derive(Clone, Debug)]
pub(crate) struct Settling {
    pub(crate) arrival: Arrival,
    pub(crate) facts: Option<Facts>,
    /// Since when it stands still, as far as it was watched.
    still_since: Instant,
    /// How long it must stand still; doubles while it keeps growing.
    wait: Duration,
}

/// How long what must be waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// How long a file without better evidence must stand still.
    pub(crate) settle: Duration,
    /// How long a closed file is left alone, lest its writer opens it once more (see `habits`).
    pub(crate) hold: Duration,
}

/// What the done-marker says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marker {
    /// None is used.
    Unused,
    Missing,
    /// It stands there since before the file last changed: left over, or the file was touched later.
    Stale,
    Fresh,
}

/// What is to be done with the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Whole(Evidence),
    /// Not yet; look again then.
    LookAgain(Instant),
    /// Not before its marker comes.
    AwaitMarker,
}

/// An empty file is about to be filled more often than it is a mistake: it waits this many times `settle`.
const EMPTY_FACTOR: u32 = 10;
/// A closed file that is opened again and again is left alone for so many times `settle` at most.
const PATIENCE_FACTOR: u32 = 20;
/// A file that somebody has open for writing is looked at again after so many times `settle`.
const HELD_FACTOR: u32 = 2;
/// So often `wait` doubles at most.
const DOUBLINGS: u32 = 6;

impl Settling {
    pub(crate) fn new(arrival: Arrival, now: Instant, settle: Duration) -> Settling {
        Settling { arrival, facts: None, still_since: now, wait: settle }
    }

    /// Takes note of a look at the file. True if its content changed since the last look.
    pub(crate) fn note(&mut self, facts: Facts, now: Instant, rules: &Rules) -> bool {
        let changed = self.facts.is_some_and(|before| !before.same_content(&facts));
        if changed {
            self.still_since = now;
            self.wait = (self.wait * 2).min(rules.settle * 2_u32.pow(DOUBLINGS));
            // Whatever was closed or renamed before is written again.
            self.arrival = match self.arrival {
                Arrival::Closed { first, .. } => Arrival::Closed { first, last: now },
                _ => Arrival::Lying,
            };
        }
        self.facts = Some(facts);
        changed
    }

    /// Takes note that a writer closed the file. True if it had been closed before.
    pub(crate) fn closed(&mut self, now: Instant) -> bool {
        let first = match self.arrival {
            Arrival::Closed { first, .. } => first,
            _ => now,
        };
        let again = matches!(self.arrival, Arrival::Closed { .. });
        self.arrival = Arrival::Closed { first, last: now };
        again
    }

    /// Judges a file as last noted.
    ///
    /// The file's own mtime is no evidence at all, since `cp -p`, `unzip` and `rsync` set it to what they like. Its
    /// ctime is, on this machine's clock, but only beside a lease: a clock that was put forward makes a file look as
    /// if it had stood still.
    pub(crate) fn judge(
        &mut self,
        writers: Writers,
        marker: Marker,
        now: Instant,
        wall_ns: i64,
        rules: &Rules,
    ) -> Verdict {
        let Some(facts) = self.facts else { return Verdict::LookAgain(now) };
        let still = |since: Instant, wait: Duration, evidence: Evidence| match since + wait {
            ready if ready <= now => Verdict::Whole(evidence),
            ready => Verdict::LookAgain(ready),
        };
        match marker {
            Marker::Fresh => return Verdict::Whole(Evidence::Marker),
            Marker::Missing => return Verdict::AwaitMarker,
            Marker::Stale => return still(self.still_since, rules.settle * EMPTY_FACTOR, Evidence::Marker),
            Marker::Unused => {}
        }
        if writers == Writers::Some {
            // Its close-write event will tell; the next look is for the case that the event gets lost.
            self.still_since = now;
            self.arrival = Arrival::Lying;
            return Verdict::LookAgain(now + rules.settle * HELD_FACTOR);
        }
        let known_free = writers == Writers::None;
        let stands = if known_free { Evidence::Lease } else { Evidence::StoodStill };
        if facts.identity.size == 0 {
            return still(self.still_since, rules.settle * EMPTY_FACTOR, stands);
        }
        match self.arrival {
            Arrival::RenamedIn => Verdict::Whole(Evidence::RenamedIn),
            Arrival::CameWithFolder if known_free => Verdict::Whole(Evidence::RenamedIn),
            Arrival::Closed { first, last } => {
                let impatient = now.saturating_duration_since(first) > rules.settle * PATIENCE_FACTOR;
                let hold = if impatient { rules.hold.min(super::habits::STRANGER) } else { rules.hold };
                // Without a lease another writer may still be at it.
                let hold = if known_free { hold } else { hold.max(rules.settle / 2) };
                still(last, hold, Evidence::Closed)
            }
            Arrival::Lying | Arrival::CameWithFolder if known_free => {
                let wait = rules.settle.max(rules.hold);
                let age_ns = wall_ns.saturating_sub(facts.ctime_ns);
                if i128::from(age_ns) >= i128::try_from(wait.as_nanos()).unwrap_or(i128::MAX) {
                    return Verdict::Whole(Evidence::Lease);
                }
                // A link to a file that stood elsewhere: the link itself is what changed.
                if facts.links > 1 {
                    return Verdict::Whole(Evidence::LinkedIn);
                }
                let left = u64::try_from(age_ns).map_or(wait, |age| wait.saturating_sub(Duration::from_nanos(age)));
                let observed = self.still_since + self.wait.max(rules.hold);
                match observed {
                    ready if ready <= now => Verdict::Whole(Evidence::Lease),
                    ready => Verdict::LookAgain(ready.min(now + left)),
                }
            }
            Arrival::Lying | Arrival::CameWithFolder => still(self.still_since, self.wait.max(rules.hold), stands),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::drop::FileIdentity;

    const RULES: Rules = Rules { settle: Duration::from_millis(500), hold: Duration::from_millis(120) };

    /// A file that comes to notice now and is looked at at the given milliseconds, with its size then and who writes.
    /// Its ctime is that of its last change, on a wall clock that starts at 1 s.
    fn check(arrival: fn(Instant) -> Arrival, looks: &[(u64, u64, Writers)], expected: Result<Evidence, u64>) {
        let start = Instant::now();
        let mut settling = Settling::new(arrival(start), start, RULES.settle);
        let (mut verdict, mut changed_ns, mut before) = (Verdict::AwaitMarker, 1_000_000_000, 0);
        for (at_ms, size, writers) in looks {
            let wall_ns = 1_000_000_000 + i64::try_from(at_ms * 1_000_000).expect("small");
            if *size != before {
                (changed_ns, before) = (wall_ns, *size);
            }
            // The mtime is of no account: as old as can be.
            let identity = FileIdentity { dev: 1, ino: 1, size: *size, mtime_ns: 0 };
            let facts = Facts { identity, ctime_ns: changed_ns, links: 1 };
            let now = start + Duration::from_millis(*at_ms);
            settling.note(facts, now, &RULES);
            verdict = settling.judge(*writers, Marker::Unused, now, wall_ns, &RULES);
        }
        let expected = match expected {
            Ok(evidence) => Verdict::Whole(evidence),
            Err(at_ms) => Verdict::LookAgain(start + Duration::from_millis(at_ms)),
        };
        assert_eq!(verdict, expected, "{looks:?}");
    }

    fn lying(_: Instant) -> Arrival {
        Arrival::Lying
    }

    fn renamed(_: Instant) -> Arrival {
        Arrival::RenamedIn
    }

    fn closed(now: Instant) -> Arrival {
        Arrival::Closed { first: now, last: now }
    }

    use Writers::{None as Free, Some as Held, Unknown};

    #[test]
    fn a_rename_is_enough_unless_somebody_writes() {
        check(renamed, &[(0, 9, Free)], Ok(Evidence::RenamedIn));
        check(renamed, &[(0, 9, Unknown)], Ok(Evidence::RenamedIn));
        check(renamed, &[(0, 9, Held)], Err(1_000));
        check(renamed, &[(0, 9, Unknown), (10, 10, Unknown)], Err(1_010));
    }

    #[test]
    fn a_close_is_held_for_a_while_and_longer_without_a_lease() {
        check(closed, &[(0, 9, Free)], Err(120));
        check(closed, &[(0, 9, Free), (120, 9, Free)], Ok(Evidence::Closed));
        check(closed, &[(0, 9, Free), (120, 9, Unknown)], Err(250));
        check(closed, &[(0, 9, Free), (120, 9, Held)], Err(1_120));
        check(closed, &[(0, 9, Free), (100, 10, Free)], Err(220));
    }

    #[test]
    fn a_file_that_lies_there_must_stand_still() {
        check(lying, &[(0, 9, Free)], Err(500));
        check(lying, &[(0, 9, Free), (500, 9, Free)], Ok(Evidence::Lease));
        check(lying, &[(0, 9, Unknown), (499, 9, Unknown)], Err(500));
        check(lying, &[(0, 9, Unknown), (500, 9, Unknown)], Ok(Evidence::StoodStill));
    }

    #[test]
    fn the_wait_doubles_while_it_grows() {
        check(lying, &[(0, 9, Unknown), (400, 10, Unknown), (800, 11, Unknown)], Err(2_800));
    }

    #[test]
    fn an_empty_file_waits_ten_times_as_long() {
        check(closed, &[(0, 0, Free)], Err(5_000));
        check(lying, &[(0, 0, Free), (5_000, 0, Free)], Ok(Evidence::Lease));
    }

    #[test]
    fn a_close_much_repeated_is_not_waited_for_for_ever() {
        let start = Instant::now();
        let rules = Rules { hold: Duration::from_secs(4), ..RULES };
        let mut settling = Settling::new(closed(start), start, rules.settle);
        let identity = FileIdentity { dev: 1, ino: 1, size: 9, mtime_ns: 0 };
        for at in [3, 6, 9, 12] {
            let now = start + Duration::from_secs(at);
            assert!(settling.closed(now));
            settling.note(Facts { identity, ctime_ns: 0, links: 1 }, now, &rules);
            let verdict = settling.judge(Free, Marker::Unused, now, 0, &rules);
            let wait = if at > 10 { Duration::from_millis(120) } else { rules.hold };
            assert_eq!(verdict, Verdict::LookAgain(now + wait));
        }
    }
}
