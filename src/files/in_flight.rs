//! The files that are in place and whose writes are not decided yet.

use std::collections::HashSet;

use parking_lot::Mutex;

use crate::files::FileKey;

/// What no sweep may take, whatever the rows say.
#[derive(Default)]
pub(super) struct InFlight(Mutex<HashSet<FileKey>>);

impl InFlight {
    /// Called before the file is put in place.
    pub fn begin(&self, key: &FileKey) {
        self.0.lock().insert(key.clone());
    }

    /// Called when a commit kept the file, or when it is about to be removed.
    pub fn end(&self, key: &FileKey) {
        self.0.lock().remove(key);
    }

    pub fn has(&self, key: &FileKey) -> bool {
        self.0.lock().contains(key)
    }
}
