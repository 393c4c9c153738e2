//! Numbers with their units.

use crate::enrich::View;
use crate::record::mention::{DateMention, Quantity};
use crate::record::remark::Remarks;

/// Finds every quantity outside `dates`, in order of the text, without overlaps.
pub fn find(_view: &View<'_>, _dates: &[DateMention], _remarks: &mut Remarks) -> Vec<Quantity> {
    Vec::new()
}
