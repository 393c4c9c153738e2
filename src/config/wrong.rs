//! What is wrong with the settings: where it stands, what it is, what would be right.

use std::path::PathBuf;

use unicode_width::UnicodeWidthStr;

use super::Config;

/// What is wrong with the settings, and where.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{place}: {message}{}", hint.as_deref().map(|h| format!(" ({h})")).unwrap_or_default())]
    Value {
        /// `file:line:column`, the name of a variable, or a flag.
        place: String,
        message: String,
        /// What would be right.
        hint: Option<String>,
        /// The line of the file, with a mark under what is wrong; "" when it stands in no file.
        excerpt: String,
    },
}

impl ConfigError {
    /// The line of the file with a mark under what is wrong, or "".
    pub fn excerpt(&self) -> &str {
        match self {
            ConfigError::Value { excerpt, .. } => excerpt,
            ConfigError::Read { .. } => "",
        }
    }
}

/// The error for a parse error in the text of a file.
pub(super) fn in_file(error: &toml::de::Error, text: &str, path: &str) -> ConfigError {
    let span = error.span().unwrap_or(0..0);
    let key = key_at(text, span.start);
    at(text, path, span, said(error, key.as_deref()))
}

/// The error for a value that was given outside a file.
pub(super) fn outside(error: &toml::de::Error, place: &str, key: &str) -> ConfigError {
    let (message, hint) = said(error, Some(key));
    ConfigError::Value { place: place.into(), message, hint, excerpt: String::new() }
}

/// An error at bytes of a file.
pub(super) fn at(
    text: &str,
    path: &str,
    span: std::ops::Range<usize>,
    (message, hint): (String, Option<String>),
) -> ConfigError {
    let start = span.start.min(text.len());
    let before = text.get(..start).unwrap_or(text);
    let number = before.matches('\n').count() + 1;
    let lead = before.rsplit('\n').next().unwrap_or_default();
    let line = text.lines().nth(number - 1).unwrap_or_default();
    let marked = text.get(span).unwrap_or_default().lines().next().unwrap_or_default();
    let gutter = " ".repeat(number.to_string().len());
    let excerpt = format!(
        "{gutter} |\n{number} | {line}\n{gutter} | {}{}",
        " ".repeat(lead.width()),
        "^".repeat(marked.width().max(1))
    );
    ConfigError::Value { place: format!("{path}:{number}:{}", lead.chars().count() + 1), message, hint, excerpt }
}

/// The parser's message in the words of this house, and what would be right.
fn said(error: &toml::de::Error, key: Option<&str>) -> (String, Option<String>) {
    let message = error.message().trim().lines().collect::<Vec<_>>().join(", ");
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let (found, known) = (quoted.first().copied().unwrap_or_default(), quoted.get(1..).unwrap_or_default());
    if message.starts_with("unknown field") {
        let hint = match (section_of(found), nearest(found, known)) {
            (Some(section), _) => format!("it belongs in [{section}]"),
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) => "`wenliu config --keys` lists all".into(),
        };
        return (format!("unknown setting `{found}`"), Some(hint));
    }
    if message.starts_with("unknown variant") {
        let hint = match nearest(found, known) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("one of {}", known.iter().map(|k| format!("\"{k}\"")).collect::<Vec<_>>().join(", ")),
        };
        return (format!("\"{found}\" is no choice here"), Some(hint));
    }
    if let Some(rest) = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: ")) {
        let (found, wanted) = rest.split_once(", expected ").unwrap_or((rest, "another value"));
        return (format!("expected {}, found {found}", plain_type(wanted)), key.and_then(unit_hint));
    }
    (message, Some("strings stand in \"quotes\", lists in [brackets], one setting a line".into()))
}

fn plain_type(wanted: &str) -> &str {
    match wanted {
        "u64" | "u32" | "usize" | "i64" => "a whole number, 0 or more",
        "f64" => "a number",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "path string" | "a string" => "a text in quotes",
        w if w.starts_with("struct ") => "a section",
        w => w,
    }
}

fn unit_hint(key: &str) -> Option<String> {
    let unit = [("_ms", "milliseconds"), ("_bytes", "bytes"), ("_days", "days"), ("_max", "a count")];
    let (_, unit) = unit.into_iter().find(|(end, _)| key.ends_with(end))?;
    Some(format!("`{key}` is given in {unit}, without a unit"))
}

/// The setting named on the line of a byte.
fn key_at(text: &str, byte: usize) -> Option<String> {
    let before = text.get(..byte.min(text.len()))?;
    let start = before.rfind('\n').map_or(0, |n| n + 1);
    let (key, _) = text.get(start..)?.lines().next()?.split_once('=')?;
    Some(key.trim().to_owned())
}

/// The section that has a setting of this name, if only one has.
fn section_of(key: &str) -> Option<String> {
    let mut sections = Config::default()
        .listed()
        .into_iter()
        .filter_map(|(path, _)| path.split_once('.').filter(|(_, k)| *k == key).map(|(section, _)| section.to_owned()));
    let first = sections.next()?;
    sections.next().is_none().then_some(first)
}

/// The candidate most like `word`, if any is like it at all.
pub fn nearest(word: &str, candidates: &[&str]) -> Option<String> {
    candidates
        .iter()
        .map(|c| (strsim::jaro_winkler(word, c), c))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, c)| (*c).to_string())
}
