//! The tape's wire format in Rust.
//!
//! - [`layout`] and [`codes`] are generated from `schemas/`: every record kind at its fixed offsets, every number.
//! - [`record`] is one untyped 64-byte record and the views into it.
//! - [`message`] writes and checks the Cap'n Proto messages that carry records: single segment, framing included.
//!   They are written in place, word by word, and never go through a builder.
//! - [`chain`] is the BLAKE3 hash chain over commits.
//!
//! No allocation happens outside the buffers that a caller passes in.
#![forbid(unsafe_code)]

pub mod chain;
#[rustfmt::skip]
pub mod codes;
#[rustfmt::skip]
pub mod layout;
pub mod message;
pub mod record;

pub use record::Record;
