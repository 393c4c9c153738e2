//! The records: each state of the text, defined once.
//!
//! [`drop::Chunk`] + [`drop::Carry`] → [`text::CleanText`] → [`article::Segmented`] → [`mention::Enriched`] → [`line::Line`].
//! Each is made by consuming the one before; a field that exists is filled.

pub mod article;
pub mod drop;
pub mod fate;
pub mod line;
pub mod mention;
pub mod remark;
pub mod render;
pub mod schema;
pub mod span;
pub mod stream;
pub mod text;
