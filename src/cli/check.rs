//! `wenliu check`: would `run` start, and would it work?

use std::path::Path;
use std::process::ExitCode;

use clap::Args;

use crate::cli::Common;
use crate::cli::fault::{FINDINGS, Fault};
use crate::config::Config;
use crate::pipeline::stages::Stages;

/// Arguments of `check`.
#[derive(Args)]
#[command(after_help = "Examples:
  wenliu check                                    before the first start, and after every change of settings
  wenliu check --config /etc/wenliu/wenliu.toml   as the user that will run it
  wenliu check --json | jq '.findings[] | select(.ok | not)'

Exit code 0 if a start would work, 1 if not, 78 for wrong settings.")]
pub struct Check {
    /// Print the findings as one JSON object
    #[arg(long)]
    json: bool,
}

/// One thing looked at.
#[derive(serde::Serialize)]
struct Finding {
    what: String,
    ok: bool,
    say: String,
}

impl Check {
    /// Looks at everything `run` needs and changes nothing.
    pub fn run(&self, common: &Common) -> Result<ExitCode, Fault> {
        let (config, _) = common.settings()?;
        let mut findings = vec![finding("settings", Ok("every key is known and in range".into()))];
        findings.push(finding(
            "tables",
            Stages::build(&config).map(|_| "every lexicon table is legal".into()).map_err(|e| e.to_string()),
        ));
        for (what, folder, write) in folders(&config) {
            findings.push(finding(what, folder_state(folder, write)));
        }
        let bad = findings.iter().filter(|f| !f.ok).count();
        if self.json {
            println!("{}", serde_json::json!({ "ok": bad == 0, "findings": findings }));
        } else {
            for f in &findings {
                println!("{} {}: {}", if f.ok { "ok  " } else { "FAIL" }, f.what, f.say);
            }
        }
        Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::from(FINDINGS) })
    }
}

fn folders(config: &Config) -> [(&'static str, &Path, bool); 3] {
    [
        ("watched folder", &config.watch.folder, false),
        ("output folder", &config.sink.folder, true),
        ("state folder", &config.ledger.folder, true),
    ]
}

fn finding(what: &str, state: Result<String, String>) -> Finding {
    let ok = state.is_ok();
    Finding { what: what.into(), ok, say: state.unwrap_or_else(|e| e) }
}

/// Whether a folder, or the nearest folder above it that exists, can be used.
fn folder_state(folder: &Path, write: bool) -> Result<String, String> {
    let there = folder.ancestors().find(|p| p.exists() || p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let there = if there.as_os_str().is_empty() { Path::new(".") } else { there };
    let shown = folder.display();
    if !there.is_dir() {
        return Err(format!("{} is no folder; choose another or move it away", there.display()));
    }
    std::fs::read_dir(there).map_err(|e| format!("cannot read {}: {e}; give this user permission", there.display()))?;
    if write || !folder.exists() {
        rustix::fs::access(there, rustix::fs::Access::WRITE_OK)
            .map_err(|e| format!("cannot write {}: {e}; give this user permission", there.display()))?;
    }
    let space = rustix::fs::statvfs(there).map_err(|e| format!("cannot ask {} for its space: {e}", there.display()))?;
    let free = space.f_bavail.saturating_mul(space.f_frsize);
    if write && free < 256 << 20 {
        return Err(format!("{shown}: only {} MiB free; make room or choose another disk", free >> 20));
    }
    let state = if folder.exists() { "there" } else { "will be made" };
    Ok(format!("{shown} ({state}, {} MiB free)", free >> 20))
}
