//! Exports: all records of a collection as CSV, NDJSON or JSON, in constant memory.
//!
//! # Invariants
//! - Records come from [`crate::records::Export`]: what a list would show, as it would show it.
//! - All records are of one snapshot, which is let go as soon as the disk has them: how fast the
//!   client reads does not matter.
//! - What was written for a client goes when the client has it, or is gone.

mod format;
mod service;
mod sheet;
mod spool;

pub use format::Format;
pub use service::{ExportOrder, Exports};
pub use spool::Spool;
