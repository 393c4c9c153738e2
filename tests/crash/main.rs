//! The daemon, killed, starved and unplugged; and what its readers see of it.
//!
//! `WENLIU_KILLS=10000 cargo test --profile ci --test crash` makes a night of it. Tests that need root or a tool say so
//! and are skipped without it.

mod daemon;
mod full;
mod huge;
mod kills;
mod pages;
mod power;
mod state;
mod tailer;
