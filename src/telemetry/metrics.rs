//! Every metric, named once.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// A label set of one name; each metric uses one of these.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Outcome {
    /// `done | duplicate | refused | incomplete`
    pub outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Stage {
    /// `read | clean | segment | enrich | commit`
    pub stage: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Type {
    /// `article | fragment`
    pub r#type: &'static str,
}

/// All counters, gauges and histograms of the daemon.
///
/// Seen = done + duplicate + refused + incomplete + in flight, at any moment between two commits.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    pub drops_seen: Counter,
    pub drops: Family<Outcome, Counter>,
    pub drops_in_flight: Gauge,
    pub drops_waiting: Gauge,
    pub records_written: Family<Type, Counter>,
    pub bytes_in: Counter,
    pub bytes_out: Counter,
    pub queue_depth: Family<Stage, Gauge>,
    pub queue_capacity: Family<Stage, Gauge>,
    pub stage_duration: Family<Stage, Histogram>,
    pub drop_latency: Histogram,
    pub commit_duration: Histogram,
    pub retries: Counter,
    pub panics: Counter,
    pub intake_paused: Gauge,
    pub last_record_timestamp: Gauge,
}

fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.000_25, 2.0, 20))
}

impl Default for Metrics {
    fn default() -> Self {
        Metrics::new()
    }
}

impl Metrics {
    /// Registers every metric.
    pub fn new() -> Metrics {
        let mut metrics = Metrics {
            registry: Registry::with_prefix("wenliu"),
            drops_seen: Counter::default(),
            drops: Family::default(),
            drops_in_flight: Gauge::default(),
            drops_waiting: Gauge::default(),
            records_written: Family::default(),
            bytes_in: Counter::default(),
            bytes_out: Counter::default(),
            queue_depth: Family::default(),
            queue_capacity: Family::default(),
            stage_duration: Family::new_with_constructor(seconds),
            drop_latency: seconds(),
            commit_duration: seconds(),
            retries: Counter::default(),
            panics: Counter::default(),
            intake_paused: Gauge::default(),
            last_record_timestamp: Gauge::default(),
        };
        let r = &mut metrics.registry;
        r.register("drops_seen", "Drops admitted for reading", metrics.drops_seen.clone());
        r.register("drops", "Drops that came to an end, by outcome", metrics.drops.clone());
        r.register("drops_in_flight", "Drops between admission and their last commit", metrics.drops_in_flight.clone());
        r.register("drops_waiting", "Files seen and not yet admitted", metrics.drops_waiting.clone());
        r.register("records_written", "Records made visible, by type", metrics.records_written.clone());
        r.register_with_unit("input", "Raw bytes of committed chunks", Unit::Bytes, metrics.bytes_in.clone());
        r.register_with_unit("output", "Bytes of lines made visible", Unit::Bytes, metrics.bytes_out.clone());
        r.register("queue_depth", "Chunks waiting before a stage", metrics.queue_depth.clone());
        r.register("queue_capacity", "Chunks that may wait before a stage", metrics.queue_capacity.clone());
        r.register_with_unit(
            "stage_duration",
            "Time a stage spends on a chunk",
            Unit::Seconds,
            metrics.stage_duration.clone(),
        );
        r.register_with_unit(
            "drop_latency",
            "From whole to durable and visible",
            Unit::Seconds,
            metrics.drop_latency.clone(),
        );
        r.register_with_unit("commit_duration", "Time of a commit", Unit::Seconds, metrics.commit_duration.clone());
        r.register("retries", "Steps tried again after a passing error", metrics.retries.clone());
        r.register("stage_panics", "Panics of a text stage, each confined to its drop", metrics.panics.clone());
        r.register(
            "intake_paused",
            "1 while nothing is admitted, for want of space or another cause",
            metrics.intake_paused.clone(),
        );
        r.register_with_unit(
            "last_record_timestamp",
            "When the last record became visible",
            Unit::Seconds,
            metrics.last_record_timestamp.clone(),
        );
        metrics
    }

    /// Drops that came to an end with this outcome.
    pub fn outcome(&self, outcome: &'static str) -> Counter {
        self.drops.get_or_create(&Outcome { outcome }).clone()
    }

    /// All metrics in the OpenMetrics text format.
    pub fn text(&self) -> String {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry).expect("a string takes any text");
        text
    }
}
