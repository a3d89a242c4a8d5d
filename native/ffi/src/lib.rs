//! The C interface of the engine, as `docs/engine-abi.md` describes it.
//!
//! [`shard`] is the whole of it in safe Rust; [`exports`] checks pointers and handles, catches panics and
//! turns failures into error numbers.

pub mod config;
mod explaining;
pub mod exports;
mod following;
mod journaling;
mod output;
mod packing;
pub mod placement;
pub mod shard;
mod sheet;
mod snapshots;
pub mod status;

pub use config::{ShardConfig, client_text};
pub use packing::Head;
pub use shard::{Failure, Shard, Stamp};
