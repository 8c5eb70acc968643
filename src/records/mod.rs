//! Records: list, view, create, update, delete, for whoever the rules allow.
//!
//! # Invariants
//! - A record leaves only through [`present`], which knows what the caller may see.
//! - A rule is evaluated by the store, in the same snapshot or savepoint as the rows it guards.
//! - A file that no row names is removed, and one that a row names is not.
//! - What a write needs that is slow (hashing, storing files) happens before the write is queued.

mod auth_form;
mod batch;
mod bulk;
mod cascade;
mod checks;
mod credentials;
mod create;
mod delete;
mod dry_run;
mod expand;
mod export;
mod file;
mod input;
mod list;
mod load;
mod missed;
mod mover;
mod observe;
mod owners;
mod parts;
mod password_policy;
pub mod present;
mod rule_check;
mod save;
mod rehearsed;
mod shape;
mod sign_up;
mod sweep;
mod truncate;
mod typed;
mod update;
mod uploads;
mod view;

pub use auth_form::INSTALLER_EMAIL;
pub(crate) use auth_form::forget_sessions;
pub use batch::{Action, BatchError, Operation};
pub use bulk::{BulkRow, Target, Unknown, Written};
pub use checks::{Proposal, RecordCheck};
pub use export::Export;
pub use file::StoredFile;
pub use list::ListQuery;
pub use load::Record;
pub use missed::{Missed, MissedQuery, Seen};
pub use mover::Mover;
pub use observe::{Look, Verdict};
pub use parts::Records;
pub(crate) use password_policy::check_policy;
pub use rehearsed::Rehearsed;
pub use rule_check::RuleQuestion;
pub use shape::{Audience, Shape};
pub use sweep::Sweeper;
pub use uploads::{Input, ignored_files};
