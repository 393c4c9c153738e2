//! status/mod
