//! `wenliu completions`: what the shell needs to complete verbs and flags.

use std::io::Write;
use std::process::ExitCode;

use clap::{Args, Command};
use clap_complete::Shell;

use crate::cli::fault::{self, Fault};

/// Arguments of `completions`.
#[derive(Args)]
#[command(after_help = "Examples:
  wenliu completions bash > ~/.local/share/bash-completion/completions/wenliu
  wenliu completions zsh > ~/.zfunc/_wenliu
  wenliu completions fish > ~/.config/fish/completions/wenliu.fish")]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Prints the script.
    pub fn run(&self, mut command: Command) -> Result<ExitCode, Fault> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "wenliu", &mut script);
        fault::written(std::io::stdout().write_all(&script))?;
        Ok(ExitCode::SUCCESS)
    }
}
