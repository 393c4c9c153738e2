//! The flow: the only place that knows the order of the stages.

pub mod commit;
pub mod gate;
pub mod intake;
pub mod order;
pub mod stages;
pub mod stop;
pub mod worker;
