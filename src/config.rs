//! Every setting, in the order of `config/wenliu.toml`: defaults, parsing, checking.
//!
//! Defaults < file < `WENLIU_SECTION__KEY` < flags. Unknown keys are errors that point at the line and suggest the
//! right one.

mod check;
mod wrong;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use check::address;
pub use wrong::{ConfigError, nearest};

/// The commented default file, as shipped.
pub const DEFAULT_FILE: &str = include_str!("../config/wenliu.toml");

/// All settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub watch: WatchConfig,
    pub clean: CleanConfig,
    pub segment: SegmentConfig,
    pub enrich: EnrichConfig,
    pub sink: SinkConfig,
    pub ledger: LedgerConfig,
    pub pipeline: PipelineConfig,
    pub http: HttpConfig,
    pub log: LogConfig,
    pub cluster: ClusterConfig,
}

/// What becomes of a drop's file once its lines are durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WhenDone {
    Keep,
    Move,
    Delete,
}

/// How the folder is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Events {
    /// Events when a cookie file proves that they work, else polling.
    Auto,
    /// Polling only.
    Poll,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WatchConfig {
    pub folder: PathBuf,
    pub include: Vec<String>,
    pub exclude: Vec<String>,
    pub events: Events,
    pub settle_ms: u64,
    pub rescan_ms: u64,
    pub retry_ms: u64,
    pub max_bytes: u64,
    pub max_unpacked_ratio: u64,
    pub chunk_bytes: u64,
    pub done_marker: String,
    pub when_done: WhenDone,
    pub done_folder: PathBuf,
}

impl Default for WatchConfig {
    fn default() -> Self {
        WatchConfig {
            folder: PathBuf::from("wenliu-data/in"),
            include: Vec::new(),
            exclude: Vec::new(),
            events: Events::Auto,
            settle_ms: 500,
            rescan_ms: 30_000,
            retry_ms: 5_000,
            max_bytes: 16 << 30,
            max_unpacked_ratio: 200,
            chunk_bytes: 4 << 20,
            done_marker: String::new(),
            when_done: WhenDone::Keep,
            done_folder: PathBuf::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CleanConfig {
    pub encoding: String,
    pub undecodable_max: f64,
    pub weights: PathBuf,
}

impl Default for CleanConfig {
    fn default() -> Self {
        CleanConfig { encoding: "auto".into(), undecodable_max: 0.01, weights: PathBuf::new() }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SegmentConfig {
    pub weights: PathBuf,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EnrichConfig {
    pub home_place: String,
    pub as_of: String,
    pub lexicon_folders: Vec<PathBuf>,
    pub tokens: bool,
    pub mask: Vec<String>,
    pub keywords_max: usize,
    pub summary_max_chars: usize,
    pub near_dup_min: f64,
    pub near_dup_horizon_days: u32,
}

impl Default for EnrichConfig {
    fn default() -> Self {
        EnrichConfig {
            home_place: String::new(),
            as_of: String::new(),
            lexicon_folders: Vec::new(),
            tokens: false,
            mask: Vec::new(),
            keywords_max: 10,
            summary_max_chars: 120,
            near_dup_min: 0.4,
            near_dup_horizon_days: 0,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SinkConfig {
    pub folder: PathBuf,
    pub source: String,
    pub segment_bytes: u64,
    pub segment_age_ms: u64,
    pub live_grace_ms: u64,
    pub retention_days: u32,
    pub max_line_bytes: usize,
}

impl Default for SinkConfig {
    fn default() -> Self {
        SinkConfig {
            folder: PathBuf::from("wenliu-data/out"),
            source: "inbox".into(),
            segment_bytes: 64 << 20,
            segment_age_ms: 60_000,
            live_grace_ms: 24 * 3_600_000,
            retention_days: 0,
            max_line_bytes: 1 << 20,
        }
    }
}

/// When bytes reach the disk for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fsync {
    /// Durable before visible.
    Always,
    /// Survives a kill but not a power cut; input is never deleted.
    None,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LedgerConfig {
    pub folder: PathBuf,
    pub fsync: Fsync,
    pub group_bytes: usize,
    pub unsynced_bytes: u64,
    pub unsynced_ms: u64,
}

impl Default for LedgerConfig {
    fn default() -> Self {
        LedgerConfig {
            folder: PathBuf::from("wenliu-data/state"),
            fsync: Fsync::Always,
            group_bytes: 4 << 20,
            unsynced_bytes: 8 << 20,
            unsynced_ms: 1_000,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PipelineConfig {
    pub workers: usize,
    pub queue_max: usize,
}

impl Default for PipelineConfig {
    fn default() -> Self {
        PipelineConfig { workers: 0, queue_max: 8 }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpConfig {
    pub listen: String,
    pub token: String,
    pub reader: bool,
}

impl Default for HttpConfig {
    fn default() -> Self {
        HttpConfig { listen: "127.0.0.1:7878".into(), token: String::new(), reader: true }
    }
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Human on a terminal, JSON otherwise.
    Auto,
    Human,
    Json,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    pub level: String,
    pub format: LogFormat,
}

impl Default for LogConfig {
    fn default() -> Self {
        LogConfig { level: "info".into(), format: LogFormat::Auto }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClusterConfig {
    pub url: String,
    pub name: String,
}

impl Default for ClusterConfig {
    fn default() -> Self {
        ClusterConfig { url: String::new(), name: "press".into() }
    }
}

/// Where a value came from, by `section.key`; a key that is not in it has its default.
pub type Provenance = BTreeMap<String, String>;

impl Config {
    /// Reads the settings: defaults, then `file`, then `WENLIU_SECTION__KEY` variables, then flags as `section.key`
    /// and a TOML value.
    ///
    /// # Errors
    /// A file that cannot be read, an unknown key, or a value of the wrong type or out of range; the error names the
    /// place and suggests the right key.
    pub fn load(
        file: Option<&Path>,
        env: impl Iterator<Item = (String, String)>,
        flags: &[(String, String)],
    ) -> Result<(Config, Provenance), ConfigError> {
        let mut provenance = Provenance::new();
        let mut table = toml::Table::new();
        let mut written = None;
        if let Some(path) = file {
            let shown = path.display().to_string();
            let text =
                std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.into(), source })?;
            // Parsed into the types first, for errors that know the line.
            toml::from_str::<Config>(&text).map_err(|e| wrong::in_file(&e, &text, &shown))?;
            table = toml::from_str(&text).map_err(|e| wrong::in_file(&e, &text, &shown))?;
            for (section, value) in &table {
                for key in value.as_table().into_iter().flat_map(toml::Table::keys) {
                    provenance.insert(format!("{section}.{key}"), shown.clone());
                }
            }
            written = Some((text, shown));
        }
        for (name, value) in env {
            let Some((section, key)) = name.strip_prefix("WENLIU_").and_then(|n| n.split_once("__")) else { continue };
            let (section, key) = (section.to_lowercase(), key.to_lowercase());
            overlay(&mut table, &section, &key, &value, &name)?;
            provenance.insert(format!("{section}.{key}"), name);
        }
        for (path, value) in flags {
            let (section, key) = path.split_once('.').expect("a flag names section and key");
            overlay(&mut table, section, key, value, &format!("--set {path}"))?;
            provenance.insert(path.clone(), "command line".into());
        }
        let config: Config = table.try_into().map_err(|e| wrong::outside(&e, "settings", ""))?;
        match check::unfit(&config) {
            None => Ok((config, provenance)),
            Some(unfit) => Err(placed(unfit, &provenance, written.as_ref())),
        }
    }

    /// Every setting as `section.key` and its value in TOML, in the order of the file.
    pub fn listed(&self) -> Vec<(String, String)> {
        let json = serde_json::to_value(self).expect("settings are plain data");
        let table = toml::Table::try_from(self).expect("settings are plain data");
        let mut rows = Vec::new();
        for section in json.as_object().into_iter().flat_map(serde_json::Map::keys) {
            for (key, value) in table.get(section).and_then(toml::Value::as_table).into_iter().flatten() {
                rows.push((format!("{section}.{key}"), value.to_string()));
            }
        }
        rows
    }
}

fn overlay(table: &mut toml::Table, section: &str, key: &str, value: &str, place: &str) -> Result<(), ConfigError> {
    let parsed = toml::from_str::<toml::Table>(&format!("v = {value}"))
        .ok()
        .and_then(|mut t| t.remove("v"))
        .unwrap_or_else(|| toml::Value::String(value.into()));
    let mut alone = toml::Table::new();
    let mut inner = toml::Table::new();
    inner.insert(key.into(), parsed.clone());
    alone.insert(section.into(), toml::Value::Table(inner.clone()));
    if toml::Table::try_into::<Config>(alone.clone()).is_err() {
        // A string setting may look like a number or a date (`WENLIU_HTTP__TOKEN=123`).
        inner.insert(key.into(), toml::Value::String(value.into()));
        let mut as_text = toml::Table::new();
        as_text.insert(section.into(), toml::Value::Table(inner.clone()));
        if toml::Table::try_into::<Config>(as_text).is_err() {
            let error = toml::Table::try_into::<Config>(alone).expect_err("it failed before");
            return Err(wrong::outside(&error, place, key));
        }
    }
    let value = inner.remove(key).expect("it was put there");
    let entry = table.entry(section).or_insert_with(|| toml::Value::Table(toml::Table::new()));
    if let Some(section) = entry.as_table_mut() {
        section.insert(key.into(), value);
    }
    Ok(())
}

/// Says where a setting that cannot be was given.
fn placed(unfit: check::Unfit, provenance: &Provenance, file: Option<&(String, String)>) -> ConfigError {
    let check::Unfit { key, message } = unfit;
    let from = provenance.get(key);
    if let Some((text, path)) = file.filter(|(_, path)| from == Some(path))
        && let Some(span) = value_span(text, key)
    {
        return wrong::at(text, path, span, (format!("{key} {message}"), None));
    }
    let place = from.filter(|f| f.starts_with("WENLIU_")).cloned().unwrap_or_else(|| key.to_owned());
    let message = if place == key { message } else { format!("{key} {message}") };
    ConfigError::Value { place, message, hint: None, excerpt: String::new() }
}

/// The bytes of a setting's value in the text of a file.
fn value_span(text: &str, path: &str) -> Option<std::ops::Range<usize>> {
    let (section, key) = path.split_once('.')?;
    let table = toml::de::DeTable::parse(text).ok()?.into_inner();
    let section = table.get(section)?.get_ref().as_table()?;
    Some(section.get(key)?.span())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Config, String> {
        let file = tempfile::NamedTempFile::new().expect("a temp file");
        std::fs::write(file.path(), text).expect("written");
        Config::load(Some(file.path()), std::iter::empty(), &[]).map(|(c, _)| c).map_err(|e| e.to_string())
    }

    #[test]
    fn the_shipped_file_holds_the_defaults() {
        assert_eq!(load(DEFAULT_FILE), Ok(Config::default()));
    }

    #[test]
    fn an_unknown_key_points_at_the_line_and_suggests() {
        let error = load("[watch]\nsetle_ms = 3\n").expect_err("unknown");
        assert!(error.contains(":2:1: unknown setting `setle_ms` (did you mean `settle_ms`?)"), "{error}");
    }

    #[test]
    fn environment_and_flags_win_in_that_order() {
        let env = [
            ("WENLIU_WATCH__SETTLE_MS".to_owned(), "7".to_owned()),
            ("WENLIU_HTTP__TOKEN".to_owned(), "123".to_owned()),
        ];
        let flags = [("watch.settle_ms".to_owned(), "9".to_owned())];
        let (config, from) = Config::load(None, env.into_iter(), &flags).expect("legal");
        assert_eq!((config.watch.settle_ms, config.http.token.as_str()), (9, "123"));
        assert_eq!(from["watch.settle_ms"], "command line");
        assert_eq!(from["http.token"], "WENLIU_HTTP__TOKEN");
    }
}
