//! The store: an open database, read by snapshot and written by one thread.
//!
//! # Invariants
//! - All statements of one read closure see one snapshot; a read never waits for a write.
//! - One thread per database writes. Every job runs in its own savepoint of a group; a job that
//!   fails or panics leaves no trace, and takes no other job with it.
//! - A reply, an `on_commit` call and the commit counter follow the COMMIT, never precede it.
//!   `on_commit` calls run in commit order, on the writer's thread.
//! - When the engine ends the whole transaction, every job that ran in it fails.
//! - An acknowledged write survives the death of the process. For the death of the machine see
//!   [`Durability`].
//! - Every queue has a length and every statement a limit of time. Past either the answer is
//!   [`StoreError::Busy`] or [`StoreError::Interrupted`], never a wait without end.
//! - Values reach an engine only as parameters.
//! - Prepared statements are dropped when the schema's generation moves.
//! - Only `store/<engine>/` knows its engine; what it must offer is [`engine::Engine`].
//! - A data folder has one process, and is not touched before it is known to be ours.
//!
//! Deliberately absent: a transaction that outlives its closure, a second writer, awaiting
//! inside a closure.

mod database;
pub mod engine;
mod error;
mod file;
mod folder;
mod job;
mod meter;
mod migrate;
mod options;
pub mod script;
mod sqlite;
mod tx;

pub use database::Store;
pub use engine::{Copied, Load};
pub use error::StoreError;
pub use file::DatabaseFile;
pub use meter::{Meter, Spent};
pub use options::{Cost, StoreOptions};

pub use tx::Tx;

pub use crate::config::Durability;

#[cfg(test)]
mod tests;
