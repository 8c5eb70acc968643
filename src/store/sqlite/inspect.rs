//! What kind of file lies there, found out without touching it.

use std::collections::HashSet;
use std::path::Path;

use rusqlite::OpenFlags;
use url::Url;

use crate::store::StoreError;
use crate::store::sqlite::connection::open_raw;
use crate::store::sqlite::errors::classify;

/// Whose database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// None: it is to be made.
    Fresh,
    /// Ours.
    Greenroom,
    /// PocketBase's, 0.23 or later: its tables are the ones we would make.
    PocketBase,
}

/// Finds out, or refuses. `expected` are the tables the reference has in such a file.
///
/// The file is opened through SQLite only: closing any other handle to it would drop the locks
/// SQLite holds in this process.
pub(super) fn inspect(path: &Path, expected: &[&str]) -> Result<Origin, StoreError> {
    if !path.exists() {
        return Ok(Origin::Fresh);
    }
    let raw = open_untouched(path)?;
    let tables = tables(&raw).map_err(|error| match classify(error) {
        damaged @ StoreError::Corrupt { .. } => refuse(path, &damaged.to_string()),
        other => other,
    })?;
    let has = |name: &str| tables.contains(name);
    if tables.is_empty() {
        return Ok(Origin::Fresh);
    }
    if has("_gr_migrations") {
        return Ok(Origin::Greenroom);
    }
    if has("_collections") && (has("_admins") || !has("_mfas")) {
        return Err(refuse(
            path,
            "it was written by a PocketBase older than 0.23; open it once with a newer one, \
             which brings it up to date",
        ));
    }
    if !expected.iter().all(|name| has(name)) {
        return Err(refuse(path, "it holds the tables of another program"));
    }
    Ok(Origin::PocketBase)
}

/// Opens the file so that none appears beside it. Without a log it is promised not to change while
/// we look, else SQLite would make an empty log; with a log that must be read too.
pub(super) fn open_untouched(path: &Path) -> Result<rusqlite::Connection, StoreError> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let has_log = Path::new(&log).exists();
    let whole = std::path::absolute(path).ok().and_then(|path| Url::from_file_path(path).ok());
    if let Some(mut url) = whole.filter(|_| !has_log) {
        url.set_query(Some("immutable=1"));
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        return open_raw(Path::new(url.as_str()), flags);
    }
    open_raw(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// The names of the tables, SQLite's own left out.
fn tables(raw: &rusqlite::Connection) -> rusqlite::Result<HashSet<String>> {
    let mut statement = raw.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_'",
    )?;
    statement.query_map([], |row| row.get(0))?.collect()
}

fn refuse(path: &Path, why: &str) -> StoreError {
    StoreError::Folder(format!(
        "{} cannot be opened: {why}. The file was not changed. \
         Give another data folder with --dir",
        path.display()
    ))
}
