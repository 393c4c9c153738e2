//! CLEAN: a chunk of dropped bytes becomes clean paragraphs, each character led back to its bytes.

use std::sync::Arc;

use crate::config::CleanConfig;
use crate::lexicon::Lexicon;
use crate::record::drop::{Carry, Chunk};
use crate::record::remark::Remarks;
use crate::record::text::CleanText;

/// Why a chunk cannot become text; its drop goes to quarantine.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum Refusal {
    #[error("the drop is empty; nothing to read")]
    Empty,
    #[error("not text: byte {at} is {byte:#04x}; drop plain text, or extract it first")]
    Binary { at: u64, byte: u8 },
    #[error(
        "{share:.1} % of the bytes cannot be decoded as {encoding}, the first at byte {at}; set clean.encoding if the encoding is known"
    )]
    Undecodable { encoding: String, at: u64, share: f64 },
}

/// The CLEAN stage: built once, shared by all workers.
#[derive(Debug)]
pub struct Cleaner {
    #[expect(dead_code, reason = "filled by the stage's own issue")]
    lexicon: Arc<Lexicon>,
}

impl Cleaner {
    /// Builds the stage.
    pub fn new(_config: &CleanConfig, lexicon: Arc<Lexicon>) -> Cleaner {
        Cleaner { lexicon }
    }

    /// Cleans one chunk with what the chunk before left it.
    ///
    /// # Errors
    /// The chunk is no text; see [`Refusal`].
    pub fn clean(&self, chunk: Chunk, carry: Carry, remarks: Remarks) -> Result<(CleanText, Carry), Refusal> {
        let _ = (&chunk, &carry, &remarks);
        Err(Refusal::Empty)
    }
}
