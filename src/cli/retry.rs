//! `wenliu retry`: gives refused drops another try.

use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::cli::Common;
use crate::cli::fault::{FINDINGS, Fault, IO, NO_OUTPUT};
use crate::ledger::sqlite::SqliteJournal;
use crate::pipeline::commit::view::Ledger;
use crate::pipeline::control::{Ask, ControlError, ask};
use crate::watch::{Prisoner, quarantined, release};

/// Arguments of `retry`.
#[derive(Args)]
#[command(after_help = "Examples:
  wenliu retry                  what lies in quarantine, and why
  wenliu retry page.txt         puts it back, so that it is read again
  wenliu retry 3f9a2c           the same, by the first digits of its SHA-256 (four or more)
  wenliu retry --all            puts everything back, after an update for instance

The ledger forgets that the drop was refused. Whatever is refused again comes back to quarantine.")]
pub struct Retry {
    /// Names of drops, ends of their paths, or the first digits of their SHA-256
    #[arg(value_name = "NAME|SHA", conflicts_with = "all")]
    wanted: Vec<String>,
    /// Put back everything that lies in quarantine
    #[arg(long)]
    all: bool,
    /// Print one JSON object a drop
    #[arg(long)]
    json: bool,
}

impl Retry {
    /// Lists, or puts back.
    pub fn run(&self, common: &Common) -> Result<ExitCode, Fault> {
        let (config, _) = common.settings()?;
        let (folder, state) = (&config.watch.folder, &config.ledger.folder);
        let prisoners = quarantined(folder).map_err(|e| Fault::new(IO, &e))?;
        if self.wanted.is_empty() && !self.all {
            prisoners.iter().for_each(|p| self.tell(p, false));
            if prisoners.is_empty() {
                eprintln!("nothing lies in quarantine below {}", folder.display());
            }
            return Ok(ExitCode::SUCCESS);
        }
        let mut code = ExitCode::SUCCESS;
        for wanted in &self.wanted {
            if !prisoners.iter().any(|p| is_meant(p, wanted)) && forgive_in_place(state, wanted)? == 0 {
                eprintln!("no refused drop of this name or hash: {wanted}");
                eprintln!("hint: `wenliu why {wanted}` tells what became of it");
                code = ExitCode::from(FINDINGS);
            }
        }
        for prisoner in prisoners.iter().filter(|p| self.all || self.wanted.iter().any(|w| is_meant(p, w))) {
            // Forgiven first: the watcher sees the file as soon as it is back.
            if !prisoner.reason.sha256.is_empty() {
                forgive(state, &prisoner.reason.sha256)?;
            }
            match release(folder, prisoner) {
                Ok(_) => self.tell(prisoner, true),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                    eprintln!("{}: something else lies there by now; it stays in quarantine", prisoner.reason.name);
                    code = ExitCode::from(FINDINGS);
                }
                Err(error) => return Err(Fault::new(NO_OUTPUT, &error)),
            }
        }
        match ask(state, &Ask::Rescan) {
            Ok(_) => {}
            Err(ControlError::Nobody { .. }) => eprintln!("no daemon runs; what was put back is read when one does"),
            Err(error) => return Err(Fault::new(IO, &error)),
        }
        Ok(code)
    }

    fn tell(&self, prisoner: &Prisoner, back: bool) {
        let reason = &prisoner.reason;
        if self.json {
            println!("{}", json!({ "name": reason.name, "path": prisoner.path, "back": back, "reason": reason }));
        } else if back {
            println!("{}: put back", reason.name);
        } else {
            println!("{}: {}: {}", reason.name, reason.reason, reason.detail);
        }
    }
}

fn is_meant(prisoner: &Prisoner, wanted: &str) -> bool {
    let by_hash = wanted.len() >= 4 && prisoner.reason.sha256.starts_with(wanted);
    by_hash || prisoner.rel.ends_with(wanted) || prisoner.path.file_name().is_some_and(|n| n == wanted)
}

/// Lets the ledger forget a refusal, by way of the daemon if one runs. Returns how many drops were forgiven.
fn forgive(state: &Path, sha256: &str) -> Result<u64, Fault> {
    match ask(state, &Ask::Forgive { sha256: sha256.into() }) {
        Ok(answer) => return Ok(answer["forgiven"].as_u64().unwrap_or(0)),
        Err(ControlError::Nobody { .. }) => {}
        Err(error) => return Err(Fault::new(IO, &error)),
    }
    if !SqliteJournal::exists(state) {
        return Ok(0);
    }
    let (ledger, _lock) = Ledger::of_folder(state).map_err(|e| Fault::new(e.exit_code(), &e))?;
    ledger.forgive(sha256).map_err(|e| Fault::new(IO, &e))
}

/// Refused drops that could not be moved, and lie where they lay.
fn forgive_in_place(state: &Path, wanted: &str) -> Result<u64, Fault> {
    let told = match ask(state, &Ask::Why { wanted: wanted.into() }) {
        Ok(told) => told,
        Err(ControlError::Nobody { .. }) if SqliteJournal::exists(state) => {
            let (ledger, _lock) = Ledger::of_folder(state).map_err(|e| Fault::new(e.exit_code(), &e))?;
            ledger.why_json(wanted).map_err(|e| Fault::new(IO, &e))?
        }
        Err(ControlError::Nobody { .. }) => return Ok(0),
        Err(error) => return Err(Fault::new(IO, &error)),
    };
    let mut forgiven = 0;
    for drop in told["drops"].as_array().into_iter().flatten().filter(|d| d["outcome"] == "refused") {
        forgiven += forgive(state, drop["sha256"].as_str().unwrap_or_default())?;
    }
    Ok(forgiven)
}
