//! Log routes, for superusers.

pub mod clear;
pub mod facets;
pub mod list;
pub mod stats;
pub mod view;
