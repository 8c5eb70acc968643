//! Backups: zips of the data folder, made while the server works, and what becomes of them.
//!
//! # Invariants
//! - One backup is made or restored at a time; who comes second is told so.
//! - A backup holds one snapshot of each database, and every file that its records name.
//! - What is not finished has no name of a backup: a crash leaves nothing that looks like one.
//! - A restore changes nothing before the backup is unpacked and looked at; the folders change
//!   places by renames that are written down before, and change back where no server starts.
//! - Memory does not grow with the data, but for a line per file in the table of a zip.
//! - The threads that pack go last: requests go before them.

mod desk;
mod form;
mod manifest;
mod names;
mod pack;
mod parts;
mod restore;
mod schedule;
mod service;
pub mod swap;
mod tally;
mod unpack;
mod upload;
mod verify;
mod worker;

pub use form::CreateForm;
pub use manifest::Manifest;
pub use pack::Progress;
pub use parts::{BackupParts, Backups};
pub use service::BackupEntry;
pub use upload::ReceivingBackup;
pub use verify::{Described, Verified};

/// The folder of backups below the data folder.
pub const FOLDER: &str = "backups";
