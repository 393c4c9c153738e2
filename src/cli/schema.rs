//! `wenliu schema`: what a reader may rely on.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;

use crate::cli::fault::{self, Fault};
use crate::record::schema;

/// Arguments of `schema`.
#[derive(Args)]
pub struct Schema {
    /// The drops stream (receipts) instead of the articles stream
    #[arg(long)]
    drops: bool,
}

impl Schema {
    /// Prints the schema.
    pub fn run(&self) -> Result<ExitCode, Fault> {
        let schema = if self.drops { schema::drops() } else { schema::articles() };
        fault::written(writeln!(std::io::stdout(), "{schema:#}"))?;
        Ok(ExitCode::SUCCESS)
    }
}
