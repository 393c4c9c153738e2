//! Subjects from the users' own lexicons.

use crate::enrich::View;

/// The subjects whose words the article holds.
pub fn find(_view: &View<'_>) -> Vec<String> {
    Vec::new()
}
