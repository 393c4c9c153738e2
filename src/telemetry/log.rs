//! Setting up the log.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{LogConfig, LogFormat};

/// Starts the log on stderr: human on a terminal, one JSON object a line otherwise.
///
/// A level that cannot be understood becomes `info`, and the log's first line says so. Only the first call counts.
pub fn start(config: &LogConfig) {
    let filter = EnvFilter::try_new(&config.level);
    let wrong = filter.is_err();
    let registry = tracing_subscriber::registry().with(filter.unwrap_or_else(|_| EnvFilter::new("info")));
    let terminal = std::io::stderr().is_terminal();
    let human = match config.format {
        LogFormat::Human => true,
        LogFormat::Json => false,
        LogFormat::Auto => terminal,
    };
    let colour = terminal && std::env::var_os("NO_COLOR").is_none();
    let started = if human {
        let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(colour).with_target(false);
        registry.with(layer).try_init()
    } else {
        let layer = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(std::io::stderr);
        registry.with(layer).try_init()
    };
    if wrong && started.is_ok() {
        tracing::warn!(level = config.level, "log level not understood; using info");
    }
}
