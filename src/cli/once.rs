//! `wenliu once`: files or folders in, records on stdout; no daemon, no state.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sha2::{Digest, Sha256};

use crate::cli::Common;
use crate::cli::fault::{self, BAD_INPUT, Fault, IO, NO_INPUT, NO_OUTPUT};
use crate::pipeline::stages::{ChunkLines, Stages};
use crate::record::drop::{Carry, Chunk, DropId, DropInfo};
use crate::record::line::{Receipt, SCHEMA_VERSION, SetAsideOut, Splice};
use crate::record::remark::Remarks;
use crate::record::render::rfc3339;

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

/// What became of a file.
struct Outcome {
    info: Result<(Arc<DropInfo>, Vec<ChunkLines>), (String, String)>,
}

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
        let (sender, receiver) = async_channel::bounded(jobs * 2);
        let told = std::thread::scope(|scope| {
            for _ in 0..jobs {
                let (sender, next, sources, stages) = (sender.clone(), &next, &sources, &stages);
                scope.spawn(move || {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(source) = sources.get(index) else { break };
                        if sender.send_blocking((index, self.read(source, stages))).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            let mut waiting = BTreeMap::new();
            let mut turn = 0;
            while let Ok((index, outcome)) = receiver.recv_blocking() {
                waiting.insert(index, outcome);
                while let Some(outcome) = waiting.remove(&turn) {
                    turn += 1;
                    out.write(outcome)?;
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
                    return Err(Fault::plain(NO_INPUT, format!("{}: no such file or folder", path.display())));
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

    fn read(&self, source: &Source, stages: &Stages) -> Outcome {
        let failed = |reason: String| Outcome { info: Err((source.name.clone(), reason)) };
        let (bytes, mtime_ms) = match read_whole(&source.path) {
            Ok(read) => read,
            Err(error) => return failed(format!("cannot read: {error}")),
        };
        let mtime_ms = self
            .as_of
            .map_or(mtime_ms, |d| d.to_zoned(jiff::tz::TimeZone::UTC).map_or(0, |z| z.timestamp().as_millisecond()));
        let info = Arc::new(DropInfo {
            id: DropId(Sha256::digest(&bytes).into()),
            name: source.name.clone(),
            bytes: bytes.len() as u64,
            admitted_ms: mtime_ms,
            mtime_ms,
        });
        let chunk = Chunk { drop: info.clone(), index: 0, start: 0, bytes, last: true };
        match stages.read(chunk, Carry::default(), Remarks::default()) {
            Ok((enriched, _)) => Outcome { info: Ok((info, vec![stages.lines(&enriched)])) },
            Err(refusal) => failed(refusal.to_string()),
        }
    }
}

fn read_whole(path: &Path) -> std::io::Result<(Vec<u8>, i64)> {
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        std::io::stdin().read_to_end(&mut bytes)?;
        return Ok((bytes, jiff::Timestamp::now().as_millisecond()));
    }
    let mut file = File::open(path)?;
    file.read_to_end(&mut bytes)?;
    let mtime = file.metadata()?.modified().ok().and_then(|t| jiff::Timestamp::try_from(t).ok());
    Ok((bytes, mtime.map_or(0, |t| t.as_millisecond())))
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

fn progress(files: usize) -> ProgressBar {
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
        Ok(Output { records: BufWriter::new(std::io::stdout()), receipts, seq: 0, receipt_seq: 0, refused: 0 })
    }

    fn write(&mut self, outcome: Outcome) -> Result<(), Fault> {
        match outcome.info {
            Ok((info, chunks)) => {
                let mut article = 0;
                for (index, chunk) in chunks.iter().enumerate() {
                    for line in &chunk.lines {
                        self.seq += 1;
                        article += 1;
                        let mut bytes = Vec::new();
                        line.write(&Splice { seq: self.seq, article, ..Splice::default() }, &mut bytes);
                        fault::written(self.records.write_all(&bytes))?;
                    }
                    self.receipt(&info, index, index + 1 == chunks.len(), chunk)?;
                }
            }
            Err((name, reason)) => {
                self.refused += 1;
                eprintln!("refused: {name}: {reason}");
                let receipt = Receipt { name, outcome: "refused".into(), reason, last: true, ..Receipt::default() };
                self.write_receipt(receipt)?;
            }
        }
        Ok(())
    }

    fn receipt(&mut self, info: &DropInfo, index: usize, last: bool, chunk: &ChunkLines) -> Result<(), Fault> {
        let mut set_aside = SetAsideOut::default();
        for aside in &chunk.set_aside {
            set_aside.raw.push(u64::from(aside.raw.start));
            set_aside.len.push(u64::from(aside.raw.len()));
            set_aside.r#as.push(aside.kind.into());
        }
        let receipt = Receipt {
            sha256: info.id.to_string(),
            name: info.name.clone(),
            outcome: "done".into(),
            ids: chunk.lines.iter().map(|l| l.id.clone()).collect(),
            bytes: info.bytes,
            chunk: index as u64,
            last,
            set_aside,
            admitted: rfc3339(info.admitted_ms),
            finished: rfc3339(info.admitted_ms),
            ..Receipt::default()
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
