//! Quality signals; never a filter.

use crate::enrich::View;
use crate::record::mention::Quality;

/// Measures the article.
pub fn find(_view: &View<'_>) -> Quality {
    Quality::default()
}
