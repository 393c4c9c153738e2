//! wenliu 文流 turns text drops of newspaper pages into articles, one JSON line each.
//!
//! The text moves one way, and the folders are named after the way:
//!
//! ```text
//! watch → clean → segment → enrich → sink        ledger: what happened to every drop, and the redo journal
//! ```
//!
//! | floor | modules | may import |
//! |---|---|---|
//! | ground | [`record`] [`lexicon`] [`config`] [`disk`] | nothing of ours but its own folder |
//! | columns | [`watch`] [`clean`] [`segment`] [`enrich`] [`sink`] [`ledger`] [`cluster`] [`telemetry`] | the ground; never each other |
//! | joints | [`pipeline`] [`status`] | the columns |
//! | verbs | [`cli`] | all below |
//!
//! What always holds:
//! * The runtime is named only in `pipeline`, `status`, `cluster` and `cli`.
//! * From `record` to `enrich` nothing touches clock, disk, network or randomness: the same bytes give the same lines.
//! * Only [`disk`] writes to the output folder; only [`record::line`] decides what readers see.
//! * A line that a reader may have seen is never changed or taken back.

pub mod clean;
pub mod cli;
pub mod cluster;
pub mod config;
pub mod disk;
pub mod enrich;
pub mod ledger;
pub mod lexicon;
pub mod pipeline;
pub mod record;
pub mod segment;
pub mod sink;
pub mod status;
pub mod telemetry;
pub mod watch;
