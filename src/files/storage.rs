//! Where files live. The calls wait for disk or network: never make them on a thread that serves.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use crate::files::{Attributes, FileKey};

/// A place for files. The local folder is one.
pub trait Storage: Send + Sync {
    /// Takes the file at `from`, which is gone from there afterwards.
    ///
    /// # Errors
    /// The file is not stored; it may still be at `from`.
    fn put(&self, key: &FileKey, from: &Path, attributes: &Attributes) -> io::Result<()>;

    /// A stored file; `None` when there is none.
    ///
    /// # Errors
    /// It is there and cannot be read.
    fn open(&self, key: &FileKey) -> io::Result<Option<Opened>>;

    /// Removes a file and all that was made from it. One that is not there is removed already.
    ///
    /// # Errors
    /// Something of it is still there.
    fn remove(&self, key: &FileKey) -> io::Result<()>;

    /// Removes every file of a collection.
    ///
    /// # Errors
    /// Something of it is still there.
    fn remove_collection(&self, collection: &str) -> io::Result<()>;
}

/// A stored file, ready to be read from any position.
#[derive(Debug)]
pub struct Opened {
    /// The content.
    pub content: File,
    /// Its bytes.
    pub length: u64,
    /// When it was stored.
    pub modified: SystemTime,
    /// What is known of it; the default when there is no sidecar.
    pub attributes: Attributes,
}
