//! `wenliu tail`: whole lines, each once, in order.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::cli::Common;
use crate::cli::fault::{FINDINGS, Fault, IO, NO_INPUT, written};
use crate::disk::Disk;
use crate::disk::real::RealDisk;
use crate::pipeline::commit::recover::boot_id;
use crate::record::stream::Stream;
use crate::sink::follow::{FollowError, Follower, wait_for};

/// Arguments of `tail`.
#[derive(Args)]
#[command(after_help = "Examples:
  wenliu tail --follow | jq -r .title            every article, now and from now on
  wenliu tail --after 1200                       the lines after line 1200
  wenliu tail --follow --cursor seen.txt | load  goes on where it stopped, also after a restart
  wenliu tail --stream drops                     what became of every drop

With --cursor, a line is counted as seen once it was written to stdout.")]
pub struct Tail {
    /// Start after this line; without it and without a cursor, from the first line there is
    #[arg(long, value_name = "SEQ")]
    after: Option<u64>,
    /// Go on waiting for lines
    #[arg(short, long)]
    follow: bool,
    /// File that keeps the number of the last line
    #[arg(long, value_name = "FILE")]
    cursor: Option<PathBuf>,
    /// Which stream
    #[arg(long, value_enum, default_value_t = Which::Articles)]
    stream: Which,
}

#[derive(Clone, Copy, ValueEnum)]
enum Which {
    Articles,
    Drops,
}

/// How often a follower looks.
const LOOK: Duration = Duration::from_millis(50);

impl Tail {
    /// Prints lines until there are no more, or for ever.
    pub fn run(&self, common: &Common) -> Result<ExitCode, Fault> {
        let (config, _) = common.settings()?;
        let folder = &config.sink.folder;
        if !self.follow && !folder.is_dir() {
            return Err(Fault::plain(NO_INPUT, format!("{} is no output folder", folder.display()))
                .hint("give the folder with --out, or start the daemon with `wenliu run`"));
        }
        let disk = RealDisk::new(folder);
        let stream = match self.stream {
            Which::Articles => Stream::Articles,
            Which::Drops => Stream::Drops,
        };
        let kept = self.cursor.as_deref().map(read_cursor).transpose()?.flatten();
        let start = self.after.or(kept);
        let mut follower = Follower::after(stream, start.unwrap_or(0));
        let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
        let boot = boot_id();
        let mut said = "";
        loop {
            if let Some(why) = wait_for(&disk, &boot) {
                if said != why {
                    eprintln!("waiting: {why}");
                    said = why;
                }
                std::thread::sleep(LOOK);
                continue;
            }
            match self.poll(&mut follower, &disk, &mut out) {
                Err(Stopped::Follow(FollowError::Gone { oldest, .. })) if start.is_none() => {
                    follower = Follower::after(stream, oldest - 1);
                    continue;
                }
                other => other.map_err(Stopped::told)?,
            }
            if !self.follow {
                return Ok(ExitCode::SUCCESS);
            }
            std::thread::sleep(LOOK);
        }
    }

    fn poll(&self, follower: &mut Follower, disk: &dyn Disk, out: &mut impl Write) -> Result<(), Stopped> {
        let given = follower.poll::<Stopped>(disk, |_, line| {
            out.write_all(line)?;
            out.write_all(b"\n")?;
            Ok(())
        })?;
        if given > 0 {
            out.flush()?;
            if let Some(cursor) = &self.cursor {
                write_cursor(cursor, follower.last_seq()).map_err(|e| Stopped::Cursor(cursor.clone(), e))?;
            }
        }
        Ok(())
    }
}

enum Stopped {
    Follow(FollowError),
    Out(std::io::Error),
    Cursor(PathBuf, std::io::Error),
}

impl From<FollowError> for Stopped {
    fn from(error: FollowError) -> Stopped {
        Stopped::Follow(error)
    }
}

impl From<std::io::Error> for Stopped {
    fn from(error: std::io::Error) -> Stopped {
        Stopped::Out(error)
    }
}

impl Stopped {
    fn told(self) -> Fault {
        match self {
            Stopped::Out(error) => match written(Err(error)) {
                Err(fault) => fault,
                Ok(()) => unreachable!("an error was given"),
            },
            Stopped::Cursor(path, error) => {
                Fault::plain(IO, format!("cannot write the cursor {}: {error}", path.display()))
            }
            Stopped::Follow(error @ FollowError::Gone { .. }) => {
                Fault::new(FINDINGS, &error).hint("without --after and --cursor, tail starts with the oldest line")
            }
            Stopped::Follow(error @ FollowError::Disk(_)) => Fault::new(IO, &error),
            Stopped::Follow(error) => {
                Fault::new(FINDINGS, &error).hint("`wenliu verify` says what is wrong with the output")
            }
        }
    }
}

fn read_cursor(path: &Path) -> Result<Option<u64>, Fault> {
    match std::fs::read_to_string(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Fault::plain(IO, format!("cannot read the cursor {}: {e}", path.display()))),
        Ok(text) => text.trim().parse().map(Some).map_err(|_| {
            Fault::plain(IO, format!("the cursor {} holds no number", path.display()))
                .hint("remove it, or write the number of the last line into it")
        }),
    }
}

/// Replaces the cursor at once, so that a kill leaves the old or the new one.
fn write_cursor(path: &Path, seq: u64) -> std::io::Result<()> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".tmp");
    std::fs::write(&aside, format!("{seq}\n"))?;
    std::fs::rename(&aside, path)
}
