//! Laws and golden pages, in one binary.

mod annotated;
mod clean;
mod common;
mod contracts;
mod daemon;
mod entities;
mod golden;
mod layers;
mod marked;
mod near_dup;
mod numbers;
mod segment;
#[path = "../typeset/mod.rs"]
mod typeset;
