//! [`Files`]: the storage, the place where uploads arrive, and the thread that cleans up.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::files::cleaner::{Cleaner, Removal};
use crate::files::local::LocalStorage;
use crate::files::upload::Receiving;
use crate::files::{FileKey, Opened, Storage};

/// Holds what is not finished; emptied at every start.
const TEMPORARY: &str = ".pb_temp_to_delete";
/// Holds the files of records.
const STORAGE: &str = "storage";

/// The files of all records. Cheap to clone.
#[derive(Clone)]
pub struct Files(Arc<Inner>);

struct Inner {
    storage: Arc<dyn Storage>,
    temporary: PathBuf,
    cleaner: Cleaner,
}

impl Files {
    /// Files below the data folder `dir`. Uploads that a crash left behind are removed.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn open(dir: &Path) -> io::Result<Self> {
        let temporary = dir.join(TEMPORARY);
        match fs::remove_dir_all(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::create_dir_all(&temporary)?,
        }
        let local = LocalStorage::new(dir.join(STORAGE), temporary.clone());
        let storage: Arc<dyn Storage> = Arc::new(local);
        let cleaner = Cleaner::start(Arc::clone(&storage))?;
        Ok(Self(Arc::new(Inner { storage, temporary, cleaner })))
    }

    /// A file that begins to arrive for the form key `key`, called `sent` by the client.
    pub fn receive(&self, key: &str, sent: &str) -> Receiving {
        Receiving::new(self.clone(), key, sent)
    }

    /// A stored file. Waits for the disk.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn read(&self, key: &FileKey) -> io::Result<Option<Opened>> {
        self.0.storage.open(key)
    }

    /// Removes files soon, on another thread.
    pub fn remove(&self, keys: Vec<FileKey>) {
        if !keys.is_empty() {
            self.0.cleaner.remove(Removal::Files(keys));
        }
    }

    /// Removes all files of a collection soon, on another thread.
    pub fn remove_collection(&self, id: &str) {
        self.0.cleaner.remove(Removal::Collection(id.to_owned()));
    }

    /// Finishes what is queued; called once, at the end.
    pub fn close(&self) {
        self.0.cleaner.close();
    }

    pub(super) fn storage(&self) -> &dyn Storage {
        &*self.0.storage
    }

    pub(super) fn temporary(&self) -> &Path {
        &self.0.temporary
    }

    pub(super) fn discard(&self, temporary: PathBuf) {
        self.0.cleaner.remove(Removal::Temporary(temporary));
    }
}
