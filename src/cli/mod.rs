//! The verbs, one file each; arguments, dispatch, exit codes.
//!
//! Data goes to stdout, everything for people to stderr. Exit codes: 0 done, 1 findings or unhealthy, 64 usage,
//! 65 bad input under `--strict`, 66 no input, 73 cannot write output, 74 I/O, 75 locked, 78 configuration.

mod bench;
mod check;
mod completions;
mod config;
mod dialect;
mod drop_file;
mod explain;
mod export;
mod fault;
mod init;
mod man;
mod once;
mod replay;
mod retry;
mod run;
mod schema;
mod show;
mod status;
mod tail;
mod verify;
mod why;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::cli::fault::Fault;
use crate::config::{Config, Provenance};

const EXAMPLES: &str = "\
Start here:
  wenliu run --sample           watch ./wenliu-data/in, drop a bundled page into it, write ./wenliu-data/out
  wenliu once page.txt | jq .   one file, no daemon: records on stdout
  wenliu why page.txt           what became of a drop

Settings: `wenliu config` shows what is in force and where each value came from.";

#[derive(Parser)]
#[command(name = "wenliu", version, about = "Turns text drops of newspaper pages into articles, one JSON line each", after_help = EXAMPLES)]
#[command(propagate_version = true, subcommand_required = true, arg_required_else_help = true, infer_long_args = false)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    verb: Verb,
}

/// What every verb understands.
#[derive(Args, Clone, Debug)]
pub struct Common {
    /// Settings file; without it ./wenliu.toml, then /etc/wenliu/wenliu.toml, if there is one
    #[arg(short, long, global = true, env = "WENLIU_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// One setting, as section.key=value; may be given again
    #[arg(long = "set", global = true, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Output folder (sink.folder)
    #[arg(long, global = true, value_name = "DIR")]
    out: Option<PathBuf>,
    /// State folder (ledger.folder)
    #[arg(long, global = true, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Watched folder (watch.folder)
    #[arg(long = "in", global = true, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Log more: -v debug, -vv trace
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Log only what needs a person
    #[arg(short, long, global = true)]
    quiet: bool,
}

#[derive(Subcommand)]
enum Verb {
    /// Watch the folder and keep writing: the daemon
    Run(run::Run),
    /// Read files or folders now and print their records; no daemon, no state
    Once(once::Once),
    /// Print the lines of a stream: whole, in order, each once
    Tail(tail::Tail),
    /// Whether a daemon runs and all is well
    Status(status::Status),
    /// What became of a drop
    Why(why::Why),
    /// Give refused drops another try
    Retry(retry::Retry),
    /// Prove that an output folder is what it promises to be
    Verify(verify::Verify),
    /// Print the raw page beside its articles, coloured
    Show(show::Show),
    /// Why a page was joined, cut, set aside and tagged so, line by line
    Explain(explain::Explain),
    /// Check settings, folders, tables and space; run nothing
    Check(check::Check),
    /// Measure how fast each stage and the whole chain are here
    Bench(bench::Bench),
    /// Print the JSON Schema of the output, generated from the types
    Schema(schema::Schema),
    /// Print records for other tools: ninjs, Dolma, spaCy, W3C annotations, CSV
    Export(export::Export),
    /// What this version would make of the drops at hand, compared with the output; writes nothing
    Replay(replay::Replay),
    /// Print the settings in force and where each value came from
    Config(config::ConfigVerb),
    /// Make folders and a commented settings file here
    Init(init::Init),
    /// Print the completion script for a shell
    Completions(completions::Completions),
    /// Print the manual page
    Man(man::ManVerb),
}

/// Runs the verb that the arguments name.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse_from(std::env::args_os().collect::<Vec<OsString>>()) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors; a broken pipe while printing them is not worth a word.
            let _printed = error.print();
            return if error.use_stderr() { ExitCode::from(fault::USAGE) } else { ExitCode::SUCCESS };
        }
    };
    let common = arguments.common;
    let done = match arguments.verb {
        Verb::Run(verb) => verb.run(&common),
        Verb::Once(verb) => verb.run(&common),
        Verb::Tail(verb) => verb.run(&common),
        Verb::Status(verb) => verb.run(&common),
        Verb::Why(verb) => verb.run(&common),
        Verb::Retry(verb) => verb.run(&common),
        Verb::Verify(verb) => verb.run(&common),
        Verb::Show(verb) => verb.run(&common),
        Verb::Explain(verb) => verb.run(&common),
        Verb::Check(verb) => verb.run(&common),
        Verb::Bench(verb) => verb.run(&common),
        Verb::Schema(verb) => verb.run(&common),
        Verb::Export(verb) => verb.run(&common),
        Verb::Replay(verb) => verb.run(&common),
        Verb::Config(verb) => verb.run(&common),
        Verb::Init(verb) => verb.run(),
        Verb::Completions(verb) => verb.run(Arguments::command()),
        Verb::Man(verb) => verb.run(Arguments::command()),
    };
    match done {
        Ok(code) => code,
        Err(fault) => fault.tell(),
    }
}

impl Common {
    /// The settings in force, and where each came from.
    ///
    /// # Errors
    /// What [`Config::load`] finds wrong, as a fault with exit code 78.
    pub fn settings(&self) -> Result<(Config, Provenance), Fault> {
        let mut flags = Vec::new();
        for pair in &self.set {
            let (key, value) = pair
                .split_once('=')
                .filter(|(key, _)| key.contains('.'))
                .ok_or_else(|| Fault::usage(format!("--set {pair}: not of the form section.key=value")))?;
            flags.push((key.to_owned(), value.to_owned()));
        }
        let folders = [("sink.folder", &self.out), ("ledger.folder", &self.state), ("watch.folder", &self.folder)];
        for (key, folder) in folders {
            if let Some(folder) = folder {
                flags.push((key.into(), toml::Value::String(folder.display().to_string()).to_string()));
            }
        }
        match (self.quiet, self.verbose) {
            (true, _) => flags.push(("log.level".into(), "\"error\"".into())),
            (_, 0) => {}
            (_, 1) => flags.push(("log.level".into(), "\"debug\"".into())),
            _ => flags.push(("log.level".into(), "\"trace\"".into())),
        }
        let usual = ["wenliu.toml", "/etc/wenliu/wenliu.toml"].map(PathBuf::from);
        let file = self.config.clone().or_else(|| usual.into_iter().find(|p| p.is_file()));
        let env = std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
        Config::load(file.as_deref(), env, &flags).map_err(|e| Fault::settings(&e))
    }
}
