//! Collections: list, view, create, update, delete, truncate, import, for superusers.
//!
//! # Invariants
//! - A change of the schema has a transaction of its own: the row of `_collections` and the table
//!   change together or not at all.
//! - What is new is checked against the schema of that transaction, not of the request.
//! - The new schema is published after COMMIT and before the reply, as one snapshot.
//! - A rule is saved only if it compiles against the fields it is saved with.

mod catalog;
mod change;
mod create;
mod delete;
mod import;
mod list;
mod reread;
mod scaffolds;
mod table_sync;
mod truncate;
mod update;
mod view;

pub use catalog::{Collections, load as read_all};
pub use list::ListQuery;

#[cfg(test)]
mod tests;
