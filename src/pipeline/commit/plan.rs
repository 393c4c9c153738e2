//! Turns a group of chunk results into what one transaction will hold.

use std::collections::{HashMap, HashSet};

use super::{ChunkLines, ChunkResult, CommitError, Committed, Committer, Finding, Rules, Staged, Verdict, rfc3339};
use crate::ledger::near_dup::{self, Shelf};
use crate::ledger::rows::{ChunkRow, DropRow, JumpRow, NearRow, PathRow, State};
use crate::ledger::{Journal, JournalError};
use crate::record::drop::{Carry, DropId, FileIdentity};
use crate::record::line::{Line, NearDup, Receipt, SCHEMA_VERSION, SetAsideOut, Splice};
use crate::record::text::SetAside;
use crate::sink::place::Placed;

/// Decides on every result in turn; nothing is changed but the returned plan.
pub(super) fn make(committer: &Committer, group: &[ChunkResult], now: i64) -> Result<Staged, CommitError> {
    let mut journal = committer.lock();
    let mut plan = Plan {
        journal: &mut **journal,
        rules: &committer.rules,
        now,
        running: committer.running.clone(),
        articles: Placed::after(&committer.articles),
        receipts: Placed::after(&committer.drops),
        drops: HashMap::new(),
        paths: HashMap::new(),
        order: Vec::new(),
        staged: Staged::default(),
    };
    for result in group {
        let (verdict, ids) = plan.decide(result)?;
        plan.staged.answers.push(Committed {
            drop: result.drop.id,
            name: result.drop.name.clone(),
            path: result.path.clone(),
            identity: result.identity,
            chunk: result.chunk,
            last: result.last,
            verdict,
            ids,
        });
    }
    Ok(plan.staged())
}

struct Plan<'a> {
    journal: &'a mut dyn Journal,
    rules: &'a Rules,
    now: i64,
    running: HashMap<DropId, String>,
    articles: Placed,
    receipts: Placed,
    /// Rows as this group leaves them.
    drops: HashMap<DropId, DropRow>,
    paths: HashMap<String, PathRow>,
    order: Vec<DropId>,
    staged: Staged,
}

type Decision = Result<(Verdict, Vec<String>), CommitError>;

impl Plan<'_> {
    fn decide(&mut self, result: &ChunkResult) -> Decision {
        if let Finding::Unreadable(reason) = &result.finding {
            return self.unreadable(result, reason);
        }
        let row = self.row(&result.drop.id)?;
        let path = self.path(result)?;
        let same_name = path.as_ref().is_some_and(|p| p.sha256 == result.drop.id.to_string());
        match (row, &result.finding) {
            (Some(row), _) if row.state == State::Done => self.done_before(result, &row, path, same_name),
            (Some(row), Finding::Seen) => self.refuse(result, Some(row.clone()), path, same_name, &row.reason),
            (None, Finding::Seen) => self.refuse(result, None, path, same_name, "its record in the ledger is missing"),
            (row, Finding::Refused(reason)) => self.refuse(result, row, path, same_name, reason),
            (row, Finding::Incomplete(reason)) => self.incomplete(result, row, path, same_name, reason),
            (row, Finding::Lines(lines)) => self.lines(result, row, path, lines),
            (_, Finding::Unreadable(_)) => unreachable!("decided above"),
        }
    }

    /// These bytes have given their lines already.
    fn done_before(&mut self, result: &ChunkResult, row: &DropRow, path: Option<PathRow>, same_name: bool) -> Decision {
        if same_name {
            self.again(result, path);
            return Ok((Verdict::Again, Vec::new()));
        }
        if !result.last && matches!(result.finding, Finding::Lines(_)) {
            return Ok((Verdict::Skipped, Vec::new()));
        }
        let reason = format!("the same bytes as {}", row.name);
        self.receipt(result, "duplicate", &reason, Counted { bytes: result.drop.bytes, ..Counted::default() });
        self.saw(result, "duplicate", &reason);
        Ok((Verdict::Duplicate, Vec::new()))
    }

    fn refuse(
        &mut self,
        result: &ChunkResult,
        row: Option<DropRow>,
        path: Option<PathRow>,
        same_name: bool,
        reason: &str,
    ) -> Decision {
        if same_name && path.as_ref().is_some_and(|p| p.outcome == "refused" && p.reason == reason) {
            self.again(result, path);
            return Ok((Verdict::Refused, Vec::new()));
        }
        let mut row = row.unwrap_or_else(|| self.new_row(result, path.as_ref()));
        let counted = Counted {
            bytes: result.drop.bytes.saturating_sub(row.next_offset),
            chunk: row.next_chunk,
            ..Counted::default()
        };
        self.receipt(result, "refused", reason, counted);
        (row.state, row.reason, row.finished_ms) = (State::Refused, reason.into(), self.now);
        self.saw(result, "refused", reason);
        self.settle(row, None);
        Ok((Verdict::Refused, Vec::new()))
    }

    fn incomplete(
        &mut self,
        result: &ChunkResult,
        row: Option<DropRow>,
        path: Option<PathRow>,
        same_name: bool,
        reason: &str,
    ) -> Decision {
        if same_name && row.as_ref().is_some_and(|r| r.state == State::Incomplete) {
            self.again(result, path);
            return Ok((Verdict::Incomplete, Vec::new()));
        }
        let mut row = row.unwrap_or_else(|| self.new_row(result, path.as_ref()));
        self.receipt(result, "incomplete", reason, Counted { chunk: row.next_chunk, ..Counted::default() });
        (row.state, row.reason, row.finished_ms) = (State::Incomplete, reason.into(), self.now);
        self.saw(result, "incomplete", reason);
        self.settle(row, None);
        Ok((Verdict::Incomplete, Vec::new()))
    }

    fn unreadable(&mut self, result: &ChunkResult, reason: &str) -> Decision {
        let path = self.path(result)?;
        if path.as_ref().is_some_and(|p| p.sha256.is_empty() && p.reason == reason) {
            self.again(result, path);
        } else {
            self.receipt(result, "refused", reason, Counted::default());
            self.saw(result, "refused", reason);
        }
        Ok((Verdict::Refused, Vec::new()))
    }

    fn lines(
        &mut self,
        result: &ChunkResult,
        row: Option<DropRow>,
        path: Option<PathRow>,
        lines: &ChunkLines,
    ) -> Decision {
        let id = result.drop.id;
        if self.running.get(&id).is_some_and(|name| *name != result.drop.name) {
            return Ok((Verdict::Later, Vec::new()));
        }
        let mut row = row.unwrap_or_else(|| self.new_row(result, path.as_ref()));
        if result.chunk < row.next_chunk {
            return Ok((Verdict::Skipped, Vec::new()));
        }
        if result.chunk > row.next_chunk {
            let name = result.drop.name.clone();
            return Err(CommitError::OutOfOrder { name, expected: row.next_chunk, found: result.chunk });
        }
        let written = self.written(&row)?;
        let first_seq = self.articles.tail.next_seq;
        let mut ids = Vec::with_capacity(lines.lines.len());
        for line in &lines.lines {
            row.articles += 1;
            if !written.contains(line.id.as_str()) {
                self.line(line, &row)?;
            }
            ids.push(line.id.clone());
        }
        let receipt_seq = if row.rebuilt && result.chunk < row.receipts {
            0
        } else {
            let counted = Counted {
                bytes: result.bytes,
                chunk: result.chunk,
                ids: ids.clone(),
                set_aside: set_aside(result.start, &lines.set_aside),
            };
            self.receipt(result, "done", "", counted)
        };
        self.staged.batch.chunks.push(ChunkRow {
            drop: id,
            chunk: result.chunk,
            start: result.start,
            bytes: result.bytes,
            starts: ids.iter().map(|id| start_of(id)).collect(),
            first_seq,
            receipt_seq,
            finished_ms: self.now,
        });
        row.next_chunk += 1;
        row.next_offset = result.start + result.bytes;
        row.carry = if result.last { Carry::default() } else { lines.carry.clone() };
        row.state = if result.last { State::Done } else { State::Running };
        (row.finished_ms, row.reason) = (self.now, String::new());
        row.rebuilt &= !result.last;
        self.saw(result, row.state.word(), "");
        let running = (!result.last).then(|| result.drop.name.clone());
        self.settle(row, running);
        Ok((Verdict::Written, ids))
    }

    fn line(&mut self, line: &Line, row: &DropRow) -> Result<(), CommitError> {
        let near_dup = self.near(line, row)?;
        let continues = self.continues(line)?;
        let (supersedes, article) = (row.supersedes.clone(), row.articles);
        let seq = self.articles.line(self.now, self.rules.segment_bytes, |seq, out| {
            line.write(&Splice { seq, near_dup, continues, supersedes, article }, out);
        });
        let keys = near_dup::keys(&line.fingerprint);
        if !keys.is_empty() {
            let doc = near_dup::doc(&line.id, &line.fingerprint, row.admitted_ms);
            self.staged.batch.near.push(NearRow { seq, keys, doc });
        }
        if !line.jump.to_page.is_empty() {
            self.staged.batch.jumps.push(JumpRow {
                issue: issue(line),
                id: line.id.clone(),
                seq,
                page: line.jump.page.clone(),
                to_page: line.jump.to_page.clone(),
                title: line.jump.title.clone(),
            });
        }
        Ok(())
    }

    fn near(&mut self, line: &Line, row: &DropRow) -> Result<NearDup, CommitError> {
        let horizon = self.rules.near_dup_horizon_ms;
        let since = if horizon == 0 { i64::MIN } else { row.admitted_ms - horizon };
        let mut shelf = Staging { journal: &mut *self.journal, staged: &self.staged.batch.near };
        Ok(near_dup::nearest(&line.fingerprint, &mut shelf, self.rules.near_dup_min, since)?)
    }

    /// The earlier article of the same issue that this one goes on from: it stands on the page named here, points to the
    /// page where this one stands, and has the most similar title.
    fn continues(&mut self, line: &Line) -> Result<String, CommitError> {
        let jump = &line.jump;
        if jump.from_page.is_empty() {
            return Ok(String::new());
        }
        let issue = issue(line);
        let mut candidates = self.journal.jumps(&issue)?;
        candidates.extend(self.staged.batch.jumps.iter().filter(|j| j.issue == issue).cloned());
        let best = candidates
            .iter()
            .filter(|j| j.page == jump.from_page && (jump.page.is_empty() || j.to_page == jump.page))
            .max_by(|a, b| {
                let likeness = |j: &JumpRow| strsim::jaro_winkler(&j.title, &jump.title);
                likeness(a).total_cmp(&likeness(b)).then(a.seq.cmp(&b.seq))
            });
        Ok(best.map(|j| j.id.clone()).unwrap_or_default())
    }

    /// Ids of this drop that the output already holds.
    fn written(&mut self, row: &DropRow) -> Result<HashSet<String>, CommitError> {
        if !row.rebuilt {
            return Ok(HashSet::new());
        }
        Ok(self.journal.chunks(&row.id)?.iter().flat_map(ChunkRow::ids).collect())
    }

    fn receipt(&mut self, result: &ChunkResult, outcome: &str, reason: &str, counted: Counted) -> u64 {
        let unread = result.drop.id == DropId::UNREAD;
        let last = outcome != "done" || result.last;
        let mut receipt = Receipt {
            seq: 0,
            r#type: "receipt".into(),
            schema_version: SCHEMA_VERSION.into(),
            sha256: if unread { String::new() } else { result.drop.id.to_string() },
            name: result.drop.name.clone(),
            outcome: outcome.into(),
            reason: reason.into(),
            ids: counted.ids,
            bytes: counted.bytes,
            chunk: u64::from(counted.chunk),
            last,
            set_aside: counted.set_aside,
            admitted: rfc3339(result.drop.admitted_ms),
            finished: rfc3339(self.now),
        };
        self.receipts.line(self.now, self.rules.segment_bytes, |seq, out| {
            receipt.seq = seq;
            receipt.write(out);
        })
    }

    /// The same bytes under the same name: a counter, no receipt.
    fn again(&mut self, result: &ChunkResult, path: Option<PathRow>) {
        if let Some(mut path) = path {
            path.again += 1;
            path.identity = result.identity;
            path.seen_ms = self.now;
            self.paths.insert(path.name.clone(), path);
        }
    }

    fn saw(&mut self, result: &ChunkResult, outcome: &str, reason: &str) {
        let unread = result.drop.id == DropId::UNREAD;
        let row = PathRow {
            name: result.key(&self.rules.folder),
            identity: result.identity,
            sha256: if unread { String::new() } else { result.drop.id.to_string() },
            outcome: outcome.into(),
            reason: reason.into(),
            seen_ms: self.now,
            again: 0,
        };
        self.paths.insert(row.name.clone(), row);
    }

    fn settle(&mut self, row: DropRow, running: Option<String>) {
        match &running {
            Some(name) => self.running.insert(row.id, name.clone()),
            None => self.running.remove(&row.id),
        };
        self.staged.running.push((row.id, running));
        if !self.drops.contains_key(&row.id) {
            self.order.push(row.id);
        }
        self.drops.insert(row.id, row);
    }

    fn new_row(&self, result: &ChunkResult, path: Option<&PathRow>) -> DropRow {
        let id = result.drop.id;
        let before = path.map(|p| p.sha256.clone()).filter(|sha256| *sha256 != id.to_string());
        DropRow {
            id,
            name: result.drop.name.clone(),
            bytes: result.drop.bytes,
            admitted_ms: result.drop.admitted_ms,
            finished_ms: self.now,
            evidence: result.evidence.into(),
            state: State::Running,
            reason: String::new(),
            next_chunk: 0,
            next_offset: 0,
            carry: Carry::default(),
            articles: 0,
            supersedes: before.unwrap_or_default(),
            rebuilt: false,
            receipts: 0,
        }
    }

    fn row(&mut self, id: &DropId) -> Result<Option<DropRow>, JournalError> {
        match self.drops.get(id) {
            Some(row) => Ok(Some(row.clone())),
            None => self.journal.drop_row(id),
        }
    }

    fn path(&mut self, result: &ChunkResult) -> Result<Option<PathRow>, JournalError> {
        let key = result.key(&self.rules.folder);
        if let Some(row) = self.paths.get(&key) {
            return Ok(Some(row.clone()));
        }
        match self.journal.path(&key)? {
            // A rebuilt ledger knows names only as records write them.
            None if key != result.drop.name => {
                let told = self.journal.path(&result.drop.name)?;
                Ok(told.filter(|row| row.identity == FileIdentity::default()).map(|row| PathRow { name: key, ..row }))
            }
            found => Ok(found),
        }
    }

    fn staged(mut self) -> Staged {
        self.staged.batch.drops = self.order.iter().filter_map(|id| self.drops.remove(id)).collect();
        self.staged.batch.paths = self.paths.into_values().collect();
        self.staged.batch.paths.sort_by(|a, b| a.name.cmp(&b.name));
        // Articles before receipts: a reader who sees a receipt finds its articles.
        self.staged.placed = vec![self.articles, self.receipts];
        self.staged
    }
}

#[derive(Default)]
struct Counted {
    bytes: u64,
    chunk: u32,
    ids: Vec<String>,
    set_aside: SetAsideOut,
}

fn set_aside(start: u64, list: &[SetAside]) -> SetAsideOut {
    SetAsideOut {
        raw: list.iter().map(|s| start + u64::from(s.raw.start)).collect(),
        len: list.iter().map(|s| u64::from(s.raw.len())).collect(),
        r#as: list.iter().map(|s| s.kind.to_owned()).collect(),
    }
}

/// The raw byte in a record's id.
fn start_of(id: &str) -> u64 {
    id.split_once('-')
        .and_then(|(_, start)| start.parse().ok())
        .expect("an id ends with the byte where its record starts")
}

fn issue(line: &Line) -> String {
    format!("{}|{}", line.jump.paper, line.jump.published)
}

/// The journal with the articles of this group on top.
struct Staging<'a> {
    journal: &'a mut dyn Journal,
    staged: &'a [NearRow],
}

impl Shelf for Staging<'_> {
    fn postings(&mut self, keys: &[u64]) -> Result<Vec<(u64, u64)>, JournalError> {
        let mut found = self.journal.near_postings(keys)?;
        for row in self.staged {
            found.extend(keys.iter().filter(|key| row.keys.contains(key)).map(|key| (*key, row.seq)));
        }
        Ok(found)
    }

    fn doc(&mut self, seq: u64) -> Result<Option<Vec<u8>>, JournalError> {
        match self.staged.iter().find(|row| row.seq == seq) {
            Some(row) => Ok(Some(row.doc.clone())),
            None => self.journal.near_doc(seq),
        }
    }
}
