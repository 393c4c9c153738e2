//! Runs the committer on a thread of its own: groups what arrived during the last commit, pauses when it must.

use std::time::Duration;

use async_channel::{Receiver, TryRecvError};
use tokio::runtime::Handle;

use super::{ChunkResult, CommitError, Committed, Committer, Finding};
use crate::record::fate::Fate;

/// What a committer is sent.
#[derive(Debug)]
pub enum Job {
    Chunk(Box<ChunkResult>),
    /// The address of the page, for `status.json`.
    Http(String),
}

/// What a committer says.
#[derive(Debug)]
pub enum Told {
    /// A group is about to be committed.
    Begun,
    /// One answer a chunk, in the order of the chunks.
    Committed(Vec<Committed>),
    /// Nothing can be committed for now: no room, or a folder is away. It goes on trying; nothing is lost.
    Paused {
        why: String,
    },
    Resumed,
}

const TICK: Duration = Duration::from_secs(1);
const IDLE_TICK: Duration = Duration::from_secs(10);
const RETRY_FIRST: Duration = Duration::from_millis(100);
const RETRY_MAX: Duration = Duration::from_secs(1);

/// Commits what comes until every sender is gone, then seals and returns. `tell` is called on this thread.
///
/// # Errors
/// The promise to readers cannot be kept any longer (see [`Fate::Stop`]), or the senders are gone while nothing can be
/// committed. What was not answered was not committed, or will be finished by the next start.
pub fn serve(
    committer: &mut Committer,
    inbox: &Receiver<Job>,
    runtime: &Handle,
    mut tell: impl FnMut(Told),
) -> Result<(), CommitError> {
    let mut pause = Pause::default();
    let mut held: Option<ChunkResult> = None;
    loop {
        let mut group: Vec<ChunkResult> = held.take().into_iter().collect();
        if group.is_empty() {
            let wait = if committer.is_busy() { TICK } else { IDLE_TICK };
            match runtime.block_on(async { tokio::time::timeout(wait, inbox.recv()).await }) {
                Ok(Ok(Job::Chunk(chunk))) => group.push(*chunk),
                Ok(Ok(Job::Http(address))) => committer.set_http(&address),
                Ok(Err(_)) => break,
                Err(_) => pause.until_done(committer, inbox, &mut tell, Committer::tidy)?,
            }
        }
        if !group.is_empty() {
            held = gather(committer, inbox, &mut group);
            tell(Told::Begun);
            let answers = pause.until_done(committer, inbox, &mut tell, |c| c.commit(&group))?;
            tell(Told::Committed(answers));
        }
        pause.until_done(committer, inbox, &mut tell, Committer::tick)?;
    }
    pause.until_done(committer, inbox, &mut tell, Committer::seal)
}

/// Adds what has arrived meanwhile, as long as the group stays small; what is too much is held for the next one.
fn gather(committer: &mut Committer, inbox: &Receiver<Job>, group: &mut Vec<ChunkResult>) -> Option<ChunkResult> {
    let mut bytes: usize = group.iter().map(size).sum();
    loop {
        match inbox.try_recv() {
            Ok(Job::Chunk(chunk)) => {
                bytes += size(&chunk);
                if bytes > committer.rules.group_bytes {
                    return Some(*chunk);
                }
                group.push(*chunk);
            }
            Ok(Job::Http(address)) => committer.set_http(&address),
            Err(TryRecvError::Empty | TryRecvError::Closed) => return None,
        }
    }
}

fn size(chunk: &ChunkResult) -> usize {
    let lines = match &chunk.finding {
        Finding::Lines(lines) => lines.lines.iter().map(crate::record::line::Line::len_max).sum(),
        _ => 0,
    };
    lines + 1024
}

#[derive(Default)]
struct Pause {
    paused: bool,
}

impl Pause {
    /// Repeats a step while its error may pass. The committer has taken nothing by halves: a repeated step goes on.
    fn until_done<T>(
        &mut self,
        committer: &mut Committer,
        inbox: &Receiver<Job>,
        tell: &mut impl FnMut(Told),
        mut step: impl FnMut(&mut Committer) -> Result<T, CommitError>,
    ) -> Result<T, CommitError> {
        let mut wait = RETRY_FIRST;
        loop {
            match step(committer) {
                Ok(done) => {
                    if std::mem::take(&mut self.paused) {
                        committer.set_paused("");
                        tracing::info!("committing goes on");
                        tell(Told::Resumed);
                    }
                    return Ok(done);
                }
                Err(error) if error.fate() == Fate::Retry && !inbox.is_closed() => {
                    if !self.paused {
                        self.paused = true;
                        let why = sentence(&error);
                        tracing::error!(%why, "committing paused");
                        committer.set_paused(&why);
                        tell(Told::Paused { why });
                    }
                    std::thread::sleep(wait);
                    wait = (wait * 2).min(RETRY_MAX);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// An error with its causes, in one line.
fn sentence(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
