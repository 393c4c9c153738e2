//! `wenliu verify`: is this output what it promises to be?

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::cli::Common;
use crate::cli::fault::{FINDINGS, Fault, IO, NO_INPUT};
use crate::disk::lock::FolderLock;
use crate::disk::real::RealDisk;
use crate::ledger::sqlite::SqliteJournal;
use crate::pipeline::commit::CommitError;
use crate::pipeline::commit::view::Ledger;
use crate::pipeline::verify::{Finding, Report, accounting, streams};

/// Arguments of `verify`.
#[derive(Args)]
#[command(after_help = "Examples:
  wenliu verify                                the output, the ledger, and every drop that still lies there
  wenliu verify --out copy --output-only       anybody's copy of an output folder, alone
  wenliu verify --out copy --drops archive     the same, with the drops it was made of

Exit code 1 if anything is not as promised.")]
pub struct Verify {
    /// Folder with drops whose bytes are to be accounted for; the watched folder if not given
    #[arg(long, value_name = "DIR")]
    drops: Option<PathBuf>,
    /// Look at the output alone, not at ledger and drops
    #[arg(long, conflicts_with = "drops")]
    output_only: bool,
    /// Print the report as one JSON object
    #[arg(long)]
    json: bool,
}

impl Verify {
    /// Looks at everything and changes nothing.
    pub fn run(&self, common: &Common) -> Result<ExitCode, Fault> {
        let (config, _) = common.settings()?;
        let folder = &config.sink.folder;
        if !folder.is_dir() {
            return Err(
                Fault::plain(NO_INPUT, format!("{} is no output folder", folder.display())).hint("give it with --out")
            );
        }
        // While a daemon writes, the end is in motion; a folder that can be locked has no daemon.
        let alive = matches!(FolderLock::take(folder), Ok(None));
        let disk = RealDisk::new(folder);
        let mut report = Report::default();
        streams::verify(&disk, alive, &mut report).map_err(|e| Fault::new(IO, &e))?;
        if !self.output_only {
            let drops = self.drops.clone().unwrap_or_else(|| config.watch.folder.clone());
            if self.drops.is_some() && !drops.is_dir() {
                return Err(Fault::not_there(&drops));
            }
            if drops.is_dir() {
                accounting::account(&disk, &drops, &config.watch, &mut report).map_err(|e| Fault::new(IO, &e))?;
            }
            if SqliteJournal::exists(&config.ledger.folder) {
                ledger(&config.ledger.folder, &mut report)?;
            }
        }
        self.print(&report);
        Ok(if report.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(FINDINGS) })
    }

    fn print(&self, report: &Report) {
        if self.json {
            println!("{}", serde_json::to_string(report).expect("a report is plain data"));
            return;
        }
        for finding in &report.findings {
            println!("{}: {}", finding.place, finding.what);
        }
        eprintln!(
            "{} articles, {} receipts in {} segments, {} manifest lines, {} drops accounted byte by byte: {}",
            report.articles,
            report.receipts,
            report.segments,
            report.manifest_lines,
            report.drops_accounted,
            match report.findings.len() {
                0 => "all is as promised".to_owned(),
                1 => "1 finding".to_owned(),
                n => format!("{n} findings"),
            }
        );
    }
}

/// Looks at every row of the ledger; beside a running daemon its rows are its own business.
fn ledger(state: &std::path::Path, report: &mut Report) -> Result<(), Fault> {
    let findings = match Ledger::of_folder(state) {
        Ok((ledger, _lock)) => ledger.examine().map_err(|e| e.to_string()),
        Err(CommitError::Locked { .. }) => return Ok(()),
        Err(error) => Err(error.to_string()),
    };
    let place = state.join(crate::ledger::sqlite::FILE).display().to_string();
    match findings {
        Ok(list) => report.findings.extend(list.into_iter().map(|what| Finding { place: place.clone(), what })),
        Err(what) => report.findings.push(Finding { place, what }),
    }
    Ok(())
}
