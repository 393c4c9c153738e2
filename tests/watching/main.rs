//! Watching, tortured: writers of every kind against the watcher, and what it must never get wrong.

mod dice;
mod discovery;
mod evidence;
mod latency;
mod mapped;
mod stage;
mod torture;
mod writers;
