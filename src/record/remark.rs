//! Why a stage did what it did.

use crate::record::span::Span;

/// The name of a rule, such as `reflow.join.full_line`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rule(pub &'static str);

/// One decision: which rule, where, and the evidence in words (`width 30 of 32, no terminator, -2.1`).
#[derive(Clone, Debug, PartialEq)]
pub struct Remark {
    pub rule: Rule,
    /// Bytes of the text that the owner of the remark describes: of the drop for CLEAN, of the clean text for SEGMENT,
    /// of the article for ENRICH.
    pub span: Span,
    pub note: String,
}

/// The remarks of one stage. They cost time, so they are made only when somebody will read them (`explain`).
#[derive(Clone, Debug, Default)]
pub struct Remarks {
    /// Whether remarks are kept at all.
    pub wanted: bool,
    pub list: Vec<Remark>,
}

impl Remarks {
    /// A list that keeps every remark, for `explain`.
    pub fn all() -> Remarks {
        Remarks { wanted: true, list: Vec::new() }
    }

    /// An empty list that keeps remarks if this one does.
    pub fn fresh(&self) -> Remarks {
        Remarks { wanted: self.wanted, list: Vec::new() }
    }

    /// Adds a remark when remarks are wanted; `note` is only called then.
    pub fn say(&mut self, rule: &'static str, span: Span, note: impl FnOnce() -> String) {
        if self.wanted {
            self.list.push(Remark { rule: Rule(rule), span, note: note() });
        }
    }
}
