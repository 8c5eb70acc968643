//! Imports: rows of a CSV, TSV, NDJSON or JSON file become records, in constant memory.
//!
//! # Invariants
//! - A row is written as a superuser's create or update of one record is: the same checks, the
//!   same change log. A row that is refused leaves no trace, and no other row feels it.
//! - Rows are written in the order of the file, many in one transaction, and are counted once it
//!   is committed: the counts of a report are those of the database.
//! - A value that a field would quietly turn into another one (a word in a number field) is
//!   refused.
//! - After a cancel was answered nothing more is written.
//! - Of a file no more than one transaction's rows are in memory, and of refused rows none.

mod folder;
mod order;
mod progress;
mod rejects;
mod rows;
mod run;
mod service;
mod values;

pub use folder::{FilesCopied, FolderCopy, Survey, Surveyor};
pub use order::{Format, ImportOrder, Mapping};
pub use progress::{Progress, Report, State};
pub use rejects::{RejectFormat, Rejects};
pub use service::{Body, Imports, Subject};
