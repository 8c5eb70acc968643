//! Migrations of the system tables: which exist, which are applied, and how one is applied.
//! Knows the tables that record them, and no engine beyond the folder its files come from.

use aws_lc_rs::digest::{SHA256, digest};

use crate::error::Result;
use crate::sql::{Statement, Value};
use crate::store::{StoreError, Tx};

/// One file of `migrations/`; shipped, it is never edited.
pub(super) struct Migration {
    pub number: u32,
    pub name: &'static str,
    pub sql: &'static str,
}

/// The migrations of one database, numbered from 1 without gaps.
pub(super) type Migrations = [Migration];

/// Embeds a file under its number.
macro_rules! migration {
    ($number:literal, $path:literal) => {
        Migration {
            number: $number,
            name: $path,
            sql: include_str!(concat!("../../migrations/", $path)),
        }
    };
}

/// Of data.db.
pub(super) static MAIN: [Migration; 1] = [migration!(1, "sqlite/main/0001_init.sql")];

/// Of auxiliary.db.
pub(super) static LOGS: [Migration; 1] = [migration!(1, "sqlite/logs/0001_init.sql")];

/// What a database says was applied to it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Applied {
    pub number: i64,
    pub checksum: String,
}

/// Our own bookkeeping. The reference has `_migrations`, which stays as it wants it.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS _gr_migrations (
    number INTEGER PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL
)";

impl Migration {
    /// What the file held when it was applied, in 64 hexadecimal digits.
    pub fn checksum(&self) -> String {
        let digest = digest(&SHA256, self.sql.as_bytes());
        digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Migration {
    /// As the database would record it.
    pub fn as_applied(&self) -> Applied {
        Applied { number: self.number.into(), checksum: self.checksum() }
    }
}

/// What is still to be applied. Refuses a database from a newer program, or one whose applied
/// migrations are not the ones this program carries.
pub(super) fn pending<'m>(
    migrations: &'m Migrations,
    applied: &[Applied],
    file: &str,
) -> Result<&'m [Migration], StoreError> {
    for (index, row) in applied.iter().enumerate() {
        let Some(known) = migrations.get(index) else {
            return Err(StoreError::Folder(format!(
                "{file} was written by a newer greenroom (its migration {} is unknown here); \
                 install that version, or restore a backup made before the upgrade",
                row.number
            )));
        };
        if row.number != i64::from(known.number) || row.checksum != known.checksum() {
            return Err(StoreError::Folder(format!(
                "{file} has another migration {} than this greenroom; \
                 it was written by a build that was never released",
                row.number
            )));
        }
    }
    Ok(&migrations[applied.len()..])
}

/// Runs one migration inside the caller's transaction, and records it.
pub(super) fn apply(tx: &Tx<'_>, migration: &Migration) -> Result<(), StoreError> {
    tx.execute_script(migration.sql)?;
    record(tx, migration)
}

/// Records a migration without running it: what it would make is there already.
pub(super) fn record(tx: &Tx<'_>, migration: &Migration) -> Result<(), StoreError> {
    tx.execute_script(TABLE)?;
    tx.execute(&Statement::new(
        "INSERT INTO _gr_migrations (number, name, checksum) VALUES (?1, ?2, ?3)",
        vec![
            Value::Int(migration.number.into()),
            Value::from(migration.name),
            Value::from(migration.checksum()),
        ],
    ))?;
    Ok(())
}

/// What was applied, in order. The table must exist.
pub(super) fn applied(tx: &Tx<'_>) -> Result<Vec<Applied>> {
    let mut rows = Vec::new();
    let statement =
        Statement::new("SELECT number, checksum FROM _gr_migrations ORDER BY number", vec![]);
    tx.query(&statement, |row| {
        let crate::sql::ValueRef::Int(number) = row.get(0) else { return Ok(()) };
        rows.push(Applied { number, checksum: row.get(1).text().to_owned() });
        Ok(())
    })?;
    Ok(rows)
}
