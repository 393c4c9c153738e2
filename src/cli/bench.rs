//! `wenliu bench`: how fast each stage and the whole chain are here, for `once` and for `run`.
//!
//! Figures are megabytes of raw text per second of CPU time and of wall time. The stages run in this process on one
//! thread; `once` and `run` are this very program started anew, `run` with its journal and its syncs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;

use crate::cli::Common;
use crate::cli::fault::{Fault, IO, NO_INPUT, NO_OUTPUT};
use crate::pipeline::stages::Stages;
use crate::record::drop::{Carry, Chunk, DropId, DropInfo};
use crate::record::remark::Remarks;

/// The bundled page, for a bench without files.
const SAMPLE: &[u8] = include_bytes!("../../config/sample-2024-09-05.txt");
/// How long `run` waits before it takes itself for idle; taken off its wall time.
const IDLE: Duration = Duration::from_millis(500);
const MB: f64 = 1e6;

/// Arguments of `bench`.
#[derive(Args)]
#[command(after_help = "Examples:
  wenliu bench                      the bundled page, again and again
  wenliu bench archive/2024 --mb 64
  wenliu bench --json | jq .")]
pub struct Bench {
    /// Files or folders to read, as often as is needed; without any, the bundled page
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Megabytes of raw text for each figure
    #[arg(long, default_value_t = 8)]
    mb: u64,
    /// Where the folders of `run` are made for the time; its disk is what is measured
    #[arg(long, default_value = ".", value_name = "DIR")]
    scratch: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// One figure.
#[derive(Debug, Serialize)]
struct Figure {
    what: &'static str,
    mb: f64,
    cpu_s: f64,
    wall_s: f64,
    mb_per_cpu_s: f64,
    mb_per_wall_s: f64,
    /// Highest resident memory so far, in megabytes.
    peak_mb: f64,
}

impl Figure {
    fn new(what: &'static str, bytes: usize, cpu: Duration, wall: Duration, peak_mb: f64) -> Figure {
        let round = |x: f64| (x * 1e3).round() / 1e3;
        let mb = bytes as f64 / MB;
        let rate = |time: Duration| round(mb / time.as_secs_f64().max(1e-3));
        Figure {
            what,
            mb: round(mb),
            cpu_s: round(cpu.as_secs_f64()),
            wall_s: round(wall.as_secs_f64()),
            mb_per_cpu_s: rate(cpu),
            mb_per_wall_s: rate(wall),
            peak_mb: round(peak_mb),
        }
    }
}

impl Bench {
    /// Measures and prints.
    pub fn run(&self, common: &Common) -> Result<ExitCode, Fault> {
        let (config, _) = common.settings()?;
        let stages = Stages::build(&config).map_err(|e| Fault::config(&e))?;
        let drops = self.drops()?;
        let mut figures = in_process(&stages, &drops);
        figures.extend(self.in_folders(&drops)?);
        if self.json {
            let text = serde_json::to_string_pretty(&figures).expect("figures are plain data");
            println!("{text}");
        } else {
            print(&figures);
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The drops: every file in turn until there is enough, each copy with other blanks at its end, so that no two have
    /// the same hash.
    fn drops(&self) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        let mut files = Vec::new();
        for path in &self.paths {
            collect(path, &mut files)?;
        }
        if self.paths.is_empty() {
            files.push(("sample-2024-09-05.txt".into(), SAMPLE.to_vec()));
        }
        files.retain(|(_, bytes)| !bytes.is_empty());
        if files.is_empty() {
            return Err(Fault::plain(NO_INPUT, "no file with anything in it"));
        }
        let wanted = usize::try_from(self.mb.max(1)).unwrap_or(usize::MAX).saturating_mul(1_000_000);
        let (mut drops, mut bytes) = (Vec::new(), 0);
        for copy in 0_u32.. {
            for (nth, (name, text)) in files.iter().enumerate() {
                let mut text = text.clone();
                let wide = text.contains(&0);
                for bit in 0..32 - copy.leading_zeros() {
                    text.push(if copy >> bit & 1 == 1 { b'\n' } else { b' ' });
                    text.extend(wide.then_some(0));
                }
                bytes += text.len();
                drops.push((format!("{copy:05}-{nth:05}-{name}"), text));
                if bytes >= wanted {
                    return Ok(drops);
                }
            }
        }
        Ok(drops)
    }

    /// `once` and `run`, as users start them.
    fn in_folders(&self, drops: &[(String, Vec<u8>)]) -> Result<Vec<Figure>, Fault> {
        let scratch = self.scratch.join(format!(".wenliu-bench-{}", std::process::id()));
        let measured = self.started(&scratch, drops);
        // A folder that cannot be removed is named; the figures stand.
        if let Err(error) = fs::remove_dir_all(&scratch) {
            eprintln!("left behind: {} ({error})", scratch.display());
        }
        measured
    }

    fn started(&self, scratch: &Path, drops: &[(String, Vec<u8>)]) -> Result<Vec<Figure>, Fault> {
        let failed = |e: std::io::Error| Fault::plain(NO_OUTPUT, format!("cannot use {}: {e}", scratch.display()));
        let input = scratch.join("in");
        fs::create_dir_all(&input).map_err(failed)?;
        for (name, bytes) in drops {
            fs::write(input.join(name), bytes).map_err(failed)?;
        }
        let bytes = drops.iter().map(|(_, text)| text.len()).sum();
        let this = std::env::current_exe().map_err(failed)?;
        let quiet = |command: &mut Command| {
            command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
        };
        let mut once = Command::new(&this);
        once.arg("once").arg(&input);
        let mut run = Command::new(&this);
        run.args(["run", "--quiet", "--until-idle", "500ms", "--set", "http.listen=\"\"", "--in"]).arg(&input);
        run.arg("--out").arg(scratch.join("out")).arg("--state").arg(scratch.join("state"));
        quiet(&mut once);
        quiet(&mut run);
        Ok(vec![watch("once", once, bytes, Duration::ZERO)?, watch("run", run, bytes, IDLE)?])
    }
}

fn collect(path: &Path, files: &mut Vec<(String, Vec<u8>)>) -> Result<(), Fault> {
    let failed = |e: std::io::Error| Fault::plain(IO, format!("cannot read {}: {e}", path.display()));
    if path.is_dir() {
        let mut inside: Vec<PathBuf> = fs::read_dir(path).map_err(failed)?.flatten().map(|e| e.path()).collect();
        inside.sort();
        for path in inside {
            collect(&path, files)?;
        }
    } else if path.exists() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.push((name, fs::read(path).map_err(failed)?));
    } else {
        return Err(Fault::not_there(path));
    }
    Ok(())
}

/// Each stage by itself and all in a row, on this thread.
fn in_process(stages: &Stages, drops: &[(String, Vec<u8>)]) -> Vec<Figure> {
    let bytes = drops.iter().map(|(_, text)| text.len()).sum();
    let mut spent = [(Duration::ZERO, Duration::ZERO); 4];
    for (name, text) in drops {
        let chunk = chunk(name, text);
        let mut meter = Meter::start();
        let cleaned = stages.cleaner.clean(chunk, Carry::default(), Remarks::default());
        meter.lap(&mut spent[0]);
        let Ok((clean, _)) = cleaned else { continue };
        let segmented = stages.segmenter.segment(clean);
        meter.lap(&mut spent[1]);
        let enriched = stages.enricher.enrich(segmented);
        meter.lap(&mut spent[2]);
        let lines = stages.lines(&enriched);
        meter.lap(&mut spent[3]);
        drop(lines);
    }
    let peak = peak_mb("self");
    let mut figures: Vec<Figure> = ["clean", "segment", "enrich", "render"]
        .iter()
        .zip(spent)
        .map(|(what, (cpu, wall))| Figure::new(what, bytes, cpu, wall, peak))
        .collect();
    let sum = |pick: fn(&(Duration, Duration)) -> Duration| spent.iter().map(pick).sum();
    figures.push(Figure::new("chain", bytes, sum(|s| s.0), sum(|s| s.1), peak));
    figures
}

fn chunk(name: &str, text: &[u8]) -> Chunk {
    let info = DropInfo {
        id: DropId([0; 32]),
        name: name.into(),
        bytes: text.len() as u64,
        admitted_ms: 1_725_500_000_000,
        mtime_ms: 1_725_500_000_000,
    };
    Chunk { drop: Arc::new(info), index: 0, start: 0, bytes: text.to_vec(), last: true }
}

/// CPU and wall time of this thread since the last look.
struct Meter {
    cpu: Duration,
    wall: Instant,
}

impl Meter {
    fn start() -> Meter {
        Meter { cpu: thread_cpu(), wall: Instant::now() }
    }

    fn lap(&mut self, spent: &mut (Duration, Duration)) {
        let now = Meter::start();
        spent.0 += now.cpu.saturating_sub(self.cpu);
        spent.1 += now.wall - self.wall;
        *self = now;
    }
}

/// CPU time of this thread, from the kernel's own count in nanoseconds.
fn thread_cpu() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or_default())
}

/// Starts a program and follows it to its end.
fn watch(what: &'static str, mut command: Command, bytes: usize, idle: Duration) -> Result<Figure, Fault> {
    let failed = |e: std::io::Error| Fault::plain(IO, format!("cannot run `wenliu {what}`: {e}"));
    let (before, started) = (children_cpu(), Instant::now());
    let mut child: Child = command.spawn().map_err(failed)?;
    let id = child.id().to_string();
    let mut peak: f64 = 0.0;
    let status = loop {
        peak = peak.max(peak_mb(&id));
        match child.try_wait().map_err(failed)? {
            Some(status) => break status,
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    let wall = started.elapsed().saturating_sub(idle);
    if !status.success() {
        return Err(Fault::plain(IO, format!("`wenliu {what}` ended with {status}")));
    }
    Ok(Figure::new(what, bytes, children_cpu().saturating_sub(before), wall, peak))
}

/// CPU time of all children that have ended; the kernel counts it in hundredths of a second.
fn children_cpu() -> Duration {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in brackets may hold blanks; the numbers start behind it.
    let numbers = text.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = numbers.split_whitespace().skip(13).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

fn peak_mb(process: &str) -> f64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}

fn print(figures: &[Figure]) {
    println!("{:<8} {:>9} {:>9} {:>12} {:>12} {:>9}", "", "cpu s", "wall s", "MB/cpu s", "MB/wall s", "peak MB");
    for f in figures {
        println!(
            "{:<8} {:>9.2} {:>9.2} {:>12.2} {:>12.2} {:>9.1}",
            f.what, f.cpu_s, f.wall_s, f.mb_per_cpu_s, f.mb_per_wall_s, f.peak_mb
        );
    }
    let mb = figures.first().map_or(0.0, |f| f.mb);
    println!("{mb:.1} MB of raw text; stages and chain on one thread, once and run on all cores, run with its syncs");
}
