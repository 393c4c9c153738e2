//! Setting up the log: its form, its level, and a brake for lines that come by the thousand.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::callsite::Identifier;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Filter, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, reload};

use crate::config::{LogConfig, LogFormat};

/// Lines that one place in the code may write in [`WINDOW`]; what is more is counted and left out.
const LINES_MAX: u32 = 200;
const WINDOW: Duration = Duration::from_secs(10);

/// The running log.
#[derive(Clone, Debug)]
pub struct Log {
    level: reload::Handle<EnvFilter, Registry>,
    brake: Brake,
}

/// Starts the log on stderr: human on a terminal, one JSON object a line otherwise.
///
/// A level that cannot be understood becomes `info`, and the log's first line says so. Only the first call counts.
pub fn start(config: &LogConfig) -> Log {
    let filter = EnvFilter::try_new(&config.level);
    let wrong = filter.is_err();
    let (filter, level) = reload::Layer::new(filter.unwrap_or_else(|_| EnvFilter::new("info")));
    let registry = tracing_subscriber::registry().with(filter);
    let brake = Brake::default();
    let terminal = std::io::stderr().is_terminal();
    let human = match config.format {
        LogFormat::Human => true,
        LogFormat::Json => false,
        LogFormat::Auto => terminal,
    };
    let colour = terminal && std::env::var_os("NO_COLOR").is_none();
    let started = if human {
        let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(colour).with_target(false);
        registry.with(layer.with_filter(brake.clone())).try_init()
    } else {
        let layer = tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .with_writer(std::io::stderr);
        registry.with(layer.with_filter(brake.clone())).try_init()
    };
    if wrong && started.is_ok() {
        tracing::warn!(level = config.level, "log level not understood; using info");
    }
    Log { level, brake }
}

impl Log {
    /// Changes the level.
    ///
    /// # Errors
    /// The level cannot be understood; the old one stays.
    pub fn set_level(&self, level: &str) -> Result<(), String> {
        let filter = EnvFilter::try_new(level).map_err(|e| e.to_string())?;
        self.level.reload(filter).map_err(|e| e.to_string())
    }

    /// Says how many lines were left out since it was asked last, and gives their number.
    pub fn tell_left_out(&self) -> u64 {
        let mut sum = 0;
        for (place, lines) in self.brake.take() {
            sum += u64::from(lines);
            tracing::warn!(place, lines, "log lines left out; the same line came too often");
        }
        sum
    }
}

/// Lets each place in the code write so many lines in a while.
#[derive(Clone, Debug, Default)]
struct Brake {
    places: Arc<Mutex<HashMap<Identifier, Place>>>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    name: &'static str,
    since: Instant,
    lines: u32,
    left_out: u32,
}

impl Brake {
    fn lets_pass(&self, meta: &'static Metadata<'static>, now: Instant) -> bool {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = Place { name: meta.name(), since: now, lines: 0, left_out: 0 };
        let place = places.entry(meta.callsite()).or_insert(fresh);
        if now.saturating_duration_since(place.since) >= WINDOW {
            (place.since, place.lines) = (now, 0);
        }
        place.lines += 1;
        let passes = place.lines <= LINES_MAX;
        place.left_out += u32::from(!passes);
        passes
    }

    fn take(&self) -> Vec<(&'static str, u32)> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let over = places.values_mut().filter(|p| p.left_out > 0);
        over.map(|p| (p.name, std::mem::take(&mut p.left_out))).collect()
    }
}

impl<S: Subscriber> Filter<S> for Brake {
    fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        true
    }

    fn event_enabled(&self, event: &Event<'_>, _: &Context<'_, S>) -> bool {
        self.lets_pass(event.metadata(), Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_writes_too_much_is_braked_and_counted() {
        let brake = Brake::default();
        let layer = tracing_subscriber::fmt::layer().with_writer(std::io::sink).with_filter(brake.clone());
        let log = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(log, || {
            for n in 0..LINES_MAX + 7 {
                tracing::info!(n, "often");
            }
            tracing::info!("once");
        });
        let left_out = brake.take();
        assert_eq!(left_out.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [7]);
        assert!(brake.take().is_empty(), "told once");
    }
}
