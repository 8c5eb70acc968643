//! A database file that nobody serves: opened to be looked at, not to be changed.

use std::path::Path;
use std::time::Duration;

use crate::error::Result;
use crate::sql::{Statement, ValueRef};
use crate::store::engine::Lookable;
use crate::store::migrate::{self, Migrations};
use crate::store::sqlite::connection::{Connection, Role};
use crate::store::sqlite::inspect::{Origin, inspect};
use crate::store::sqlite::shared::Shared;
use crate::store::{StoreError, StoreOptions, Tx};

/// Findings of a check that are told.
const MOST_FINDINGS: usize = 20;

struct SqliteFile {
    connection: Connection,
    pending: usize,
}

/// Opens a file; refuses what a store would refuse to open.
pub(in crate::store) fn open_file(
    path: &Path,
    migrations: &'static Migrations,
) -> Result<Box<dyn Lookable>, StoreError> {
    let origin = inspect(path, migrations.tables)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let options = StoreOptions { mmap_size: 0, ..StoreOptions::new(folder) };
    let shared = Shared::new(path.to_owned(), options);
    let connection = Connection::open(&shared, Role::Reader)?;
    let pending = match origin {
        Origin::Fresh => {
            return Err(StoreError::Folder(format!("{} has no tables", path.display())));
        }
        Origin::PocketBase => migrations.list.len().saturating_sub(1),
        Origin::Greenroom => {
            let applied = migrate::applied(&Tx::new(&connection)).map_err(|error| {
                let file = migrations.file;
                StoreError::Folder(format!("the migrations of {file} cannot be read: {error}"))
            })?;
            migrations.pending(&applied)?.len()
        }
    };
    Ok(Box::new(SqliteFile { connection, pending }))
}

impl Lookable for SqliteFile {
    fn pending(&self) -> usize {
        self.pending
    }

    fn look(&self, work: &mut dyn FnMut(&Tx<'_>)) -> Result<(), StoreError> {
        // As long as it takes: nobody waits for this connection.
        self.connection.with_snapshot(Duration::MAX, |session| work(&Tx::new(session)))?;
        Ok(())
    }

    fn check(&self, is_thorough: bool) -> Result<Vec<String>> {
        let name = if is_thorough { "integrity_check" } else { "quick_check" };
        let statement = Statement::new(format!("PRAGMA {name}({MOST_FINDINGS})"), vec![]);
        let mut findings = Vec::new();
        let mut outcome = Ok(());
        self.look(&mut |tx| {
            outcome = tx.query(&statement, |row| {
                if let ValueRef::Text(text) = row.get(0)
                    && text != "ok"
                {
                    findings.push(text.to_owned());
                }
                Ok(())
            });
        })?;
        outcome.map(|()| findings)
    }
}
