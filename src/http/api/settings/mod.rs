//! Settings routes, for superusers.

pub mod apple_secret;
pub mod update;
pub mod view;
