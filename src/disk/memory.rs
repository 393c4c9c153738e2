//! The output folder in memory, which forgets whatever was not synced.
