//! What kind of file lies there, found out without touching it.

use std::collections::HashSet;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use rusqlite::OpenFlags;

use crate::store::StoreError;
use crate::store::sqlite::connection::open_raw;
use crate::store::sqlite::errors::classify;

/// The first bytes of every SQLite database.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

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

/// Finds out, or refuses.
pub(super) fn inspect(path: &Path) -> Result<Origin, StoreError> {
    if !has_magic(path)? {
        return Ok(Origin::Fresh);
    }
    let raw = open_raw(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let tables = tables(&raw).map_err(|error| refuse(path, &classify(error).to_string()))?;
    let has = |name: &str| tables.contains(name);
    if has("_gr_migrations") {
        return Ok(Origin::Greenroom);
    }
    if tables.is_empty() {
        return Ok(Origin::Fresh);
    }
    if has("_logs") && tables.len() == 1 {
        return Ok(Origin::PocketBase);
    }
    if !(has("_collections") && has("_params") && has("_migrations")) {
        return Err(refuse(path, "it holds the tables of another program"));
    }
    if has("_admins") || !has("_mfas") {
        return Err(refuse(
            path,
            "it was written by PocketBase older than 0.23; open it once with a newer PocketBase, \
             which brings it up to date",
        ));
    }
    Ok(Origin::PocketBase)
}

/// False when there is no file, or an empty one.
fn has_magic(path: &Path) -> Result<bool, StoreError> {
    let unreadable =
        |source| StoreError::Io { context: format!("cannot read {}", path.display()), source };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(unreadable(error)),
    };
    let mut start = Vec::with_capacity(MAGIC.len());
    file.take(MAGIC.len() as u64).read_to_end(&mut start).map_err(unreadable)?;
    if !start.is_empty() && start != MAGIC {
        return Err(refuse(path, "it is not a SQLite database"));
    }
    Ok(!start.is_empty())
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
