//! What a request leaves to be told in the log, though it is answered as if nothing were.

use std::sync::Arc;

use parking_lot::Mutex;

/// Notes that are kept of one request.
const MAX_NOTES: usize = 10;
/// Characters of a client's key that are shown.
const MAX_KEY: usize = 100;

/// The notes of one request; clones share them.
#[derive(Clone, Default)]
pub struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    /// Files came under these keys, where nothing takes files.
    pub fn ignored_files(&self, keys: Vec<String>) {
        let mut notes = self.0.lock();
        for key in keys {
            if notes.len() < MAX_NOTES {
                let key: String = key.chars().take(MAX_KEY).collect();
                notes.push(format!("a file for {key:?} was ignored: nothing takes files there"));
            }
        }
    }

    /// All of them, for the log.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock())
    }
}
