//! `wenliu once`: files or folders in, records on stdout; no daemon, no state.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_channel::{Receiver, Sender};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::Common;
use crate::cli::fault::{self, BAD_INPUT, Fault, IO, NO_INPUT, NO_OUTPUT};
use crate::config::Config;
use crate::pipeline::stages::{ChunkLines, Stages};
use crate::record::drop::{Carry, Chunk, DropInfo};
use crate::record::line::{Receipt, SCHEMA_VERSION, SetAsideOut, Splice};
use crate::record::remark::Remarks;
use crate::record::render::rfc3339;
use crate::watch::{Found, ReadError, Reading};

/// Arguments of `once`.
#[derive(Args)]
#[command(after_help = "Examples:
  wenliu once page.txt | jq -r .title
  wenliu once archive/2024 --receipts receipts.jsonl > articles.jsonl
  pdftotext page.pdf - | wenliu once - --as-of 2024-09-05")]
pub struct Once {
    /// Files or folders; - for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Files read at the same time; 0 = one a core
    #[arg(long, default_value_t = 0)]
    jobs: usize,
    /// Exit 65 if any drop is refused
    #[arg(long)]
    strict: bool,
    /// Write what became of every drop to this file
    #[arg(long, value_name = "FILE")]
    receipts: Option<PathBuf>,
    /// Publication date and clock, YYYY-MM-DD, instead of each file's own time
    #[arg(long, value_name = "DATE")]
    as_of: Option<jiff::civil::Date>,
}

/// A file to read, and its name in the record.
struct Source {
    path: PathBuf,
    name: String,
}

/// What became of a chunk of a file, or of the file as a whole when it is refused.
type Outcome = Result<(Arc<DropInfo>, ChunkPlace, ChunkLines), String>;

/// Where a chunk lies in its drop.
struct ChunkPlace {
    index: u32,
    start: u64,
    bytes: u64,
    last: bool,
}

/// Chunks of one file that may wait to be printed.
const AHEAD: usize = 2;

impl Once {
    /// Reads every file and prints its records, in the order of the names.
    pub fn run(&self, common: &Common) -> Result<ExitCode, Fault> {
        let (config, _) = common.settings()?;
        let stages = Stages::build(&config).map_err(|e| Fault::config(&e))?;
        let sources = self.sources()?;
        let mut out = Output::open(self.receipts.as_deref())?;
        let bar = progress(sources.len());
        let jobs = match self.jobs {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        };
        let next = AtomicUsize::new(0);
        // Each file has a short queue of its own, and the queues are emptied in the order of the files: so the order of
        // the records does not depend on the threads, and a large file that is not yet due waits without filling memory.
        let (queues, due) = async_channel::bounded(jobs * 4);
        let told = std::thread::scope(|scope| {
            for _ in 0..jobs {
                let (queues, next, sources, stages, config) = (queues.clone(), &next, &sources, &stages, &config);
                scope.spawn(move || {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(source) = sources.get(index) else { break };
                        let (chunks, queue) = async_channel::bounded(AHEAD);
                        if queues.send_blocking((index, queue)).is_err() {
                            break;
                        }
                        if let Err(refused) = self.read(source, config, stages, &chunks) {
                            // Nobody listens any more once stdout is closed.
                            let _closed = chunks.send_blocking(Err(refused));
                        }
                    }
                });
            }
            drop(queues);
            let mut waiting: BTreeMap<usize, Receiver<Outcome>> = BTreeMap::new();
            let mut turn = 0;
            while let Ok((index, queue)) = due.recv_blocking() {
                waiting.insert(index, queue);
                while let Some(queue) = waiting.remove(&turn) {
                    let name = sources.get(turn).map_or("", |s| s.name.as_str());
                    while let Ok(outcome) = queue.recv_blocking() {
                        out.write(name, outcome)?;
                    }
                    turn += 1;
                    bar.inc(1);
                }
            }
            Ok::<(), Fault>(())
        });
        told?;
        bar.finish_and_clear();
        out.finish()?;
        Ok(if self.strict && out.refused > 0 { ExitCode::from(BAD_INPUT) } else { ExitCode::SUCCESS })
    }

    fn sources(&self) -> Result<Vec<Source>, Fault> {
        let mut sources = Vec::new();
        for path in &self.paths {
            if path.is_dir() {
                folder_files(path, path, &mut sources)?;
            } else {
                let name = if path.as_os_str() == "-" {
                    "stdin".into()
                } else {
                    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
                };
                if path.as_os_str() != "-" && !path.exists() {
                    return Err(Fault::not_there(path));
                }
                sources.push(Source { path: path.clone(), name });
            }
        }
        if sources.is_empty() {
            return Err(
                Fault::plain(NO_INPUT, "no file to read").hint("hidden, .part, .tmp and ~ files are left alone")
            );
        }
        Ok(sources)
    }

    /// Reads a file chunk by chunk; an error is the reason why the rest of it is refused.
    fn read(&self, source: &Source, config: &Config, stages: &Stages, chunks: &Sender<Outcome>) -> Result<(), String> {
        let tell = |error: ReadError| match std::error::Error::source(&error) {
            Some(cause) => format!("{error}: {cause}"),
            None => error.to_string(),
        };
        let kept;
        let path = if source.path.as_os_str() == "-" {
            kept = tempfile_of_stdin().map_err(|e| format!("cannot read standard input: {e}"))?;
            kept.path.clone()
        } else {
            source.path.canonicalize().map_err(|e| format!("cannot read: {e}"))?
        };
        let (folder, name) = (path.parent().unwrap_or(Path::new("/")), path.file_name().unwrap_or_default());
        let found = Found::at(folder, Path::new(name)).map_err(|e| format!("cannot read: {e}"))?;
        let mut reading = Reading::open(&found, &config.watch).map_err(tell)?;
        let mtime_ms = self.as_of.map_or(reading.mtime_ms(), |d| {
            d.to_zoned(jiff::tz::TimeZone::UTC).map_or(0, |z| z.timestamp().as_millisecond())
        });
        let (id, bytes) = (reading.id(), reading.bytes());
        let info = Arc::new(DropInfo { id, name: source.name.clone(), bytes, admitted_ms: mtime_ms, mtime_ms });
        let mut carry = Carry::default();
        while let Some(piece) = reading.next_chunk().map_err(tell)? {
            let place = ChunkPlace {
                index: piece.index,
                start: piece.start,
                bytes: piece.bytes.len() as u64,
                last: piece.last,
            };
            let chunk = Chunk {
                drop: info.clone(),
                index: piece.index,
                start: piece.start,
                bytes: piece.bytes,
                last: piece.last,
            };
            let read = catch_unwind(AssertUnwindSafe(|| stages.read(chunk, carry, Remarks::default())));
            let read = read.map_err(|_| "a stage panicked; please report it with the drop".to_owned())?;
            let (enriched, next) = read.map_err(|e| e.to_string())?;
            carry = next;
            if chunks.send_blocking(Ok((info.clone(), place, stages.lines(&enriched)))).is_err() {
                break;
            }
        }
        Ok(())
    }
}

/// Standard input as a file, because a drop is read twice: to hash it, and to process it.
struct StdinFile {
    path: PathBuf,
}

impl Drop for StdinFile {
    fn drop(&mut self) {
        // A file left in the temporary folder harms nobody.
        let _left = std::fs::remove_file(&self.path);
    }
}

fn tempfile_of_stdin() -> std::io::Result<StdinFile> {
    let path = std::env::temp_dir().join(format!("wenliu-stdin-{}", std::process::id()));
    let mut file = File::options().write(true).create_new(true).open(&path)?;
    let kept = StdinFile { path };
    std::io::copy(&mut std::io::stdin().lock(), &mut file)?;
    Ok(kept)
}

fn folder_files(root: &Path, folder: &Path, sources: &mut Vec<Source>) -> Result<(), Fault> {
    let list =
        std::fs::read_dir(folder).map_err(|e| Fault::plain(IO, format!("cannot list {}: {e}", folder.display())))?;
    let mut paths: Vec<PathBuf> = list.filter_map(Result::ok).map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let left_alone =
            name.starts_with('.') || name.ends_with('~') || name.ends_with(".part") || name.ends_with(".tmp");
        if left_alone {
            continue;
        }
        if path.is_dir() {
            folder_files(root, &path, sources)?;
        } else {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            sources.push(Source { path, name });
        }
    }
    Ok(())
}

/// A bar with rate and time left, on a terminal and for more than one file.
pub(super) fn progress(files: usize) -> ProgressBar {
    let shown = files > 1 && std::io::stderr().is_terminal();
    let bar = ProgressBar::with_draw_target(
        Some(files as u64),
        if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() },
    );
    let style = ProgressStyle::with_template("{pos}/{len} drops {wide_bar} {per_sec}, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}

/// Records to stdout, receipts to their file, refusals to stderr.
struct Output {
    records: BufWriter<std::io::Stdout>,
    receipts: Option<BufWriter<File>>,
    seq: u64,
    receipt_seq: u64,
    /// Records of the drop so far.
    article: u64,
    refused: u64,
}

impl Output {
    fn open(receipts: Option<&Path>) -> Result<Output, Fault> {
        let receipts = match receipts {
            Some(path) => {
                let file = File::create(path)
                    .map_err(|e| Fault::plain(NO_OUTPUT, format!("cannot create {}: {e}", path.display())))?;
                Some(BufWriter::new(file))
            }
            None => None,
        };
        Ok(Output {
            records: BufWriter::new(std::io::stdout()),
            receipts,
            seq: 0,
            receipt_seq: 0,
            article: 0,
            refused: 0,
        })
    }

    fn write(&mut self, name: &str, outcome: Outcome) -> Result<(), Fault> {
        let receipt = match outcome {
            Ok((info, place, chunk)) => {
                if place.index == 0 {
                    self.article = 0;
                }
                let mut bytes = Vec::new();
                for line in &chunk.lines {
                    self.seq += 1;
                    self.article += 1;
                    line.write(&Splice { seq: self.seq, article: self.article, ..Splice::default() }, &mut bytes);
                }
                fault::written(self.records.write_all(&bytes))?;
                done_receipt(&info, &place, &chunk)
            }
            Err(reason) => {
                self.refused += 1;
                eprintln!("refused: {name}: {reason}");
                Receipt { name: name.into(), outcome: "refused".into(), reason, last: true, ..Receipt::default() }
            }
        };
        self.write_receipt(receipt)
    }

    fn write_receipt(&mut self, mut receipt: Receipt) -> Result<(), Fault> {
        let Some(file) = &mut self.receipts else { return Ok(()) };
        self.receipt_seq += 1;
        receipt.seq = self.receipt_seq;
        receipt.r#type = "receipt".into();
        receipt.schema_version = SCHEMA_VERSION.into();
        let mut bytes = Vec::new();
        receipt.write(&mut bytes);
        file.write_all(&bytes).map_err(|e| Fault::plain(IO, format!("cannot write receipts: {e}")))
    }

    fn finish(&mut self) -> Result<(), Fault> {
        fault::written(self.records.flush())?;
        if let Some(file) = &mut self.receipts {
            file.flush().map_err(|e| Fault::plain(IO, format!("cannot write receipts: {e}")))?;
        }
        Ok(())
    }
}

fn done_receipt(info: &DropInfo, place: &ChunkPlace, chunk: &ChunkLines) -> Receipt {
    let mut set_aside = SetAsideOut::default();
    for aside in &chunk.set_aside {
        set_aside.raw.push(place.start + u64::from(aside.raw.start));
        set_aside.len.push(u64::from(aside.raw.len()));
        set_aside.r#as.push(aside.kind.into());
    }
    Receipt {
        sha256: info.id.to_string(),
        name: info.name.clone(),
        outcome: "done".into(),
        ids: chunk.lines.iter().map(|l| l.id.clone()).collect(),
        bytes: place.bytes,
        chunk: u64::from(place.index),
        last: place.last,
        set_aside,
        admitted: rfc3339(info.admitted_ms),
        finished: rfc3339(info.admitted_ms),
        ..Receipt::default()
    }
}
