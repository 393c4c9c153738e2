//! Watching, tortured: writers of every kind against the watcher, and what it must never get wrong.

mod discovery;
mod evidence;
mod stage;
