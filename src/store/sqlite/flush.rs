//! The flusher of `Durability::Flushed`: forces the log to disk soon after a commit, so that a
//! power failure takes a bounded window only.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::faults;
use crate::store::StoreError;
use crate::store::job::caught;
use crate::store::sqlite::pool::spawn;

/// Time a commit may wait for company. With the flush itself it stays below 100 ms.
const DELAY: Duration = Duration::from_millis(80);

#[derive(Default)]
struct State {
    has_commits: bool,
    stops: bool,
}

#[derive(Default)]
pub(super) struct Flusher {
    state: Mutex<State>,
    changed: Condvar,
}

impl Flusher {
    /// Starts the thread for the log of `database`.
    pub fn start(database: &Path) -> Result<(Arc<Self>, JoinHandle<()>), StoreError> {
        let flusher = Arc::new(Self::default());
        let mut log = database.as_os_str().to_owned();
        log.push("-wal");
        let (this, log) = (Arc::clone(&flusher), PathBuf::from(log));
        let thread = spawn("flush".to_owned(), move || this.run(&log))?;
        Ok((flusher, thread))
    }

    /// Notes a commit. Wakes the thread only for the first one since the last flush.
    pub fn committed(&self) {
        let mut state = self.state.lock();
        if !state.has_commits {
            state.has_commits = true;
            self.changed.notify_one();
        }
    }

    /// Flushes what is left, and ends the thread.
    pub fn stop(&self) {
        self.state.lock().stops = true;
        self.changed.notify_one();
    }

    fn run(&self, path: &Path) {
        let mut log: Option<File> = None;
        while self.wait() {
            // A panic is logged by `caught`; what it was about to flush is flushed with the next.
            let flushed = caught(|| Ok(flush(&mut log, path)));
            if let Err(error) = flushed.unwrap_or_else(|_| Err(io::Error::other("a panic"))) {
                // The last connection empties the log into the database and removes it.
                if error.kind() == std::io::ErrorKind::NotFound && self.state.lock().stops {
                    continue;
                }
                tracing::error!(%error, path = %path.display(), "the log did not reach the disk");
                log = None;
            }
        }
    }

    /// Waits for a commit and for its company; false when there is nothing left to do.
    fn wait(&self) -> bool {
        let mut state = self.state.lock();
        while !state.has_commits {
            if state.stops {
                return false;
            }
            self.changed.wait(&mut state);
        }
        if !state.stops {
            self.changed.wait_for(&mut state, DELAY);
        }
        state.has_commits = false;
        true
    }
}

/// The file is never replaced while a connection is open, so it is opened once. SQLite keeps
/// its locks on other files: closing this one gives none of them away.
fn flush(log: &mut Option<File>, path: &Path) -> std::io::Result<()> {
    faults::pass("store::flush")?;
    if log.is_none() {
        *log = Some(OpenOptions::new().read(true).write(true).open(path)?);
    }
    log.as_ref().map_or(Ok(()), File::sync_data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Stopwatch;

    #[test]
    fn a_commit_is_due_within_a_tenth_of_a_second_and_before_the_end() {
        let flusher = Flusher::default();
        flusher.committed();
        let watch = Stopwatch::start();
        assert!(flusher.wait());
        assert!(watch.elapsed() >= DELAY / 2, "commits in company share a flush");
        flusher.committed();
        flusher.stop();
        assert!(flusher.wait(), "what is left is flushed at the end");
        assert!(!flusher.wait());
    }

    #[test]
    fn a_log_that_cannot_be_flushed_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = None;
        assert!(flush(&mut log, &dir.path().join("data.db-wal")).is_err());
        File::create(dir.path().join("data.db-wal")).unwrap();
        flush(&mut log, &dir.path().join("data.db-wal")).unwrap();
        assert!(log.is_some());
    }
}
