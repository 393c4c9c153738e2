//! Dates and times, resolved.

use crate::enrich::View;
use crate::enrich::anchor::Anchor;
use crate::record::mention::DateMention;
use crate::record::remark::Remarks;

/// Finds every date, time, duration and recurring time, in order of the text, without overlaps.
pub fn find(_view: &View<'_>, _anchor: &Anchor, _remarks: &mut Remarks) -> Vec<DateMention> {
    Vec::new()
}
