//! Removes files on a thread of its own: neither a request nor the writer waits for a disk.

use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use parking_lot::Mutex;

use crate::files::hold::Gate;
use crate::files::service::NOTES;
use crate::files::{FileKey, Storage, Sweep, Sweeps};

/// Removals that may wait. What comes on top is left to a sweep.
const MAX_WAITING: usize = 65_536;

/// What is to go.
pub(super) enum Removal {
    /// An upload that came to nothing.
    Temporary(PathBuf),
    /// Files that no row names any more.
    Files(Vec<FileKey>),
    /// What another process left in the folder of temporary files, but for this one's own.
    LeftIn {
        /// The folder of all.
        folder: PathBuf,
        /// The folder of this process.
        own: PathBuf,
    },
}

/// The thread and the way to it.
pub(super) struct Cleaner {
    queue: Mutex<Option<SyncSender<Removal>>>,
    sweeps: Arc<Sweeps>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Cleaner {
    pub fn start(
        storage: Arc<dyn Storage>,
        sweeps: Arc<Sweeps>,
        gate: Arc<Gate>,
    ) -> io::Result<Self> {
        let (sender, receiver) = sync_channel(MAX_WAITING);
        let asked = Arc::clone(&sweeps);
        let run = move || {
            while let Ok(removal) = receiver.recv() {
                let work = AssertUnwindSafe(|| remove(&*storage, &gate, removal));
                if catch_unwind(work).is_err() {
                    tracing::error!("removing files panicked; a sweep looks for what is left");
                    asked.ask(Sweep::All);
                }
            }
        };
        let thread = thread::Builder::new().name("files".to_owned()).spawn(run)?;
        Ok(Self { queue: Mutex::new(Some(sender)), sweeps, thread: Mutex::new(Some(thread)) })
    }

    /// Never waits.
    pub fn remove(&self, removal: Removal) {
        let is_queued = match &*self.queue.lock() {
            Some(queue) => queue.try_send(removal).is_ok(),
            None => false,
        };
        if !is_queued {
            self.sweeps.ask(Sweep::All);
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

fn remove(storage: &dyn Storage, gate: &Gate, removal: Removal) {
    match removal {
        Removal::Temporary(path) => match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => warn(&error),
            _ => {}
        },
        Removal::Files(keys) => {
            gate.pass();
            storage.remove_all(&keys).unwrap_or_else(|left| warn(&left.error));
        }
        Removal::LeftIn { folder, own } => remove_left(&folder, &own),
    }
}

fn remove_left(folder: &Path, own: &Path) {
    let mut count = 0;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path == own || path.ends_with(NOTES) {
            continue;
        }
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        count += if is_folder { fs::read_dir(&path).map_or(0, Iterator::count) } else { 1 };
        let removed = if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.unwrap_or_else(|error| warn(&error));
    }
    if count > 0 {
        tracing::info!(files = count, "temporary files of an earlier process were removed");
    }
}

fn warn(error: &io::Error) {
    tracing::warn!(%error, "a file could not be removed");
}
