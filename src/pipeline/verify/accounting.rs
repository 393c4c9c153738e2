//! The byte accounting of drops: each byte is in a record, or set aside by name, or follows by rule.
//!
//! By rule: white space, invisible characters, and hyphens at a joined line end.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::Report;
use crate::config::WatchConfig;
use crate::disk::Disk;
use crate::record::line::{Receipt, Record};
use crate::record::stream::Stream;
use crate::sink::SinkError;
use crate::sink::follow::{FollowError, Follower};
use crate::watch::{Found, Reading};

/// What the output says of one drop.
#[derive(Default)]
struct Account {
    encoding: String,
    /// Raw ranges, start and end.
    covered: Vec<(u64, u64)>,
    done: bool,
}

/// Takes every file below a folder, and looks up where each of its bytes went.
///
/// # Errors
/// Output or folder cannot be read; what does not add up is a finding.
pub fn account(disk: &dyn Disk, drops: &Path, watch: &WatchConfig, report: &mut Report) -> Result<(), SinkError> {
    // Whole drops are kept in memory one at a time; packed ones are accounted unpacked.
    let whole = WatchConfig { chunk_bytes: 1 << 30, ..watch.clone() };
    let mut files = Vec::new();
    list(drops, Path::new(""), &mut files).map_err(|source| SinkError::Disk {
        doing: "list",
        name: drops.display().to_string(),
        source,
    })?;
    let mut at_hand: HashMap<String, PathBuf> = HashMap::new();
    for rel in files {
        let reading = Found::at(drops, &rel).ok().and_then(|found| Reading::open(&found, &whole).ok());
        // A file that cannot be read was refused, and there is nothing to account for.
        if let Some(reading) = reading {
            at_hand.insert(reading.id().to_string(), rel);
        }
    }
    let mut accounts = accounts(disk, &at_hand.keys().cloned().collect())?;
    for (sha256, rel) in at_hand {
        let Some(account) = accounts.remove(&sha256) else {
            report.drops_unknown += 1;
            continue;
        };
        if account.done {
            report.drops_accounted += 1;
            one(drops, &rel, &whole, account, report);
        }
    }
    Ok(())
}

fn accounts(disk: &dyn Disk, wanted: &HashSet<String>) -> Result<HashMap<String, Account>, SinkError> {
    let mut accounts: HashMap<String, Account> = HashMap::new();
    read(disk, Stream::Drops, |line| {
        let Ok(receipt) = serde_json::from_slice::<Receipt>(line) else { return };
        if !wanted.contains(&receipt.sha256) {
            return;
        }
        let account = accounts.entry(receipt.sha256).or_default();
        account.done |= receipt.outcome == "done" && receipt.last;
        let aside = receipt.set_aside.raw.iter().zip(&receipt.set_aside.len);
        account.covered.extend(aside.map(|(raw, len)| (*raw, raw + len)));
    })?;
    read(disk, Stream::Articles, |line| {
        let Ok(record) = serde_json::from_slice::<Record<'_>>(line) else { return };
        let Some(account) = accounts.get_mut(&record.metadata.drop.sha256) else { return };
        account.encoding = record.metadata.drop.encoding.into_owned();
        let map = &record.source_map;
        account.covered.extend(map.raw.iter().zip(&map.len).map(|(raw, len)| (*raw, raw + len)));
    })?;
    Ok(accounts)
}

fn read(disk: &dyn Disk, stream: Stream, mut each: impl FnMut(&[u8])) -> Result<(), SinkError> {
    // From the oldest line that is there; gaps are told elsewhere.
    let mut follower = Follower::after(stream, 0);
    loop {
        match follower.poll::<FollowError>(disk, |_, line| {
            each(line);
            Ok(())
        }) {
            Err(FollowError::Gone { oldest, .. }) => follower = Follower::after(stream, oldest - 1),
            Err(FollowError::Disk(error)) => return Err(error),
            _ => return Ok(()),
        }
    }
}

fn one(drops: &Path, rel: &Path, watch: &WatchConfig, mut account: Account, report: &mut Report) {
    let place = rel.display().to_string();
    let mut bytes = Vec::new();
    let read = Found::at(drops, rel).map_err(|e| e.to_string()).and_then(|found| {
        let mut reading = Reading::open(&found, watch).map_err(|e| e.to_string())?;
        while let Some(piece) = reading.next_chunk().map_err(|e| e.to_string())? {
            bytes.extend_from_slice(&piece.bytes);
        }
        Ok(())
    });
    if let Err(error) = read {
        report.find(&place, error);
        return;
    }
    account.covered.sort_unstable();
    let end = bytes.len() as u64;
    if let Some((_, beyond)) = account.covered.last().filter(|(_, covered)| *covered > end) {
        report.find(&place, format!("the output speaks of byte {beyond}, and the drop ends at {end}"));
    }
    let mut at = 0;
    for (start, stop) in account.covered.into_iter().chain([(end, end)]) {
        if start > at {
            gap(&place, &account.encoding, &bytes, at, start.min(end), report);
        }
        at = at.max(stop);
    }
}

/// Looks whether what lies between two covered ranges follows by rule.
fn gap(place: &str, encoding: &str, bytes: &[u8], start: u64, end: u64, report: &mut Report) {
    let range = |at: u64| usize::try_from(at).unwrap_or(bytes.len()).min(bytes.len());
    let raw = &bytes[range(start)..range(end)];
    let text = match encoding {
        "hz-gb-2312" => String::from_utf8_lossy(raw).replace("~{", "").replace("~}", "").replace("~\n", ""),
        label => {
            let decoder = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap_or(encoding_rs::UTF_8);
            decoder.decode_without_bom_handling(raw).0.into_owned()
        }
    };
    if let Some(lost) = text.chars().find(|c| !follows_by_rule(*c)) {
        report.find(place, format!("bytes {start} to {end} are in no record and not set aside (`{lost}` among them)"));
    }
}

/// White space, invisible characters, hyphens.
fn follows_by_rule(c: char) -> bool {
    let code = u32::from(c);
    let invisible = matches!(code, 0xad | 0x34f | 0x61c | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f
        | 0x202a..=0x202e | 0x2060..=0x206f | 0x3164 | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xe000..=0xf8ff | 0xfff9..=0xfffb
        | 0xe0000..=0xe0fff | 0xf0000..=0x0010_ffff);
    c.is_whitespace() || c.is_control() || invisible || matches!(c, '-' | '\u{2010}' | '\u{2011}')
}

fn list(root: &Path, below: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries: Vec<_> = std::fs::read_dir(root.join(below))?.collect::<std::io::Result<_>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (kind, rel) = (entry.file_type()?, below.join(entry.file_name()));
        let quarantined = entry.file_name() == crate::watch::QUARANTINE;
        if kind.is_dir() && !quarantined {
            list(root, &rel, found)?;
        } else if kind.is_file() {
            found.push(rel);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &str, covered: &[(u64, u64)], expected: usize) {
        let folder = tempfile::tempdir().expect("a temp folder");
        std::fs::write(folder.path().join("a.txt"), bytes).expect("written");
        let mut report = Report::default();
        let account = Account { encoding: "utf-8".into(), covered: covered.to_vec(), done: true };
        one(folder.path(), Path::new("a.txt"), &WatchConfig::default(), account, &mut report);
        assert_eq!(report.findings.len(), expected, "{:?}", report.findings);
    }

    #[test]
    fn blanks_and_line_breaks_follow_by_rule() {
        check("\u{feff}甲乙\n\n　丙-\n", &[(3, 9), (14, 17)], 0);
    }

    #[test]
    fn a_lost_character_is_named() {
        check("甲乙丙", &[(0, 3), (6, 9)], 1);
        check("甲乙丙", &[(0, 6)], 1);
        check("甲乙丙", &[(0, 12)], 1);
    }
}
