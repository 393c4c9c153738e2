//! What a verb says when it cannot go on: a sentence, its causes, a hint, an exit code.

use std::error::Error;
use std::process::ExitCode;

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
        Fault { code, sentence: error.to_string(), causes, hint: None }
    }

    /// Wrong arguments.
    pub fn usage(sentence: impl Into<String>) -> Fault {
        Fault { code: USAGE, sentence: sentence.into(), causes: Vec::new(), hint: Some("see `wenliu --help`".into()) }
    }

    /// Wrong settings.
    pub fn config(error: &dyn Error) -> Fault {
        Fault::new(CONFIG, error).hint("`wenliu config` lists every setting; `wenliu check` checks them")
    }

    /// A sentence with a code.
    pub fn plain(code: u8, sentence: impl Into<String>) -> Fault {
        Fault { code, sentence: sentence.into(), causes: Vec::new(), hint: None }
    }

    /// Adds what to do next.
    pub fn hint(mut self, hint: impl Into<String>) -> Fault {
        self.hint = Some(hint.into());
        self
    }

    /// Prints the fault to stderr and gives the exit code.
    pub fn tell(&self) -> ExitCode {
        eprintln!("error: {}", self.sentence);
        for cause in &self.causes {
            eprintln!("caused by: {cause}");
        }
        if let Some(hint) = &self.hint {
            eprintln!("hint: {hint}");
        }
        ExitCode::from(self.code)
    }
}

/// Output that nobody reads any more (`| head`) ends a verb quietly; any other failure is told.
pub fn written(result: std::io::Result<()>) -> Result<(), Fault> {
    match result {
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(e) => Err(Fault::new(IO, &e).hint("stdout cannot be written")),
        Ok(()) => Ok(()),
    }
}
