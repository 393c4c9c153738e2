//! Keywords: phrases weighted by title, position and frequency.

use crate::enrich::View;
use crate::enrich::entities::Named;

/// The article's keywords, best first.
pub fn find(_view: &View<'_>, _named: &Named) -> Vec<String> {
    Vec::new()
}
