//! What an upgrade of a database leaves for the day it is regretted: a copy from before.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::store::StoreError;
use crate::store::migrate::Migrations;
use crate::store::sqlite::copy::copy;
use crate::store::sqlite::shared::Shared;

/// Stands between the name of a database and the number of the migration that came next.
const BEFORE: &str = ".before-";

/// Copies the database before the migration `next` changes it, and lets older copies go. A copy
/// that is there stays: an earlier try failed after it, and the file is what it was then. Logs are
/// not worth one.
pub(super) fn keep_copy(
    shared: &Shared,
    migrations: &Migrations,
    next: u32,
) -> Result<(), StoreError> {
    if !migrations.is_precious {
        return Ok(());
    }
    let kept = shared.path.with_file_name(format!("{}{BEFORE}{next:04}", migrations.file));
    if kept.exists() {
        return Ok(());
    }
    let unfinished = kept.with_extension("part");
    remove(&unfinished).map_err(|e| not_kept(&unfinished, e))?;
    copy(&shared.path, &unfinished, &mut |_| true)?;
    for old in earlier(&shared.path).map_err(|e| not_kept(&kept, e))? {
        remove(&old).map_err(|e| not_kept(&old, e))?;
    }
    fs::rename(&unfinished, &kept).map_err(|e| not_kept(&kept, e))?;
    let kept = kept.display();
    tracing::info!(
        %kept,
        "the database is brought up to date; to go back, stop the server, rename this copy to {0}, \
         remove {0}-wal and {0}-shm, and start the version from before",
        migrations.file
    );
    Ok(())
}

/// The copies that earlier upgrades left.
fn earlier(path: &Path) -> io::Result<Vec<PathBuf>> {
    let begins = |name: &str| {
        let file = path.file_name().and_then(|file| file.to_str()).unwrap_or_default();
        name.strip_prefix(file).and_then(|rest| rest.strip_prefix(BEFORE)).is_some_and(|number| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(path.parent().unwrap_or(Path::new(".")))? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(begins) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// What is not there is removed already.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn not_kept(path: &Path, source: io::Error) -> StoreError {
    StoreError::Io { context: format!("no copy could be kept at {}", path.display()), source }
}

/// One line that says what to do.
pub(super) fn refused(migrations: &Migrations, error: StoreError) -> StoreError {
    match error {
        StoreError::Busy | StoreError::Full | StoreError::Io { .. } => error,
        error => StoreError::Folder(format!(
            "{} could not be brought up to date: {error}. Nothing of it was changed: \
             the version from before still opens it",
            migrations.file
        )),
    }
}
