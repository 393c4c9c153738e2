//! `wenliu init`: folders and a commented settings file, to begin with.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::cli::fault::{self, Fault, NO_OUTPUT};
use crate::config::DEFAULT_FILE;

/// Arguments of `init`.
#[derive(Args)]
#[command(after_help = "Examples:
  wenliu init && wenliu run           begin in the current folder
  wenliu init /srv/press              begin elsewhere; then: cd /srv/press && wenliu run

What is there already is left as it is.")]
pub struct Init {
    /// Where to begin
    #[arg(default_value = ".", value_name = "DIR")]
    folder: PathBuf,
}

impl Init {
    /// Makes what is missing and says what it made.
    pub fn run(&self) -> Result<ExitCode, Fault> {
        let mut said = String::new();
        for name in ["in", "out", "state"] {
            let folder = self.folder.join("wenliu-data").join(name);
            let made = !folder.exists();
            std::fs::create_dir_all(&folder).map_err(|e| cannot(&folder, &e))?;
            said.push_str(&format!("{} {}\n", if made { "made   " } else { "there  " }, folder.display()));
        }
        let file = self.folder.join("wenliu.toml");
        let made = self.write_settings(&file)?;
        said.push_str(&format!("{} {}\n", if made { "made   " } else { "there  " }, file.display()));
        said.push_str("next: `wenliu run`, then drop text files into wenliu-data/in\n");
        fault::written(std::io::stderr().write_all(said.as_bytes()))?;
        Ok(ExitCode::SUCCESS)
    }

    /// Writes the shipped file with every setting commented out, so that a later version's defaults still count.
    fn write_settings(&self, file: &Path) -> Result<bool, Fault> {
        let mut out = match std::fs::File::create_new(file) {
            Ok(out) => out,
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => return Ok(false),
            Err(e) => return Err(cannot(file, &e)),
        };
        out.write_all(commented().as_bytes()).map_err(|e| cannot(file, &e))?;
        Ok(true)
    }
}

fn commented() -> String {
    let keep = |line: &str| line.is_empty() || line.starts_with(['#', '[']);
    DEFAULT_FILE.lines().map(|l| if keep(l) { format!("{l}\n") } else { format!("#{l}\n") }).collect()
}

fn cannot(path: &Path, error: &std::io::Error) -> Fault {
    Fault::plain(NO_OUTPUT, format!("cannot make {}: {error}", path.display()))
        .hint("choose a folder you may write: `wenliu init DIR`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_fresh_file_changes_no_default() {
        assert_eq!(toml::from_str::<Config>(&commented()), Ok(Config::default()));
    }
}
