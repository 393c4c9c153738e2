//! Settings that are of the right type and still cannot be.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Component, Path, PathBuf};

use super::{Config, Fsync, WhenDone};

/// A setting that cannot be, and what would be right.
#[derive(Debug)]
pub struct Unfit {
    pub key: &'static str,
    pub message: String,
}

type Verdict = Result<(), Unfit>;

/// Every label that `enrich.mask` may name.
const LABELS: &[&str] = &[
    "PERSON",
    "TITLE",
    "ORG",
    "GPE",
    "LOC",
    "FAC",
    "EVENT",
    "WORK_OF_ART",
    "LAW",
    "DATE",
    "TIME",
    "MONEY",
    "PERCENT",
    "QUANTITY",
    "ORDINAL",
    "CARDINAL",
    "EMAIL",
    "URL",
    "PHONE",
    "ID",
    "PLATE",
];

/// The first setting that cannot be.
pub fn unfit(config: &Config) -> Option<Unfit> {
    [watch, folders, text, output, service].iter().find_map(|part| part(config).err())
}

fn wrong(key: &'static str, message: impl Into<String>) -> Verdict {
    Err(Unfit { key, message: message.into() })
}

fn watch(config: &Config) -> Verdict {
    let watch = &config.watch;
    for (key, globs) in [("watch.include", &watch.include), ("watch.exclude", &watch.exclude)] {
        if let Some(error) = globs.iter().find_map(|g| globset::Glob::new(g).err()) {
            return wrong(key, format!("holds a glob that cannot be read: {error}"));
        }
    }
    if watch.chunk_bytes < 4096 || watch.chunk_bytes > 1 << 30 {
        return wrong("watch.chunk_bytes", "must lie between 4096 and 1073741824 bytes");
    }
    if watch.rescan_ms == 0 {
        return wrong(
            "watch.rescan_ms",
            "must be at least 1; the full listing is what finds a drop whose event was lost",
        );
    }
    if watch.retry_ms == 0 {
        return wrong("watch.retry_ms", "must be at least 1, or an unreadable file keeps a core busy");
    }
    if watch.max_bytes == 0 {
        return wrong("watch.max_bytes", "must be at least 1, or every drop is refused");
    }
    if watch.max_unpacked_ratio == 0 {
        return wrong("watch.max_unpacked_ratio", "must be at least 1, or every packed drop is refused");
    }
    if watch.done_marker.contains('/') {
        return wrong("watch.done_marker", "is an ending such as \".ok\" and holds no `/`");
    }
    if config.ledger.fsync == Fsync::None && watch.when_done == WhenDone::Delete {
        return wrong(
            "watch.when_done",
            "cannot be \"delete\" while ledger.fsync is \"none\": a power cut would lose drops",
        );
    }
    Ok(())
}

fn folders(config: &Config) -> Verdict {
    let drops = &config.watch.folder;
    let named =
        [("watch.folder", drops), ("sink.folder", &config.sink.folder), ("ledger.folder", &config.ledger.folder)];
    if let Some((key, _)) = named.iter().find(|(_, folder)| folder.as_os_str().is_empty()) {
        return wrong(key, "names no folder; \".\" is the current one");
    }
    for (key, folder) in named.iter().skip(1) {
        if visibly_in(folder, drops) {
            return wrong(
                key,
                format!("lies in the watched folder {}: what is written would be read", drops.display()),
            );
        }
    }
    let done = &config.watch.done_folder;
    if config.watch.when_done == WhenDone::Move && !done.as_os_str().is_empty() && visibly_in(done, drops) {
        return wrong(
            "watch.done_folder",
            "lies in the watched folder, so done drops would be found again; \"\" keeps them in its hidden .done",
        );
    }
    Ok(())
}

fn text(config: &Config) -> Verdict {
    let encoding = config.clean.encoding.as_str();
    let known = ["auto", "hz-gb-2312"].contains(&encoding);
    if !known && encoding_rs::Encoding::for_label(encoding.as_bytes()).is_none() {
        return wrong("clean.encoding", "is \"auto\" or a WHATWG name such as \"gb18030\", \"big5\" or \"utf-8\"");
    }
    if !(0.0..=1.0).contains(&config.clean.undecodable_max) {
        return wrong("clean.undecodable_max", "is a share and must lie between 0 and 1");
    }
    if !(0.0..=1.0).contains(&config.enrich.near_dup_min) {
        return wrong("enrich.near_dup_min", "is a share and must lie between 0 and 1");
    }
    if let Some(label) = config.enrich.mask.iter().find(|m| !LABELS.contains(&m.as_str())) {
        let near = super::nearest(&label.to_uppercase(), LABELS);
        let hint = near.map_or_else(|| format!("one of {}", LABELS.join(" ")), |n| format!("did you mean \"{n}\"?"));
        return wrong("enrich.mask", format!("names the label \"{label}\", which does not exist: {hint}"));
    }
    Ok(())
}

fn output(config: &Config) -> Verdict {
    if config.sink.max_line_bytes < 16 << 10 {
        return wrong("sink.max_line_bytes", "must be at least 16384 bytes, or a record has no room for its keys");
    }
    if config.sink.segment_bytes == 0 {
        return wrong("sink.segment_bytes", "must be at least 1, or no record fits a segment");
    }
    if config.ledger.group_bytes == 0 {
        return wrong("ledger.group_bytes", "must be at least 1, or nothing can be committed");
    }
    if config.pipeline.queue_max == 0 {
        return wrong("pipeline.queue_max", "must be at least 1");
    }
    Ok(())
}

fn service(config: &Config) -> Verdict {
    let listen = config.http.listen.as_str();
    if !listen.is_empty() && address(listen).is_none() {
        return wrong(
            "http.listen",
            "is an address and a port such as \"127.0.0.1:7878\"; \":0\" picks a port, \"\" = off",
        );
    }
    if config.http.token.contains(char::is_whitespace) {
        return wrong("http.token", "holds a blank, which no client can send in a header");
    }
    const LEVELS: &[&str] = &["off", "error", "warn", "info", "debug", "trace"];
    let level = config.log.level.as_str();
    let plain = level.chars().all(|c| c.is_ascii_alphanumeric());
    if plain && !LEVELS.contains(&level.to_ascii_lowercase().as_str()) {
        let near = super::nearest(level, LEVELS).map(|n| format!(": did you mean \"{n}\"?")).unwrap_or_default();
        return wrong("log.level", format!("is no level{near} (error, warn, info, debug, trace, or a filter)"));
    }
    Ok(())
}

/// The address a server listens on; a port alone means this machine.
pub fn address(listen: &str) -> Option<SocketAddr> {
    let full = if listen.starts_with(':') { format!("127.0.0.1{listen}") } else { listen.to_owned() };
    if let Ok(address) = full.parse() {
        return Some(address);
    }
    let (host, port) = full.rsplit_once(':')?;
    let port: u16 = port.parse().ok()?;
    // A name is looked up only if it can be one: an address with a slip in it must not wait for a resolver.
    (host == "localhost").then(|| (host, port).to_socket_addrs().ok()?.next()).flatten()
}

/// Whether `inner` lies in `outer`, or is it, with no hidden folder between.
fn visibly_in(inner: &Path, outer: &Path) -> bool {
    let plain = |path: &Path| -> PathBuf { path.components().filter(|c| *c != Component::CurDir).collect() };
    plain(inner).strip_prefix(plain(outer)).is_ok_and(|below| {
        !below.components().any(|c| c.as_os_str().as_encoded_bytes().starts_with(b".") && c != Component::ParentDir)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_is_of_this_machine() {
        assert_eq!(address(":0").map(|a| a.to_string()).as_deref(), Some("127.0.0.1:0"));
        assert_eq!(address("[::1]:80").map(|a| a.to_string()).as_deref(), Some("[::1]:80"));
        assert!(address("7878").is_none() && address("127.0.0.1").is_none() && address("127.0.0.l:80").is_none());
    }

    #[test]
    fn a_hidden_folder_in_the_watched_one_is_not_seen() {
        assert!(visibly_in(Path::new("./in/out"), Path::new("in")));
        assert!(visibly_in(Path::new("in"), Path::new("./in/")));
        assert!(!visibly_in(Path::new("in/.done"), Path::new("in")));
        assert!(!visibly_in(Path::new("inbox"), Path::new("in")));
    }
}
