//! The activity log: what was asked of the server, kept in auxiliary.db; and the console.
//!
//! # Invariants
//! - Nothing here stands in the way of a request: an entry is handed over or dropped, never
//!   waited for, and a log that cannot be written stops nothing.
//! - Secrets in URLs are masked before they are stored.
//! - The queue has a length; what does not fit is counted and told.

mod console;
mod database;
mod entry;
mod facets;
mod mask;
mod message;
mod recorder;
mod search;
mod writer;

pub use console::install as install_console;
pub use entry::{Failure, LEVEL_ERROR, LEVEL_INFO, LEVEL_WARN, RequestEntry};
pub use facets::{FacetQuery, Fold};
pub use mask::mask_secrets;
pub use message::{MessageEntry, Messages};
pub use recorder::ActivityLog;
pub use search::LogQuery;

#[cfg(test)]
pub mod heard;
#[cfg(test)]
mod tests;
