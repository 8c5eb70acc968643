//! Files of records: received beside the store, put in place, opened, removed. And archives: files
//! that have a name and nothing else. Both lie in the data folder or, while the settings say so,
//! in buckets.
//!
//! # Invariants
//! - A file comes in through a temporary one and is renamed: nobody sees half of it.
//! - What belongs to no committed row is removed: an [`Upload`] that nobody keeps takes its file
//!   along when it is dropped, and the sweep of `records` finds what a crash left.
//! - A file that is in place and not yet decided about is known as in flight: no sweep takes it.
//! - What is put into a bucket is noted until a commit decides about it: see `notes`.
//! - While a [`Hold`] lives no file of a record is removed.
//! - Nothing of a client's text becomes a path, but for what [`FileKey`] lets pass.

mod archive;
mod attributes;
mod budget;
mod cleaner;
mod hold;
mod in_flight;
mod key;
mod kind;
mod local;
mod local_archive;
mod moving;
mod name;
mod notes;
mod places;
pub mod s3;
mod service;
mod storage;
mod sweeps;
pub mod thumb;
mod upload;

pub use archive::{Archive, Archived, is_archive_name};
pub use attributes::Attributes;
pub use hold::Hold;
pub use key::FileKey;
pub use kind::Kind;
pub use local_archive::LocalArchive;
pub use moving::{MoveProgress, Place};
pub use name::{base_of, snake};
pub use service::Files;
pub use storage::{Content, FoundFile, Left, Opened, RecordFiles, Storage, Walk};
pub use sweeps::{Sweep, Sweeps};
pub use upload::{Receiving, Upload};

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod trap;
