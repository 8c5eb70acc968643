//! `/api/files`: what records hold besides their values.

pub mod moves;
pub mod serve;
pub mod token;
