//! `wenliu config`: every setting in force, and where its value came from.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::cli::Common;
use crate::cli::fault::{self, Fault, USAGE};
use crate::config::{Config, DEFAULT_FILE, Provenance, nearest};

/// Arguments of `config`.
#[derive(Args)]
#[command(after_help = "Examples:
  wenliu config                       what is in force, and where each value came from
  wenliu config --changed             only what is not the default
  wenliu config sink.folder           one value, as it stands
  wenliu config --keys | less         every key with its default, unit and reason
  wenliu config --toml > wenliu.toml  what is in force, as a file
  WENLIU_SINK__SOURCE=desk wenliu config --json | jq '.\"sink.source\"'")]
pub struct ConfigVerb {
    /// Print only this setting's value
    #[arg(value_name = "SECTION.KEY")]
    key: Option<String>,
    /// Explain every key instead: default, unit, reason
    #[arg(long, conflicts_with_all = ["key", "toml", "changed"])]
    keys: bool,
    /// Print one JSON object
    #[arg(long, conflicts_with = "toml")]
    json: bool,
    /// Print a settings file
    #[arg(long)]
    toml: bool,
    /// Print only settings that are not at their default
    #[arg(long)]
    changed: bool,
    /// Print secrets too
    #[arg(long)]
    secrets: bool,
}

/// A setting as the shipped file explains it.
struct Explained {
    key: String,
    default: String,
    reason: String,
}

/// A setting in force.
struct Row {
    key: String,
    value: toml::Value,
    from: String,
}

impl ConfigVerb {
    /// Prints the settings.
    pub fn run(&self, common: &Common) -> Result<ExitCode, Fault> {
        let mut out = String::new();
        if self.keys {
            out = self.explained();
        } else {
            let (config, provenance) = common.settings()?;
            let rows = self.rows(&config, &provenance)?;
            match (&self.key, self.json, self.toml) {
                (Some(_), false, false) => {
                    for row in &rows {
                        out.push_str(&bare(&row.value));
                        out.push('\n');
                    }
                }
                (_, true, _) => out = as_json(&rows),
                (_, _, true) => out = as_toml(&rows),
                _ => out = as_table(&rows),
            }
        }
        fault::written(std::io::stdout().write_all(out.as_bytes()))?;
        Ok(ExitCode::SUCCESS)
    }

    /// The settings asked for, in the order of the shipped file.
    fn rows(&self, config: &Config, provenance: &Provenance) -> Result<Vec<Row>, Fault> {
        let table = toml::Table::try_from(config).expect("settings are plain data");
        let defaults = toml::Table::try_from(Config::default()).expect("settings are plain data");
        let mut rows = Vec::new();
        for Explained { key, .. } in shipped() {
            let (section, name) = key.split_once('.').expect("a key has a section");
            let find = |table: &toml::Table| Some(table.get(section)?.as_table()?.get(name)?.clone());
            let Some(mut value) = find(&table) else { continue };
            let at_default = find(&defaults).as_ref() == Some(&value);
            if key == "http.token" && !self.secrets && !at_default {
                value = "(hidden; --secrets shows it)".into();
            }
            let from = provenance.get(&key).cloned().unwrap_or_else(|| "default".into());
            let wanted = self.key.as_ref().is_none_or(|k| *k == key);
            if wanted && !(self.changed && at_default) {
                rows.push(Row { key, value, from });
            }
        }
        match &self.key {
            Some(key) if rows.is_empty() && !self.changed => Err(unknown(key)),
            _ => Ok(rows),
        }
    }

    fn explained(&self) -> String {
        let list = shipped();
        if self.json {
            let map: serde_json::Map<String, serde_json::Value> =
                list.into_iter().map(|e| (e.key, json!({ "default": e.default, "reason": e.reason }))).collect();
            return format!("{:#}\n", serde_json::Value::Object(map));
        }
        let width = list.iter().map(|e| e.key.len() + e.default.len() + 3).max().unwrap_or(0);
        list.iter().map(|e| format!("{:width$}  {}\n", format!("{} = {}", e.key, e.default), e.reason)).collect()
    }
}

fn unknown(key: &str) -> Fault {
    let list = shipped();
    let keys: Vec<&str> = list.iter().map(|e| e.key.as_str()).collect();
    // A key without its section is found by its last part.
    let names: Vec<&str> = keys.iter().filter_map(|k| Some(k.split_once('.')?.1)).collect();
    let whole = |name: String| keys.iter().find(|k| k.ends_with(&format!(".{name}"))).map(|k| (*k).to_owned());
    let near = if key.contains('.') { nearest(key, &keys) } else { nearest(key, &names).and_then(whole) };
    let hint = near.map_or_else(|| "`wenliu config --keys` lists all".into(), |near| format!("did you mean `{near}`?"));
    Fault::plain(USAGE, format!("unknown setting `{key}`")).hint(hint)
}

/// Reads keys, defaults and reasons from the shipped file, which a test keeps true.
fn shipped() -> Vec<Explained> {
    let mut section = "";
    let mut list = Vec::new();
    for line in DEFAULT_FILE.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            section = name;
        } else if let Some((key, rest)) = line.split_once(" = ").filter(|(key, _)| !key.starts_with('#')) {
            let (default, reason) = rest.split_once(" #").unwrap_or((rest, ""));
            list.push(Explained {
                key: format!("{section}.{key}"),
                default: default.trim().into(),
                reason: reason.trim().into(),
            });
        }
    }
    list
}

fn bare(value: &toml::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn as_table(rows: &[Row]) -> String {
    let width = rows.iter().map(|r| r.key.len() + r.value.to_string().chars().count() + 3).max().unwrap_or(0);
    rows.iter().map(|r| format!("{:width$}  # {}\n", format!("{} = {}", r.key, r.value), r.from)).collect()
}

fn as_json(rows: &[Row]) -> String {
    let map: serde_json::Map<String, serde_json::Value> =
        rows.iter().map(|r| (r.key.clone(), json!({ "value": r.value, "from": r.from }))).collect();
    format!("{:#}\n", serde_json::Value::Object(map))
}

fn as_toml(rows: &[Row]) -> String {
    let mut out = String::new();
    let mut current = "";
    for row in rows {
        let (section, name) = row.key.split_once('.').expect("a key has a section");
        if section != current {
            out.push_str(&format!("{}[{section}]\n", if out.is_empty() { "" } else { "\n" }));
            current = section;
        }
        out.push_str(&format!("{name} = {}\n", row.value));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_file_explains_every_setting() {
        let list = shipped();
        assert_eq!(list.len(), Config::default().listed().len());
        for explained in &list {
            assert!(!explained.reason.is_empty(), "{} has no reason", explained.key);
        }
    }

    #[test]
    fn what_is_printed_as_a_file_is_read_back_as_it_was() {
        let verb = ConfigVerb { key: None, keys: false, json: false, toml: true, changed: false, secrets: true };
        let mut config = Config::default();
        config.http.token = "p\"ass\\".into();
        config.watch.include = vec!["*.txt".into()];
        let text = as_toml(&verb.rows(&config, &Provenance::new()).expect("all keys"));
        assert_eq!(toml::from_str::<Config>(&text).as_ref(), Ok(&config), "{text}");
    }
}
