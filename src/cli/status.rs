//! `wenliu status`: does a daemon run, and is all well?

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use crate::cli::Common;
use crate::cli::fault::{FINDINGS, Fault, IO};
use crate::config::Config;
use crate::ledger::sqlite::SqliteJournal;
use crate::pipeline::commit::view::Ledger;
use crate::pipeline::control::{Ask, ControlError, ask};
use crate::sink::beside::Status as Told;

/// Arguments of `status`.
#[derive(Args)]
#[command(after_help = "Exit code 0 if a daemon runs and takes drops, 1 if not.")]
pub struct Status {
    /// Print everything as one JSON object
    #[arg(long)]
    json: bool,
}

impl Status {
    /// Asks the daemon; without one, reads what the last one left.
    pub fn run(&self, common: &Common) -> Result<ExitCode, Fault> {
        let (config, _) = common.settings()?;
        let told: Told = std::fs::read(config.sink.folder.join("status.json"))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        let answer = match ask(&config.ledger.folder, &Ask::Status) {
            Ok(answer) => Some(answer),
            Err(ControlError::Nobody { .. }) => None,
            Err(error) => {
                return Err(Fault::new(IO, &error).hint("the daemon may be stuck; `wenliu check` looks at its folders"));
            }
        };
        let (running, daemon) = match answer {
            Some(answer) => (true, answer),
            None => (false, json!({ "drops": offline_counts(&config) })),
        };
        let paused = daemon["now"]["paused"].as_str().unwrap_or_default().to_owned();
        let ready = daemon["now"]["health"]["ready"].as_bool().unwrap_or(true);
        let well = running && ready && told.damaged.is_empty();
        if self.json {
            println!("{}", json!({ "running": running, "well": well, "output": told, "daemon": daemon }));
        } else {
            print(&config, &told, running, &daemon, &paused);
        }
        Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(FINDINGS) })
    }
}

fn offline_counts(config: &Config) -> Value {
    if !SqliteJournal::exists(&config.ledger.folder) {
        return json!({});
    }
    let counts = Ledger::of_folder(&config.ledger.folder).ok().and_then(|(ledger, _lock)| ledger.counts().ok());
    counts.unwrap_or_default().into_iter().map(|(word, n)| (word, json!(n))).collect::<serde_json::Map<_, _>>().into()
}

fn print(config: &Config, told: &Told, running: bool, daemon: &Value, paused: &str) {
    let state = match (running, paused.is_empty()) {
        (true, true) if daemon["now"]["health"]["ready"] == json!(false) => {
            format!("runs as process {} since {}, and is not ready", told.pid, told.started)
        }
        (true, true) => format!("runs as process {} since {}", told.pid, told.started),
        (true, false) => format!("is paused: {paused}"),
        (false, _) if told.state == "stopped" => format!("does not run; stopped in good order at {}", told.updated),
        (false, _) if told.state.is_empty() => "does not run, and has never run here".to_owned(),
        (false, _) => format!("does not run; it was last heard of at {} (the next start recovers)", told.updated),
    };
    println!("wenliu {state}");
    for condition in daemon["now"]["health"]["conditions"].as_array().into_iter().flatten() {
        if condition["ok"] == json!(false) {
            let word = |key: &str| condition[key].as_str().unwrap_or_default().to_owned();
            println!("  FAULT    {}: {}", word("name"), word("say"));
        }
    }
    println!(
        "  output   {} articles, {} receipts in {}",
        told.articles_seq,
        told.drops_seq,
        config.sink.folder.display()
    );
    let drops = daemon["drops"].as_object().into_iter().flatten();
    let drops: Vec<String> = drops.map(|(word, n)| format!("{n} {word}")).collect();
    println!("  drops    {}", if drops.is_empty() { "none yet".to_owned() } else { drops.join(", ") });
    if let Some(watch) = daemon["watch"].as_object() {
        let (mode, why) = (watch["mode"].as_str().unwrap_or_default(), watch["why"].as_str().unwrap_or_default());
        println!("  watching {} by {mode} ({why})", config.watch.folder.display());
        println!(
            "           {} waiting, {} settling, {} retrying, {} in flight",
            watch["waiting"], watch["settling"], watch["retrying"], daemon["now"]["in_flight"]
        );
        let trouble = watch["trouble"].as_str().unwrap_or_default();
        if !trouble.is_empty() {
            println!("  trouble  {trouble}");
        }
    }
    if !told.http.is_empty() && running {
        println!("  page     http://{}/", told.http);
    }
    for damaged in &told.damaged {
        println!("  damaged  {damaged} holds bytes that are not ours; its valid part is in sealed/");
    }
}
