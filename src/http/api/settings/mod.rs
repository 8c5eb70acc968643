//! Settings routes, for superusers.

pub mod update;
pub mod view;
