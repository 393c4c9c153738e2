//! Laws and golden pages, in one binary.

mod common;
mod contracts;
mod layers;
