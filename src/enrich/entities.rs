//! Who and where: people with posts, organisations, places, events; and the list of all named spans.

use crate::enrich::View;
use crate::record::mention::{DateMention, Ent, Event, Organisation, Person, Place, Quantity};
use crate::record::remark::Remarks;

/// What the entity annotators found, joined.
#[derive(Clone, Debug, Default)]
pub struct Named {
    pub ents: Vec<Ent>,
    pub people: Vec<Person>,
    pub organisations: Vec<Organisation>,
    pub places: Vec<Place>,
    pub events: Vec<Event>,
    /// Full name of the place the article is located in, or "".
    pub located: String,
}

/// Finds every named entity and joins them with dates and quantities to one list.
pub fn find(view: &View<'_>, dates: &[DateMention], quantities: &[Quantity], remarks: &mut Remarks) -> Named {
    let _ = (view, dates, quantities, remarks);
    Named::default()
}
