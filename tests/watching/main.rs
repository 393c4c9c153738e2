//! Watching, tortured: writers of every kind against the watcher, and what it must never get wrong.

mod burst;
mod daemon;
mod dice;
mod discovery;
mod evidence;
mod idle;
mod latency;
mod mapped;
mod model;
mod stage;
mod torture;
mod writers;
