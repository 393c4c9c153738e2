//! What a verb says when it cannot go on: a sentence, its causes, a hint, an exit code.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::config::{ConfigError, nearest};

pub const FINDINGS: u8 = 1;
pub const USAGE: u8 = 64;
pub const BAD_INPUT: u8 = 65;
pub const NO_INPUT: u8 = 66;
pub const NO_OUTPUT: u8 = 73;
pub const IO: u8 = 74;
pub const CONFIG: u8 = 78;

/// An error on its way to the terminal.
#[derive(Debug)]
pub struct Fault {
    code: u8,
    sentence: String,
    causes: Vec<String>,
    /// Lines that show the place, under the sentence.
    excerpt: String,
    hint: Option<String>,
}

impl Fault {
    /// A fault from an error and its causes.
    pub fn new(code: u8, error: &dyn Error) -> Fault {
        let mut causes = Vec::new();
        let mut next = error.source();
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        Fault { code, sentence: error.to_string(), causes, excerpt: String::new(), hint: None }
    }

    /// Wrong arguments.
    pub fn usage(sentence: impl Into<String>) -> Fault {
        Fault::plain(USAGE, sentence).hint("see `wenliu --help`")
    }

    /// Wrong settings, with the line of the file.
    pub fn settings(error: &ConfigError) -> Fault {
        let fault = Fault::new(CONFIG, error).hint("`wenliu config --keys` explains every setting");
        Fault { excerpt: error.excerpt().into(), ..fault }
    }

    /// Settings or tables that cannot be used.
    pub fn config(error: &dyn Error) -> Fault {
        Fault::new(CONFIG, error).hint("mend the file, then `wenliu check`")
    }

    /// A file or folder that is not there, and the name beside it that was perhaps meant.
    pub fn not_there(path: &Path) -> Fault {
        let fault = Fault::plain(NO_INPUT, format!("{}: no such file or folder", path.display()));
        match near_file(path) {
            Some(near) => fault.hint(format!("did you mean {}?", near.display())),
            None => fault,
        }
    }

    /// A sentence with a code.
    pub fn plain(code: u8, sentence: impl Into<String>) -> Fault {
        Fault { code, sentence: sentence.into(), causes: Vec::new(), excerpt: String::new(), hint: None }
    }

    /// Adds what to do next.
    pub fn hint(mut self, hint: impl Into<String>) -> Fault {
        self.hint = Some(hint.into());
        self
    }

    /// Sentence, causes and hint in one line, for the log.
    pub fn in_one_line(&self) -> String {
        let mut text = std::iter::once(&self.sentence).chain(&self.causes).cloned().collect::<Vec<_>>().join(": ");
        if let Some(hint) = &self.hint {
            text.push_str(&format!("; {hint}"));
        }
        text
    }

    /// Prints the fault to stderr and gives the exit code.
    pub fn tell(&self) -> ExitCode {
        eprintln!("error: {}", self.sentence);
        for line in self.excerpt.lines() {
            eprintln!("  {line}");
        }
        for cause in &self.causes {
            eprintln!("caused by: {cause}");
        }
        if let Some(hint) = &self.hint {
            eprintln!("hint: {hint}");
        }
        ExitCode::from(self.code)
    }
}

/// The file beside a missing one whose name is most like it.
fn near_file(path: &Path) -> Option<PathBuf> {
    let wanted = path.file_name()?.to_string_lossy().into_owned();
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let names: Vec<String> = std::fs::read_dir(parent)
        .ok()?
        .take(10_000)
        .filter_map(|e| Some(e.ok()?.file_name().to_string_lossy().into_owned()))
        .filter(|n| !n.starts_with('.'))
        .collect();
    let near = nearest(&wanted, &names.iter().map(String::as_str).collect::<Vec<_>>())?;
    Some(if path.parent() == Some(Path::new("")) { PathBuf::from(near) } else { parent.join(near) })
}

/// Output that nobody reads any more (`| head`) ends a verb quietly; any other failure is told.
pub fn written(result: std::io::Result<()>) -> Result<(), Fault> {
    match result {
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(e) => Err(Fault::new(IO, &e).hint("stdout cannot be written")),
        Ok(()) => Ok(()),
    }
}
