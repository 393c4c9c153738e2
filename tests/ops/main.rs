//! The daemon as those see it who run it: health, faults, reloads, errors. Each test runs the real binary.

mod daemon;
mod drops;
mod faults;
mod http;
mod reload;
mod service;
mod settings;
mod verbs;
