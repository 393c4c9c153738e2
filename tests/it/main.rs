//! Laws and golden pages, in one binary.

mod annotated;
mod common;
mod contracts;
mod daemon;
mod layers;
mod marked;
mod segment;
