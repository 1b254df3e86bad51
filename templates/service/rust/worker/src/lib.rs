//! Everything but the start, for main and for the tests.

pub mod job;
pub mod runtime;
