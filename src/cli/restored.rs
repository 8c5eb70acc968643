//! What a start has to do with restores: finish one, try what is new, go back where that fails.

use std::cell::Cell;
use std::io;
use std::path::{Path, PathBuf};

use crate::backups::swap;
use crate::cli::failure::Failure;

/// Data that may be new, and that no server may have started with yet.
pub(super) struct Trial {
    dir: PathBuf,
    is_open: Cell<bool>,
}

impl Trial {
    /// Finishes what a crash left of a restore, and finds out what there is.
    pub fn resume(dir: &Path) -> Result<Self, Failure> {
        let found = swap::resume(dir).map_err(|e| not_moved(&e))?;
        if found == swap::Found::RolledBack {
            tracing::error!("no server started with the restored data; the old data is back");
        }
        let is_open = Cell::new(found == swap::Found::NewData);
        Ok(Self { dir: dir.to_owned(), is_open })
    }

    /// Whether the data is new and unproved.
    pub fn is_open(&self) -> bool {
        self.is_open.get()
    }

    /// A server works with the data.
    pub fn confirm(&self) {
        if self.is_open.replace(false) {
            match swap::confirm(&self.dir) {
                Ok(()) => tracing::info!("the restored data is in use"),
                Err(error) => tracing::warn!(%error, "the data before the restore stays on disk"),
            }
        }
    }

    /// No server starts with the data: back to the old one, and on with that. It only returns
    /// where that is not possible.
    pub fn give_up(&self, failure: &Failure) -> Failure {
        tracing::error!(%failure, "no server starts with the restored data; the old comes back");
        match swap::roll_back(&self.dir) {
            Ok(()) => start_again(),
            Err(error) => not_moved(&error),
        }
    }
}

/// Puts what was unpacked in place and starts anew with it. It only returns when that fails.
pub(super) fn put_in_place(dir: &Path) -> Failure {
    match swap::put_in_place(dir) {
        Ok(()) => start_again(),
        Err(error) => not_moved(&error),
    }
}

fn not_moved(error: &io::Error) -> Failure {
    Failure::new(format!(
        "a restore could not move the content of the data folder: {error}; \
         see to that, then start the server: it goes on from there"
    ))
}

/// Becomes the same program anew. It only returns when that fails.
#[cfg(unix)]
fn start_again() -> Failure {
    use std::os::unix::process::CommandExt as _;
    let arguments = std::env::args_os().skip(1);
    let error = match std::env::current_exe() {
        Ok(program) => std::process::Command::new(program).args(arguments).exec(),
        Err(error) => error,
    };
    Failure::new(format!("the server cannot start itself again: {error}; start it by hand"))
}

#[cfg(not(unix))]
fn start_again() -> Failure {
    Failure::new("the data folder has changed; start the server again")
}
