//! The last ten minutes, second by second: articles made visible, and how long drops took.

use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds that are kept.
const SECONDS: usize = 600;
/// Latency classes: the first ends at a quarter of a millisecond, each is 1.3 times as wide as the one before.
const CLASSES: usize = 56;
const FIRST_MS: f64 = 0.25;
const GROWTH: f64 = 1.3;

/// A ring of seconds; its memory is fixed.
#[derive(Debug)]
pub struct History {
    ring: Mutex<Vec<Second>>,
}

#[derive(Clone, Copy, Debug)]
struct Second {
    at: u64,
    articles: u32,
    classes: [u16; CLASSES],
}

/// The last minutes as columns.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Columns {
    /// Seconds since 1970.
    pub t: Vec<u64>,
    pub articles_per_s: Vec<f64>,
    pub p99_ms: Vec<f64>,
}

impl Default for History {
    fn default() -> Self {
        let empty = Second { at: 0, articles: 0, classes: [0; CLASSES] };
        History { ring: Mutex::new(vec![empty; SECONDS]) }
    }
}

impl History {
    /// Adds articles that became visible now, and how long their drop took.
    pub fn add(&self, articles: u64, took_s: f64) {
        self.add_at(unix_seconds(), articles, took_s);
    }

    fn add_at(&self, now: u64, articles: u64, took_s: f64) {
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let second = &mut ring[index(now)];
        if second.at != now {
            *second = Second { at: now, articles: 0, classes: [0; CLASSES] };
        }
        second.articles = second.articles.saturating_add(u32::try_from(articles).unwrap_or(u32::MAX));
        let class = &mut second.classes[class(took_s * 1000.0)];
        *class = class.saturating_add(1);
    }

    /// Articles a second, over the last ten whole seconds.
    pub fn rate(&self) -> f64 {
        self.rate_at(unix_seconds())
    }

    fn rate_at(&self, now: u64) -> f64 {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let sum: u64 = (now.saturating_sub(10)..now).filter_map(|t| of(&ring, t)).map(|s| u64::from(s.articles)).sum();
        sum as f64 / 10.0
    }

    /// The latency in milliseconds below which this share of the last minute's drops lie; 0 when there were none.
    pub fn quantile_ms(&self, share: f64) -> f64 {
        self.quantile_at(unix_seconds(), share)
    }

    fn quantile_at(&self, now: u64, share: f64) -> f64 {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let mut classes = [0_u64; CLASSES];
        for second in (now.saturating_sub(60)..=now).filter_map(|t| of(&ring, t)) {
            for (sum, class) in classes.iter_mut().zip(second.classes) {
                *sum += u64::from(class);
            }
        }
        quantile(&classes, share)
    }

    /// All seconds that are kept, oldest first, up to the last whole one; nothing before the first that held anything.
    pub fn columns(&self) -> Columns {
        self.columns_at(unix_seconds())
    }

    fn columns_at(&self, now: u64) -> Columns {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = now.saturating_sub(SECONDS as u64 - 1);
        let mut columns = Columns::default();
        for t in (oldest..now).skip_while(|t| of(&ring, *t).is_none()) {
            let second = of(&ring, t);
            columns.t.push(t);
            columns.articles_per_s.push(second.map_or(0.0, |s| f64::from(s.articles)));
            columns.p99_ms.push(second.map_or(0.0, |s| quantile(&s.classes.map(u64::from), 0.99)));
        }
        columns
    }
}

fn of(ring: &[Second], t: u64) -> Option<&Second> {
    Some(&ring[index(t)]).filter(|s| s.at == t)
}

fn index(t: u64) -> usize {
    usize::try_from(t % SECONDS as u64).expect("a remainder below 600")
}

fn class(ms: f64) -> usize {
    let steps = (ms.max(FIRST_MS) / FIRST_MS).log(GROWTH).ceil();
    // A float beyond the last class is clamped, and a NaN becomes 0.
    (steps as usize).min(CLASSES - 1)
}

fn quantile(classes: &[u64; CLASSES], share: f64) -> f64 {
    let total: u64 = classes.iter().sum();
    if total == 0 {
        return 0.0;
    }
    let wanted = ((total as f64) * share).ceil().max(1.0) as u64;
    let mut seen = 0;
    for (class, count) in (0_i32..).zip(classes) {
        seen += count;
        if seen >= wanted {
            return (FIRST_MS * GROWTH.powi(class) * 100.0).round() / 100.0;
        }
    }
    0.0
}

/// Seconds since 1970.
pub fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_seconds_leave_the_ring() {
        let history = History::default();
        history.add_at(1000, 5, 0.01);
        history.add_at(1001, 7, 0.5);
        assert_eq!(history.rate_at(1003), 1.2);
        let columns = history.columns_at(1003);
        assert_eq!((columns.t, columns.articles_per_s), (vec![1000, 1001, 1002], vec![5.0, 7.0, 0.0]));
        history.add_at(1700, 1, 0.01);
        assert_eq!(history.columns_at(1701).t, [1700]);
    }

    #[test]
    fn a_quantile_is_within_a_class_of_the_truth() {
        let history = History::default();
        for ms in 1..=100 {
            history.add_at(50, 1, f64::from(ms) / 1000.0);
        }
        for (share, truth) in [(0.5, 50.0), (0.99, 99.0)] {
            let said = history.quantile_at(50, share);
            assert!(said >= truth && said <= truth * GROWTH * 1.01, "{share}: {said}");
        }
    }
}
