//! SEGMENT: clean paragraphs become articles with headline, dateline, credits, sentences and words.

use std::sync::Arc;

use crate::config::SegmentConfig;
use crate::lexicon::Lexicon;
use crate::record::article::Segmented;
use crate::record::text::CleanText;

/// The SEGMENT stage: built once, shared by all workers. It always answers.
#[derive(Debug)]
pub struct Segmenter {
    #[expect(dead_code, reason = "filled by the stage's own issue")]
    lexicon: Arc<Lexicon>,
}

impl Segmenter {
    /// Builds the stage.
    pub fn new(_config: &SegmentConfig, lexicon: Arc<Lexicon>) -> Segmenter {
        Segmenter { lexicon }
    }

    /// Cuts a clean text into articles.
    pub fn segment(&self, clean: CleanText) -> Segmented {
        let remarks = clean.remarks.fresh();
        Segmented { clean, articles: Vec::new(), remarks }
    }
}
