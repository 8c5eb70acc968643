//! The data folder: made when absent, and held by one process.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

use crate::store::StoreError;

/// Beside the databases, so that no lock lies on a file another program wants to open.
const LOCK_FILE: &str = ".greenroom.lock";

/// The folder is ours until this is dropped; the system gives it back if the process dies.
pub(super) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Makes the folder if needed and takes it, or says who cannot. `None` for a folder that
    /// another process has, when `joins` says that this is no obstacle.
    pub fn take(dir: &Path, joins: bool) -> Result<Option<Self>, StoreError> {
        fs::create_dir_all(dir).map_err(|source| refused(dir, &source))?;
        let path = dir.join(LOCK_FILE);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|source| refused(dir, &source))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) if joins => Ok(None),
            Err(TryLockError::WouldBlock) => Err(StoreError::Folder(format!(
                "the data folder {} is in use by another greenroom process; \
                 stop it, or give another folder with --dir",
                dir.display()
            ))),
            Err(TryLockError::Error(source)) => {
                Err(StoreError::Io { context: format!("cannot lock {}", path.display()), source })
            }
        }
    }
}

/// One line that says what to do.
fn refused(dir: &Path, error: &io::Error) -> StoreError {
    let advice = match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "give this user the right to write there, or another folder with --dir"
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            "the disk is read-only; give another folder with --dir"
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "a file is in the way; give another folder with --dir"
        }
        io::ErrorKind::StorageFull => "the disk is full",
        _ => "check the path given with --dir",
    };
    StoreError::Folder(format!("cannot use the data folder {}: {error}; {advice}", dir.display()))
}
