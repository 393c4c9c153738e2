//! The three text stages, built once and shared by all workers.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use rapidhash::v3::{RapidSecrets, rapidhash_v3_seeded};

use crate::clean::{Cleaner, Refusal};
use crate::config::Config;
use crate::enrich::Enricher;
use crate::lexicon::Lexicon;
use crate::lexicon::table::TableError;
use crate::record::drop::{Carry, Chunk};
use crate::record::line::Line;
use crate::record::mention::Enriched;
use crate::record::remark::Remarks;
use crate::record::render::{self, RenderConfig};
use crate::record::text::SetAside;
use crate::segment::Segmenter;

/// CLEAN, SEGMENT, ENRICH and the renderer.
#[derive(Debug)]
pub struct Stages {
    pub cleaner: Cleaner,
    pub segmenter: Segmenter,
    pub enricher: Enricher,
    pub render: RenderConfig,
    pub lexicon: Arc<Lexicon>,
}

/// The stages in force; a reload puts others there.
#[derive(Debug)]
pub struct Shelf {
    current: RwLock<Arc<Stages>>,
}

impl Shelf {
    /// A shelf with these stages on it.
    pub fn new(stages: Arc<Stages>) -> Shelf {
        Shelf { current: RwLock::new(stages) }
    }

    /// The stages in force now.
    pub fn current(&self) -> Arc<Stages> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts others in force; a chunk that is under way keeps those it began with.
    pub fn put(&self, stages: Arc<Stages>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = stages;
    }
}

/// What the stages make of one chunk.
#[derive(Clone, Debug)]
pub struct ChunkLines {
    pub lines: Vec<Line>,
    pub set_aside: Vec<SetAside>,
}

impl Stages {
    /// Builds the stages from the settings.
    ///
    /// # Errors
    /// A user's table that cannot be read or has a wrong line.
    pub fn build(config: &Config) -> Result<Stages, TableError> {
        let folders: &[PathBuf] = &config.enrich.lexicon_folders;
        let lexicon = Arc::new(Lexicon::load(folders)?);
        let text_settings =
            serde_json::to_string(&(&config.clean, &config.segment, &config.enrich, config.sink.max_line_bytes))
                .expect("settings are plain data");
        let hash = rapidhash_v3_seeded(text_settings.as_bytes(), &RapidSecrets::seed(lexicon.hash));
        Ok(Stages {
            cleaner: Cleaner::new(&config.clean, lexicon.clone()),
            segmenter: Segmenter::new(&config.segment, lexicon.clone())?.with_words(config.enrich.tokens),
            enricher: Enricher::new(&config.enrich, lexicon.clone()),
            render: RenderConfig {
                source: config.sink.source.clone(),
                config_hash: format!("{hash:016x}"),
                max_line_bytes: config.sink.max_line_bytes,
                tokens: config.enrich.tokens,
                mask: config.enrich.mask.clone(),
            },
            lexicon,
        })
    }

    /// Reads one chunk through all text stages.
    ///
    /// # Errors
    /// CLEAN refuses the chunk.
    pub fn read(&self, chunk: Chunk, carry: Carry, remarks: Remarks) -> Result<(Enriched, Carry), Refusal> {
        let (clean, carry) = self.cleaner.clean(chunk, carry, remarks)?;
        Ok((self.enricher.enrich(self.segmenter.segment(clean)), carry))
    }

    /// Renders what [`Stages::read`] made.
    pub fn lines(&self, enriched: &Enriched) -> ChunkLines {
        ChunkLines {
            lines: render::lines(enriched, &self.render),
            set_aside: enriched.segmented.clean.set_aside.clone(),
        }
    }
}
