//! Removes files on a thread of its own: neither a request nor the writer waits for a disk.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use parking_lot::Mutex;

use crate::files::{FileKey, Storage};

/// Removals that may wait. What comes on top stays on the disk, and the log says so.
const MAX_WAITING: usize = 65_536;

/// What is to go.
pub(super) enum Removal {
    /// An upload that came to nothing.
    Temporary(PathBuf),
    /// Files that no row names any more.
    Files(Vec<FileKey>),
    /// All files of a collection.
    Collection(String),
}

/// The thread and the way to it.
pub(super) struct Cleaner {
    queue: Mutex<Option<SyncSender<Removal>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Cleaner {
    pub fn start(storage: Arc<dyn Storage>) -> io::Result<Self> {
        let (sender, receiver) = sync_channel(MAX_WAITING);
        let run = move || run(&*storage, &receiver);
        let thread = thread::Builder::new().name("files".to_owned()).spawn(run)?;
        Ok(Self { queue: Mutex::new(Some(sender)), thread: Mutex::new(Some(thread)) })
    }

    /// Never waits.
    pub fn remove(&self, removal: Removal) {
        let is_queued = match &*self.queue.lock() {
            Some(queue) => queue.try_send(removal).is_ok(),
            None => false,
        };
        if !is_queued {
            tracing::warn!("files that are not needed any more stay on the disk");
        }
    }

    /// Finishes what is queued.
    pub fn close(&self) {
        drop(self.queue.lock().take());
        let thread = self.thread.lock().take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that removes files panicked");
        }
    }
}

fn run(storage: &dyn Storage, queue: &Receiver<Removal>) {
    while let Ok(removal) = queue.recv() {
        match removal {
            Removal::Temporary(path) => match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => warn(&error),
                _ => {}
            },
            Removal::Files(keys) => {
                for key in keys {
                    storage.remove(&key).unwrap_or_else(|error| warn(&error));
                }
            }
            Removal::Collection(id) => {
                storage.remove_collection(&id).unwrap_or_else(|error| warn(&error));
            }
        }
    }
}

fn warn(error: &io::Error) {
    tracing::warn!(%error, "a file could not be removed");
}
