//! The committer over a real folder.

use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::view::Standing;
use super::{ChunkLines, ChunkResult, Clock, Committer, Finding, Verdict};
use crate::config::Config;
use crate::record::drop::{Carry, DropId, DropInfo, FileIdentity};
use crate::record::line::{JumpFacts, Line, Receipt, Record};
use crate::record::mention::Fingerprint;

fn config(root: &Path) -> Config {
    let mut config = Config::default();
    config.watch.folder = root.join("in");
    config.sink.folder = root.join("out");
    config.ledger.folder = root.join("state");
    config
}

pub(super) fn clock() -> Clock {
    Arc::new(|| 1_725_500_000_000)
}

/// A drop of one chunk: its text names its articles, one a line.
pub(super) fn drop_of(name: &str, text: &str) -> ChunkResult {
    chunk_of(name, text, 0, 0, text.len(), true)
}

pub(super) fn chunk_of(name: &str, text: &str, chunk: u32, start: usize, end: usize, last: bool) -> ChunkResult {
    let id = DropId(Sha256::digest(text.as_bytes()).into());
    let info = DropInfo { id, name: name.into(), bytes: text.len() as u64, admitted_ms: 7, mtime_ms: 0 };
    let mut at = start;
    let mut lines = Vec::new();
    for title in text.get(start..end).expect("on a border").split_inclusive('\n') {
        let mut record = Record { id: format!("{}-{at}", id.short()), title: title.trim().into(), ..Record::default() };
        record.metadata.drop.sha256 = id.to_string();
        record.metadata.drop.name = name.into();
        record.metadata.drop.bytes = text.len() as u64;
        record.added = super::rfc3339(7);
        lines.push(Line::render(&record, Fingerprint::default(), JumpFacts::default()));
        at += title.len();
    }
    ChunkResult {
        drop: Arc::new(info),
        path: Path::new("in").join(name),
        identity: FileIdentity { ino: text.len() as u64, ..FileIdentity::default() },
        evidence: "renamed",
        chunk,
        start: start as u64,
        bytes: (end - start) as u64,
        last,
        finding: Finding::Lines(ChunkLines {
            lines,
            carry: Carry { page: chunk.to_string(), ..Carry::default() },
            ..ChunkLines::default()
        }),
    }
}

fn titles(folder: &Path) -> String {
    let mut names: Vec<_> = std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path()).collect();
    names.sort();
    let mut out = Vec::new();
    for path in names.iter().filter(|p| p.display().to_string().contains("articles-")) {
        for line in std::fs::read_to_string(path).expect("readable").lines() {
            let record: Record<'_> = serde_json::from_str(line).expect("a record");
            out.push(format!("{}:{}", record.seq, record.title));
        }
    }
    out.join(" ")
}

fn receipts(out: &Path) -> Vec<Receipt> {
    let text = std::fs::read_to_string(out.join("live/drops-00000000000000000001.jsonl")).expect("receipts");
    text.lines().map(|l| serde_json::from_str(l).expect("a receipt")).collect()
}

#[test]
fn lines_are_visible_when_commit_returns_and_sealed_at_a_clean_stop() {
    let root = tempfile::tempdir().expect("a temp folder");
    let (mut committer, _) = Committer::open(&config(root.path()), clock()).expect("opens");
    let done = committer.commit(&[drop_of("a.txt", "甲\n乙\n"), drop_of("b.txt", "丙\n")]).expect("commits");
    assert_eq!(
        done.iter().map(|d| (d.verdict, d.ids.len())).collect::<Vec<_>>(),
        [(Verdict::Written, 2), (Verdict::Written, 1)]
    );
    assert_eq!(titles(&root.path().join("out/live")), "1:甲 2:乙 3:丙");
    committer.seal().expect("seals");
    assert_eq!(titles(&root.path().join("out/sealed")), "1:甲 2:乙 3:丙");
    assert_eq!(std::fs::read_to_string(root.path().join("out/manifest.jsonl")).expect("a manifest").lines().count(), 2);
    drop(committer);
    let (mut committer, _) = Committer::open(&config(root.path()), clock()).expect("opens again");
    committer.commit(&[drop_of("c.txt", "丁\n")]).expect("commits");
    assert_eq!(titles(&root.path().join("out/live")), "1:甲 2:乙 3:丙 4:丁");
}

#[test]
fn the_same_bytes_give_lines_once_and_new_bytes_supersede() {
    let root = tempfile::tempdir().expect("a temp folder");
    let (mut committer, _) = Committer::open(&config(root.path()), clock()).expect("opens");
    let group = [drop_of("a", "甲\n"), drop_of("b", "甲\n"), drop_of("a", "甲\n"), drop_of("a", "乙\n")];
    let done = committer.commit(&group).expect("commits");
    use Verdict::{Again, Duplicate, Written};
    assert_eq!(done.iter().map(|d| d.verdict).collect::<Vec<_>>(), [Written, Duplicate, Again, Written]);
    let told: Vec<_> =
        receipts(&root.path().join("out")).into_iter().map(|r| (r.seq, r.outcome, r.ids.len())).collect();
    assert_eq!(told, [(1, "done".into(), 1), (2, "duplicate".into(), 0), (3, "done".into(), 1)]);
    let last =
        std::fs::read_to_string(root.path().join("out/live/articles-00000000000000000001.jsonl")).expect("lines");
    let last: Record<'_> = serde_json::from_str(last.lines().last().expect("a line")).expect("a record");
    assert_eq!(last.supersedes, group[0].drop.id.to_string());
}

#[test]
fn a_large_drop_resumes_where_it_stood() {
    let root = tempfile::tempdir().expect("a temp folder");
    let text = "甲\n乙\n丙\n";
    let (first, second) = (chunk_of("a", text, 0, 0, 8, false), chunk_of("a", text, 1, 8, 12, true));
    let (mut committer, _) = Committer::open(&config(root.path()), clock()).expect("opens");
    committer.commit(std::slice::from_ref(&first)).expect("commits");
    drop(committer);
    let (mut committer, _) = Committer::open(&config(root.path()), clock()).expect("opens");
    let Standing::Resume { next_chunk, next_offset, carry, admitted_ms } =
        committer.ledger().standing(&first.drop.id).expect("answers")
    else {
        panic!("it is in mid-flight");
    };
    assert_eq!((next_chunk, next_offset, carry.page.as_str(), admitted_ms), (1, 8, "0", 7));
    let done = committer.commit(&[first, second.clone()]).expect("commits");
    assert_eq!(done.iter().map(|d| d.verdict).collect::<Vec<_>>(), [Verdict::Skipped, Verdict::Written]);
    assert_eq!(titles(&root.path().join("out/live")), "1:甲 2:乙 3:丙");
    assert_eq!(committer.ledger().standing(&second.drop.id).expect("answers"), Standing::Done);
}

#[test]
fn a_second_daemon_is_refused() {
    let root = tempfile::tempdir().expect("a temp folder");
    let (_committer, _) = Committer::open(&config(root.path()), clock()).expect("opens");
    let error = Committer::open(&config(root.path()), clock()).err().expect("locked");
    assert_eq!(error.exit_code(), 75);
}
