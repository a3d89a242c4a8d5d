//! Naive reference engine, differential and property tests, benches.
#![forbid(unsafe_code)]

pub mod records;
