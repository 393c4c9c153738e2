//! `wenliu why`: what became of a drop.

use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use serde_json::Value;

use crate::cli::Common;
use crate::cli::fault::{FINDINGS, Fault, IO, NO_INPUT};
use crate::ledger::sqlite::SqliteJournal;
use crate::pipeline::commit::view::Ledger;
use crate::pipeline::control::{Ask, ControlError, ask};

/// Arguments of `why`.
#[derive(Args)]
#[command(after_help = "Examples:
  wenliu why page.txt       by name, or by the end of its path
  wenliu why 3f9a2c         by the first digits of its SHA-256 (four or more)")]
pub struct Why {
    /// Name of a drop, or the first digits of its SHA-256
    #[arg(value_name = "NAME|SHA")]
    wanted: String,
    /// Print everything the ledger knows as one JSON object
    #[arg(long)]
    json: bool,
}

impl Why {
    /// Asks the daemon, or the ledger itself when none runs.
    pub fn run(&self, common: &Common) -> Result<ExitCode, Fault> {
        let (config, _) = common.settings()?;
        let told = look_up(&config.ledger.folder, &self.wanted)?;
        if self.json {
            println!("{told}");
        } else {
            for drop in told["drops"].as_array().into_iter().flatten() {
                print!("{}", of_drop(drop));
            }
            for path in told["unread"].as_array().into_iter().flatten() {
                println!(
                    "{}: could not be read: {} (last seen {})",
                    text(&path["name"]),
                    text(&path["reason"]),
                    text(&path["seen"])
                );
            }
        }
        let nothing = ["drops", "unread"].iter().all(|key| told[*key].as_array().is_none_or(Vec::is_empty));
        if nothing {
            eprintln!("no drop of this name or hash was ever seen: {}", self.wanted);
            eprintln!("hint: `wenliu status` tells whether files are waiting or settling");
        }
        Ok(if nothing { ExitCode::from(FINDINGS) } else { ExitCode::SUCCESS })
    }
}

fn look_up(state: &Path, wanted: &str) -> Result<Value, Fault> {
    match ask(state, &Ask::Why { wanted: wanted.into() }) {
        Err(ControlError::Nobody { .. }) => {}
        Err(error) => return Err(Fault::new(IO, &error)),
        Ok(answer) => return Ok(answer),
    }
    if !SqliteJournal::exists(state) {
        return Err(
            Fault::plain(NO_INPUT, format!("{} holds no ledger", state.display())).hint("give its folder with --state")
        );
    }
    let (ledger, _lock) = Ledger::of_folder(state).map_err(|e| Fault::new(e.exit_code(), &e))?;
    ledger.why_json(wanted).map_err(|e| Fault::new(IO, &e))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn of_drop(drop: &Value) -> String {
    let mut out = format!("{}  {}\n", text(&drop["name"]), text(&drop["sha256"]));
    let outcome = text(&drop["outcome"]);
    let reason = text(&drop["reason"]);
    out += &format!("  {outcome}{}\n", if reason.is_empty() { String::new() } else { format!(": {reason}") });
    out += &format!(
        "  {} bytes, whole because {}, admitted {}, last commit {}\n",
        drop["bytes"],
        text(&drop["evidence"]),
        text(&drop["admitted"]),
        text(&drop["finished"])
    );
    if !text(&drop["supersedes"]).is_empty() {
        out += &format!("  supersedes {}\n", text(&drop["supersedes"]));
    }
    if outcome == "running" || outcome == "incomplete" {
        out += &format!("  goes on with chunk {} at byte {}\n", drop["next_chunk"], drop["next_offset"]);
    }
    let chunks: Vec<&Value> = drop["chunks"].as_array().into_iter().flatten().collect();
    out += &format!("  {} records in {} chunks\n", drop["articles"], chunks.len());
    for id in chunks.iter().flat_map(|c| c["ids"].as_array().into_iter().flatten()).take(20) {
        out += &format!("    {}\n", text(id));
    }
    for name in drop["names"].as_array().into_iter().flatten() {
        let again = name["again"].as_u64().unwrap_or(0);
        out += &format!("  seen as {} ({}", text(&name["name"]), text(&name["outcome"]));
        out += &if again > 0 { format!(", {again} times more)\n") } else { ")\n".to_owned() };
    }
    out
}
