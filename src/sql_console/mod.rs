//! The SQL console: superusers ask the database itself (contract §3.12).
//!
//! # Invariants
//! - What only reads runs on a connection that cannot write; what writes runs alone on the writer,
//!   in one transaction.
//! - No other file is opened, no setting of a connection changed, no extension loaded.
//! - What the product remembers of the tables is renewed with the commit. What it could not work
//!   with any more is refused, and undone.
//! - Every answer has a limit of rows, of bytes and of time.

mod aftermath;
mod answer;
mod run;

pub use run::{SqlConsole, SqlConsoleParts};
