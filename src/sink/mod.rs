//! sink/mod
