//! `wenliu man`: the manual pages.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Command};
use clap_mangen::Man;

use crate::cli::fault::{self, Fault, IO, NO_OUTPUT, USAGE};
use crate::config::nearest;

/// Arguments of `man`.
#[derive(Args)]
#[command(after_help = "Examples:
  wenliu man | man -l -               read the page
  wenliu man export | man -l -        the page of one verb
  wenliu man --dir ~/.local/share/man/man1")]
pub struct ManVerb {
    /// The verb; the page of wenliu itself without one
    verb: Option<String>,
    /// Write the pages of wenliu and of every verb into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "verb")]
    dir: Option<PathBuf>,
}

impl ManVerb {
    /// Prints one page, or writes all.
    pub fn run(&self, mut command: Command) -> Result<ExitCode, Fault> {
        command.build();
        match &self.dir {
            Some(dir) => write_all(&command, dir)?,
            None => fault::written(std::io::stdout().write_all(&page(&self.find(command)?)?))?,
        }
        Ok(ExitCode::SUCCESS)
    }

    fn find(&self, command: Command) -> Result<Command, Fault> {
        let Some(verb) = &self.verb else { return Ok(command) };
        if let Some(found) = command.find_subcommand(verb) {
            return Ok(named(found));
        }
        let verbs: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
        let hint = nearest(verb, &verbs).map_or_else(|| verbs.join(" "), |near| format!("did you mean `{near}`?"));
        Err(Fault::plain(USAGE, format!("no verb `{verb}`")).hint(hint))
    }
}

/// A verb under the name that its page has.
fn named(verb: &Command) -> Command {
    let name: &'static str = format!("wenliu-{}", verb.get_name()).leak();
    verb.clone().name(name).display_name(name)
}

fn write_all(command: &Command, dir: &Path) -> Result<(), Fault> {
    let cannot = |path: &Path, e: &std::io::Error| {
        Fault::plain(NO_OUTPUT, format!("cannot write {}: {e}", path.display())).hint("choose a folder you may write")
    };
    std::fs::create_dir_all(dir).map_err(|e| cannot(dir, &e))?;
    let verbs = command.get_subcommands().filter(|v| v.get_name() != "help" && !v.is_hide_set()).map(named);
    for one in std::iter::once(command.clone()).chain(verbs) {
        let path = dir.join(format!("{}.1", one.get_name()));
        std::fs::write(&path, page(&one)?).map_err(|e| cannot(&path, &e))?;
    }
    Ok(())
}

fn page(command: &Command) -> Result<Vec<u8>, Fault> {
    let mut page = Vec::new();
    Man::new(command.clone())
        .render(&mut page)
        .map_err(|e| Fault::plain(IO, format!("cannot render the page: {e}")))?;
    Ok(page)
}
