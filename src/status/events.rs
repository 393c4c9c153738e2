//! Server-sent events: the status once a second, and every receipt as it comes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;

use crate::record::stream::Stream as Lines;
use crate::status::house::House;
use crate::status::http::Never;
use crate::status::questions;

/// Pages that may follow at the same time.
pub const FOLLOWERS_MAX: usize = 64;
const LOOK_EVERY: Duration = Duration::from_millis(250);
const STATUS_EVERY: Duration = Duration::from_secs(1);
/// Receipts sent at once; a page that was away catches up in such steps.
const RECEIPTS_MAX: usize = 200;

/// The place of one follower; dropping it frees it.
pub struct Place(pub Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

struct Follower {
    house: Arc<House>,
    /// The last receipt that was sent; nothing yet known after a start without one.
    seq: Option<u64>,
    waiting: VecDeque<Event>,
    next_status: Instant,
    _place: Place,
}

/// The events after a receipt, or from now on.
pub fn stream(house: Arc<House>, last: Option<u64>, place: Place) -> Sse<impl Stream<Item = Result<Event, Never>>> {
    let follower = Follower { house, seq: last, waiting: VecDeque::new(), next_status: Instant::now(), _place: place };
    let events = futures_util::stream::unfold(follower, |mut follower| async move {
        loop {
            if let Some(event) = follower.waiting.pop_front() {
                return Some((Ok(event), follower));
            }
            if follower.house.view().is_some_and(|v| v.stop.asked()) {
                return None;
            }
            let asked = follower.look().await;
            if asked == 0 {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

impl Follower {
    /// Looks for what is new, and gives the number of new events.
    async fn look(&mut self) -> usize {
        let (house, seq) = (self.house.clone(), self.seq);
        let status_due = Instant::now() >= self.next_status;
        let looking = tokio::task::spawn_blocking(move || {
            let seq = seq.unwrap_or_else(|| house.segments.last(Lines::Drops).unwrap_or(0));
            let receipts = questions::receipts_after(&house, seq, RECEIPTS_MAX).unwrap_or_default();
            (seq, receipts, status_due.then(|| house.snapshot(false)))
        });
        let Ok((seq, receipts, status)) = looking.await else { return 0 };
        self.seq = Some(receipts.last().map_or(seq, |(seq, _)| *seq));
        if let Some(status) = status {
            self.next_status = Instant::now() + STATUS_EVERY;
            let data = serde_json::to_string(&status).expect("a snapshot is plain data");
            self.waiting.push_back(Event::default().event("status").data(data));
        }
        for (seq, receipt) in receipts {
            self.waiting.push_back(Event::default().event("drop").id(seq.to_string()).data(receipt.to_string()));
        }
        self.waiting.len()
    }
}
