//! `wenliu run`: the daemon.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::Common;
use crate::cli::fault::{Fault, IO, NO_OUTPUT};
use crate::config::Config;
use crate::pipeline::stages::Stages;
use crate::pipeline::{Pipeline, PipelineError};
use crate::telemetry::log;
use crate::telemetry::metrics::Metrics;

/// The bundled page of invented news.
const SAMPLE: &[u8] = include_bytes!("../../config/sample-2024-09-05.txt");
const SAMPLE_NAME: &str = "sample-2024-09-05.txt";

/// Arguments of `run`.
#[derive(Args)]
#[command(after_help = "Examples:
  wenliu run                                  watch ./wenliu-data/in, write ./wenliu-data/out
  wenliu run --sample                         the same, and drop a bundled page into it
  wenliu run --in /drops --out /lines --state /var/lib/wenliu
  wenliu run --until-idle 2s                  stop when nothing has come for two seconds (batch jobs)

SIGTERM and SIGINT finish what is in hand, seal, and exit 0.")]
pub struct Run {
    /// Stop once nothing has come for this long, such as 2s or 500ms
    #[arg(long, value_name = "TIME", value_parser = duration)]
    until_idle: Option<Duration>,
    /// Drop a bundled page into the watched folder
    #[arg(long)]
    sample: bool,
}

impl Run {
    /// Runs until told to stop.
    pub fn run(&self, common: &Common) -> Result<ExitCode, Fault> {
        let (config, _) = common.settings()?;
        log::start(&config.log);
        let stages = Arc::new(Stages::build(&config).map_err(|e| Fault::config(&e))?);
        if self.sample {
            drop_sample(&config.watch.folder)?;
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|e| Fault::new(IO, &e))?;
        let outcome = runtime.block_on(self.serve(&config, stages));
        runtime.shutdown_timeout(Duration::from_secs(1));
        outcome
    }

    async fn serve(&self, config: &Config, stages: Arc<Stages>) -> Result<ExitCode, Fault> {
        let metrics = Arc::new(Metrics::new());
        let pipeline = Pipeline::start(config, stages, metrics, self.until_idle).map_err(|e| fault(&e))?;
        let stop = pipeline.stop();
        let mut terminate = signal(SignalKind::terminate()).map_err(|e| Fault::new(IO, &e))?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(|e| Fault::new(IO, &e))?;
        tokio::select! {
            _ = terminate.recv() => tracing::info!("SIGTERM: finishing what is in hand"),
            _ = interrupt.recv() => tracing::info!("SIGINT: finishing what is in hand"),
            () = stop.wait() => {}
        }
        stop.ask();
        pipeline.finish().await.map_err(|e| fault(&e))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn fault(error: &PipelineError) -> Fault {
    Fault::new(error.exit_code(), error).hint(error.hint())
}

/// Lays the sample into the folder as a careful writer does: under a hidden name first, then renamed.
fn drop_sample(folder: &Path) -> Result<(), Fault> {
    let hidden = folder.join(format!(".{SAMPLE_NAME}"));
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&hidden, SAMPLE))
        .and_then(|()| std::fs::rename(&hidden, folder.join(SAMPLE_NAME)))
        .map_err(|e| Fault::plain(NO_OUTPUT, format!("cannot drop the sample into {}: {e}", folder.display())))
}

/// Reads `2s`, `500ms`, `1m` or a bare number of seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: f64 = digits.parse().map_err(|_| format!("{text:?} is no time; write 2s, 500ms or 1m"))?;
    let unit = match text.strip_prefix(digits).unwrap_or_default() {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        other => return Err(format!("`{other}` is no unit of time; use ms, s, m or h")),
    };
    Duration::try_from_secs_f64(number * unit).map_err(|e| e.to_string())
}
