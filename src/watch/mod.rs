//! watch/mod
