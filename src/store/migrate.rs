//! Migrations of the system tables: which exist, which are applied, and how one is applied.
//! Knows the tables that record them, and no engine beyond the folder its files come from.

use aws_lc_rs::digest::{SHA256, digest};

use crate::error::Result;
use crate::sql::{Statement, Value, ValueRef};
use crate::store::{StoreError, Tx};

/// One file of `migrations/`; shipped, it is never edited.
pub(super) struct Migration {
    pub number: u32,
    pub name: &'static str,
    pub sql: &'static str,
}

/// One database of the data folder and how its tables came to be.
pub(super) struct Migrations {
    /// The file in the data folder.
    pub file: &'static str,
    /// Numbered from 1 without gaps.
    pub list: &'static [Migration],
    /// Whether an upgrade keeps a copy.
    pub is_precious: bool,
    /// What the reference has in this file; we make the same.
    pub tables: &'static [&'static str],
}

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

/// Collections, records, settings.
pub(super) static MAIN: Migrations = Migrations {
    file: "data.db",
    list: &[
        migration!(1, "sqlite/main/0001_init.sql"),
        migration!(2, "sqlite/main/0002_changes.sql"),
        migration!(3, "sqlite/main/0003_jobs.sql"),
        migration!(4, "sqlite/main/0004_deliveries.sql"),
        migration!(5, "sqlite/main/0005_sessions.sql"),
        migration!(6, "sqlite/main/0006_lanes.sql"),
        migration!(7, "sqlite/main/0007_second_factors.sql"),
    ],
    is_precious: true,
    tables: &["_migrations", "_params", "_collections"],
};

/// Logs.
pub(super) static LOGS: Migrations = Migrations {
    file: "auxiliary.db",
    list: &[migration!(1, "sqlite/logs/0001_init.sql")],
    is_precious: false,
    tables: &["_logs"],
};

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

impl Migrations {
    /// What is still to be applied. Refuses a database from a newer program, or one whose
    /// applied migrations are not the ones this program carries.
    pub fn pending(&self, applied: &[Applied]) -> Result<&'static [Migration], StoreError> {
        let file = self.file;
        for (index, row) in applied.iter().enumerate() {
            let Some(known) = self.list.get(index) else {
                return Err(StoreError::Folder(format!(
                    "{file} was written by a newer greenroom (its migration {} is unknown here); \
                     install that version, or restore a backup made before the upgrade",
                    row.number
                )));
            };
            if *row != known.as_applied() {
                return Err(StoreError::Folder(format!(
                    "{file} has another migration {} than this greenroom; \
                     it was written by a build that was never released",
                    row.number
                )));
            }
        }
        Ok(&self.list[applied.len()..])
    }
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
        let ValueRef::Int(number) = row.get(0) else { return Ok(()) };
        rows.push(Applied { number, checksum: row.get(1).text().to_owned() });
        Ok(())
    })?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shipped file is never edited. A new one gets a line here when it is released.
    #[test]
    fn shipped_migrations_keep_their_text() {
        let shipped = [
            (&MAIN, 1, "78b5feb76eea781d2a8f6aa48c639ebf3b694aeb75bee4ba07f9ff8ac2f94e42"),
            (&LOGS, 1, "1ec28f215f882502fc3d05614765820ddf4095b5811e3dbb71967122d125b901"),
        ];
        for (migrations, number, checksum) in shipped {
            let migration = &migrations.list[number - 1];
            assert_eq!(migration.checksum(), checksum, "{}", migration.name);
        }
    }

    #[test]
    fn numbers_have_no_gaps_and_match_the_names() {
        for migrations in [&MAIN, &LOGS] {
            for (index, migration) in migrations.list.iter().enumerate() {
                assert_eq!(migration.number as usize, index + 1);
                assert!(migration.name.contains(&format!("/{:04}_", migration.number)));
            }
        }
    }

    #[test]
    fn r19_a_newer_or_other_database_is_refused() {
        let own = LOGS.list[0].as_applied();
        assert!(LOGS.pending(&[]).unwrap().len() == LOGS.list.len());
        assert!(LOGS.pending(std::slice::from_ref(&own)).is_ok());
        let newer = Applied { number: 99, checksum: own.checksum.clone() };
        let newer = [own.clone(), newer];
        assert!(LOGS.pending(&newer).is_err_and(|e| e.to_string().contains("newer greenroom")));
        let other = [Applied { checksum: "0".repeat(64), ..own }];
        assert!(LOGS.pending(&other).is_err_and(|e| e.to_string().contains("another migration")));
    }
}
