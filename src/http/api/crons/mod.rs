//! Cron routes, for superusers.

pub mod list;
pub mod run;
