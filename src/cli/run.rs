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
use crate::status::house::House;
use crate::status::{reload, server, systemd};
use crate::telemetry::log::{self, Log};
use crate::telemetry::metrics::{Metrics, Outcome};

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

SIGTERM and SIGINT finish what is in hand, seal, and exit 0. SIGHUP reads settings and tables again: [clean], [segment],
[enrich] and log.level are taken over completely or not at all; other settings need a restart.")]
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
        let log = log::start(&config.log);
        let stages = Arc::new(Stages::build(&config).map_err(|e| Fault::config(&e))?);
        if self.sample {
            drop_sample(&config.watch.folder)?;
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|e| Fault::new(IO, &e))?;
        let outcome = runtime.block_on(self.serve(common, config, stages, &log));
        runtime.shutdown_timeout(Duration::from_secs(1));
        outcome
    }

    async fn serve(
        &self,
        common: &Common,
        mut config: Config,
        stages: Arc<Stages>,
        log: &Log,
    ) -> Result<ExitCode, Fault> {
        let signals = |kind| signal(kind).map_err(|e| Fault::new(IO, &e));
        let mut terminate = signals(SignalKind::terminate())?;
        let mut interrupt = signals(SignalKind::interrupt())?;
        let mut hangup = signals(SignalKind::hangup())?;
        let metrics = Arc::new(Metrics::new());
        // The page is there before the flow, so that a long recovery can be watched.
        let house = House::new(&config, metrics.clone());
        let mut address = server::start(house.clone());
        let pipeline = Pipeline::start(&config, stages, metrics.clone(), self.until_idle).map_err(|e| fault(&e))?;
        let stop = pipeline.stop();
        house.opened(pipeline.view());
        systemd::ready(house.clone());
        let mut housekeeping = tokio::time::interval(Duration::from_secs(10));
        loop {
            tokio::select! {
                _ = terminate.recv() => tracing::info!("SIGTERM: finishing what is in hand"),
                _ = interrupt.recv() => tracing::info!("SIGINT: finishing what is in hand"),
                () = stop.wait() => {}
                _ = hangup.recv() => {
                    reload(common, &mut config, &house, log);
                    continue;
                }
                Ok(()) = address.changed() => {
                    pipeline.tell_http(address.borrow_and_update().clone());
                    continue;
                }
                _ = housekeeping.tick() => {
                    metrics.log_lines_left_out.inc_by(log.tell_left_out());
                    continue;
                }
            }
            break;
        }
        systemd::stopping();
        stop.ask();
        pipeline.finish().await.map_err(|e| fault(&e))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Reads the settings again; what came of it stands in log, status and metrics.
fn reload(common: &Common, config: &mut Config, house: &House, log: &Log) {
    systemd::reloading();
    let view = house.view().expect("the flow runs");
    let done = common.settings().map_err(|fault| fault.in_one_line()).and_then(|(new, _)| {
        let changed = reload::reload(config, &new, &view.shelf, |l| log.set_level(l))
            .map_err(|e| Fault::config(&e).in_one_line())?;
        *config = new;
        Ok(changed)
    });
    let (outcome, say) = match done {
        Ok(changed) if changed.is_empty() => ("done", "tables read again; no setting has changed".into()),
        Ok(changed) => ("done", format!("taken over: {}", changed.join(", "))),
        Err(why) => ("refused", format!("nothing was changed: {why}")),
    };
    match outcome {
        "done" => tracing::info!(say, "settings reloaded"),
        _ => tracing::error!(say, "settings not reloaded"),
    }
    house.metrics.reloads.get_or_create(&Outcome { outcome }).inc();
    house.tell_reload(format!("{} {say}", jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ")));
    systemd::reloaded();
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
