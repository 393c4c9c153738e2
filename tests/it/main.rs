//! Laws and golden pages, in one binary.

mod layers;
