//! Naive reference engine, random flows, and what tests and benches build their commands with.
#![forbid(unsafe_code)]

pub mod arbitrary;
pub mod desk;
pub mod flow;
mod flow_lists;
pub mod random;
pub mod records;
pub mod reference;
pub mod restarts;
mod safeguard_flow;
pub mod tapes;
