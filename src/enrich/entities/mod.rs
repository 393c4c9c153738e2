//! Who and where: people with posts, organisations, places, events; and the list of all named spans.
//!
//! [`page`] cuts the article into words that know what the tables say of them. On these, [`works`], [`places`],
//! [`organisations`], [`events`] and [`posts`] mark what they see, [`people`] weighs names against all of it, and
//! [`join`] gives every mention its normal form and its place in the lists.

pub mod english;
pub mod events;
pub mod foreign;
pub mod home;
pub mod join;
pub mod organisations;
pub mod page;
pub mod people;
pub mod places;
pub mod posts;
pub mod titles;
pub mod works;

use crate::enrich::View;
use crate::enrich::entities::page::Page;
use crate::record::mention::{DateMention, Ent, Event, Organisation, Person, Place, Quantity};
use crate::record::remark::Remarks;
use crate::record::span::Span;

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

/// A span that is taken for a name, with the words it covers and the weight of the evidence
/// (100 = one natural logarithm of the odds).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    pub span: Span,
    pub label: &'static str,
    /// First word, and the word after the last.
    pub words: (usize, usize),
    pub score: i32,
}

/// Finds every named entity and joins them with dates and quantities to one list.
pub fn find(view: &View<'_>, dates: &[DateMention], quantities: &[Quantity], remarks: &mut Remarks) -> Named {
    let page = Page::new(view, dates);
    let works = works::find(&page);
    let places = places::find(&page);
    let bodies = organisations::find(&page, &places);
    let events = events::find(&page, &bodies, &places);
    let posts = posts::find(&page, &bodies);
    let people = people::find(&page, &posts, &bodies, remarks);
    let english = english::find(&page);
    let found = join::Found { works, places, bodies, events, posts, people, english };
    join::join(&page, found, dates, quantities, remarks)
}
