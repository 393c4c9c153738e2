//! Quoted speech with its speaker, and quoted terms.

use crate::enrich::View;
use crate::enrich::entities::Named;
use crate::record::mention::Quote;
use crate::record::remark::Remarks;

/// Finds every quotation, in order of the text.
pub fn find(_view: &View<'_>, _named: &Named, _remarks: &mut Remarks) -> Vec<Quote> {
    Vec::new()
}
