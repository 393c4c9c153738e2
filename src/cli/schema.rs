//! `wenliu schema`: what a reader may rely on, in the reader's own words.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;

use crate::cli::Common;
use crate::cli::dialect::{self, Dialect, Stream};
use crate::cli::fault::{self, Fault};
use crate::record::schema;

/// Arguments of `schema`.
#[derive(Args)]
#[command(after_help = "Examples:
  wenliu schema > record.schema.json
  wenliu schema --for duckdb > articles.sql; duckdb -init articles.sql
  wenliu schema --for polars > press.py; python -c 'from press import articles; print(articles.collect())'
  wenliu schema --for sqlite | sqlite3 press.db
  wenliu schema --for elasticsearch | curl -X PUT localhost:9200/articles -H 'content-type: application/json' -d @-

Every form is generated from the same types; the folder in it is sink.folder, so give --out for another.")]
pub struct Schema {
    /// The drops stream (receipts) instead of the articles stream
    #[arg(long)]
    drops: bool,
    /// Types and a way to read them for this reader
    #[arg(long = "for", value_name = "READER")]
    reader: Option<Dialect>,
}

impl Schema {
    /// Prints the schema.
    pub fn run(&self, common: &Common) -> Result<ExitCode, Fault> {
        let (name, schema) = if self.drops { ("drops", schema::drops()) } else { ("articles", schema::articles()) };
        let text = match self.reader {
            None => format!("{schema:#}\n"),
            Some(reader) => {
                let sealed = common.settings()?.0.sink.folder.join("sealed");
                dialect::write(reader, &schema, Stream { name, sealed: &sealed })
            }
        };
        fault::written(std::io::stdout().write_all(text.as_bytes()))?;
        Ok(ExitCode::SUCCESS)
    }
}
