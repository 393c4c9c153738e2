//! Attributed statements: 会议强调, X指出.

use crate::enrich::View;
use crate::enrich::entities::Named;
use crate::record::mention::Statement;
use crate::record::remark::Remarks;

/// Finds who said what in which word, in order of the text.
pub fn find(_view: &View<'_>, _named: &Named, _remarks: &mut Remarks) -> Vec<Statement> {
    Vec::new()
}
