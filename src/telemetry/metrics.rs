//! Every metric, named once.

use std::sync::atomic::AtomicU64;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::telemetry::history::{History, unix_seconds};
use crate::telemetry::process::Process;
use crate::telemetry::progress::Progress;

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
pub struct Label {
    /// `PERSON | ORG | GPE …`
    pub label: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Code {
    /// A warning of the record.
    pub code: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Condition {
    /// One of the conditions of `/readyz`.
    pub condition: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Cause {
    /// `event | listing | overflow`
    pub cause: &'static str,
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
    /// The last ten minutes, for the page.
    pub history: History,
    /// What is being worked on at the moment.
    pub progress: Progress,
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
    pub oldest_waiting_age: Gauge<f64, AtomicU64>,
    pub drops_retrying: Gauge,
    pub annotations: Family<Label, Counter>,
    pub warnings: Family<Code, Counter>,
    pub watch_looks: Family<Cause, Counter>,
    pub recoveries: Counter,
    pub ready: Family<Condition, Gauge>,
    pub reloads: Family<Outcome, Counter>,
    pub log_lines_left_out: Counter,
    pub output_free: Gauge,
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
            history: History::default(),
            progress: Progress::default(),
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
            oldest_waiting_age: Gauge::default(),
            drops_retrying: Gauge::default(),
            annotations: Family::default(),
            warnings: Family::default(),
            watch_looks: Family::default(),
            recoveries: Counter::default(),
            ready: Family::default(),
            reloads: Family::default(),
            log_lines_left_out: Counter::default(),
            output_free: Gauge::default(),
        };
        // Known from the start, so that a rate over them has a beginning.
        for outcome in ["done", "duplicate", "refused", "incomplete"] {
            metrics.outcome(outcome);
        }
        for kind in ["article", "fragment"] {
            metrics.records_written.get_or_create(&Type { r#type: kind }).inc_by(0);
        }
        for outcome in ["done", "refused"] {
            metrics.reloads.get_or_create(&Outcome { outcome }).inc_by(0);
        }
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
        metrics.register_more();
        metrics
    }

    fn register_more(&mut self) {
        let r = &mut self.registry;
        r.register_with_unit(
            "oldest_waiting_drop_age",
            "How long the file that waits longest has been waiting",
            Unit::Seconds,
            self.oldest_waiting_age.clone(),
        );
        r.register("drops_retrying", "Files that cannot be read and are tried again", self.drops_retrying.clone());
        r.register("annotations", "Named spans found, by label", self.annotations.clone());
        r.register("warnings", "Warnings put into records, by code", self.warnings.clone());
        r.register("watch_looks", "Looks at the watched folder, by what caused them", self.watch_looks.clone());
        r.register("recoveries", "Starts that had to finish what an earlier run left undone", self.recoveries.clone());
        r.register("ready", "1 where a condition of /readyz holds", self.ready.clone());
        r.register("settings_reloads", "Reloads asked for by SIGHUP, by outcome", self.reloads.clone());
        r.register("log_lines_left_out", "Log lines that came too often", self.log_lines_left_out.clone());
        r.register_with_unit(
            "output_free",
            "Room left where records are written",
            Unit::Bytes,
            self.output_free.clone(),
        );
        let version = vec![("version", env!("CARGO_PKG_VERSION"))];
        r.register("build", "What was built", Info::new(version));
        r.register_collector(Box::new(ProcessCollector { started_s: unix_seconds() }));
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

/// What every Prometheus client tells of its process, under the usual names but for the house's prefix.
#[derive(Debug)]
struct ProcessCollector {
    started_s: u64,
}

impl Collector for ProcessCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let now = Process::now();
        let gauges = [
            ("process_resident_memory", "Memory in use", Some(Unit::Bytes), now.resident_bytes as f64),
            ("process_open_fds", "Open files", None, now.open_fds as f64),
            ("process_max_fds", "Files that may be open", None, now.max_fds as f64),
            ("process_threads", "Threads", None, now.threads as f64),
            ("process_start_time", "When the process started", Some(Unit::Seconds), self.started_s as f64),
        ];
        for (name, help, unit, value) in gauges {
            let gauge = Gauge::<f64, AtomicU64>::default();
            gauge.set(value);
            gauge.encode(encoder.encode_descriptor(name, help, unit.as_ref(), gauge.metric_type())?)?;
        }
        let cpu = Counter::<f64, AtomicU64>::default();
        cpu.inc_by(now.cpu_seconds);
        cpu.encode(encoder.encode_descriptor(
            "process_cpu",
            "Time on the processor",
            Some(&Unit::Seconds),
            cpu.metric_type(),
        )?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_prefixed_with_base_units_and_nothing_is_missing_at_the_start() {
        let text = Metrics::new().text();
        for line in [
            "wenliu_drops_seen_total 0",
            "wenliu_drops_total{outcome=\"refused\"} 0",
            "wenliu_records_written_total{type=\"fragment\"} 0",
            "wenliu_settings_reloads_total{outcome=\"done\"} 0",
            "wenliu_build_info{version=",
            "wenliu_process_resident_memory_bytes ",
            "wenliu_process_cpu_seconds_total ",
            "wenliu_output_free_bytes 0",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }
}
