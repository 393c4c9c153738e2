//! The daemon's ear: a unix socket in the state folder, one JSON line each way.

use std::io::{BufRead, BufReader, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;
use tokio::task::JoinHandle;

use super::commit::view::Ledger;
use crate::watch::Watcher;

/// File name in the state folder.
pub const SOCKET: &str = "control.sock";
const QUESTION_MAX: u64 = 64 << 10;
const PATIENCE: Duration = Duration::from_secs(10);

/// What a daemon can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "lowercase")]
pub enum Ask {
    Status,
    /// What became of a drop, by the first digits of its hash or by its name.
    Why {
        wanted: String,
    },
    /// Forget that a drop was refused, so that it is taken when it comes again.
    Forgive {
        sha256: String,
    },
    /// List the watched folder now.
    Rescan,
}

/// Why a daemon did not answer.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    #[error("no daemon listens at {}", path.display())]
    Nobody { path: PathBuf, source: std::io::Error },
    #[error("the daemon at {} does not answer", path.display())]
    Mute { path: PathBuf, source: std::io::Error },
    #[error("the daemon says: {0}")]
    Refused(String),
}

/// What the daemon answers from.
#[derive(Clone)]
pub struct Desk {
    pub ledger: Ledger,
    pub watcher: Arc<Watcher>,
    /// Facts of the moment that the desk does not know itself: `paused`, `in_flight` …
    pub moment: Arc<dyn Fn() -> Value + Send + Sync>,
}

/// Listens until the handle is aborted. Must be called inside the runtime, while the state folder is locked: a socket that
/// is left there belongs to a daemon that is dead.
///
/// # Errors
/// The socket cannot be made; the daemon can do without.
pub fn listen(state: &Path, desk: Desk) -> std::io::Result<JoinHandle<()>> {
    let path = state.join(SOCKET);
    match std::fs::remove_file(&path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let listener = through(state, |short| UnixListener::bind(short))?;
    let desk = Arc::new(desk);
    Ok(tokio::spawn(async move {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let desk = desk.clone();
                    tokio::spawn(async move {
                        if let Err(error) = tokio::time::timeout(PATIENCE, answer(stream, desk)).await {
                            tracing::debug!(%error, "a question on the control socket was not finished");
                        }
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "control socket fails");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }))
}

async fn answer(mut stream: tokio::net::UnixStream, desk: Arc<Desk>) -> std::io::Result<()> {
    let (reader, mut writer) = stream.split();
    let mut line = String::new();
    tokio::io::BufReader::new(reader.take(QUESTION_MAX)).read_line(&mut line).await?;
    let said = match serde_json::from_str::<Ask>(&line) {
        // The ledger may have to wait for the disk.
        Ok(ask) => tokio::task::spawn_blocking(move || desk.say(&ask)).await.unwrap_or_else(|e| Err(e.to_string())),
        Err(error) => Err(format!("not understood: {error}")),
    };
    let mut text = match said {
        Ok(answer) => json!({ "ok": true, "answer": answer }),
        Err(error) => json!({ "ok": false, "error": error }),
    }
    .to_string();
    text.push('\n');
    writer.write_all(text.as_bytes()).await
}

impl Desk {
    fn say(&self, ask: &Ask) -> Result<Value, String> {
        let told = |e: crate::ledger::JournalError| e.to_string();
        match ask {
            Ask::Status => Ok(json!({
                "drops": self.ledger.counts().map_err(told)?.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
                "watch": self.watcher.health(),
                "now": (self.moment)(),
            })),
            Ask::Why { wanted } => self.ledger.why_json(wanted).map_err(told),
            Ask::Forgive { sha256 } => {
                let forgiven = self.ledger.forgive(sha256).map_err(told)?;
                // Those that could not be moved to quarantine lie where they lay.
                let names = self.ledger.why(sha256, 1).map_err(told)?.into_iter().flat_map(|fate| fate.names);
                names.for_each(|name| self.watcher.again(Path::new(&name.name)));
                Ok(json!({ "forgiven": forgiven }))
            }
            Ask::Rescan => {
                self.watcher.rescan();
                Ok(json!({}))
            }
        }
    }
}

/// Asks the daemon of a state folder.
///
/// # Errors
/// Nobody listens, or no answer comes in time, or the daemon cannot answer.
pub fn ask(state: &Path, question: &Ask) -> Result<Value, ControlError> {
    let path = state.join(SOCKET);
    let mute = |source| ControlError::Mute { path: path.clone(), source };
    let mut stream = through(state, |short| UnixStream::connect(short))
        .map_err(|source| ControlError::Nobody { path: path.clone(), source })?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(mute)?;
    let mut line = serde_json::to_string(question).expect("a question is plain data");
    line.push('\n');
    stream.write_all(line.as_bytes()).map_err(mute)?;
    let mut said = String::new();
    BufReader::new(stream).read_line(&mut said).map_err(mute)?;
    let mut said: Value = serde_json::from_str(&said).map_err(|e| mute(std::io::Error::other(e)))?;
    match said["ok"].as_bool() {
        Some(true) => Ok(said["answer"].take()),
        _ => Err(ControlError::Refused(said["error"].as_str().unwrap_or("nothing").to_owned())),
    }
}

/// Names the socket by way of its open folder: the path of a unix socket may have 107 bytes, that of a folder more.
fn through<T>(state: &Path, use_it: impl FnOnce(&Path) -> std::io::Result<T>) -> std::io::Result<T> {
    let folder = std::fs::File::open(state)?;
    use_it(&PathBuf::from(format!("/proc/self/fd/{}/{SOCKET}", folder.as_raw_fd())))
}
