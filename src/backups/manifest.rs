//! What is in a backup: written into it when it is made, or found out by looking.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::clock::DateTime;
use crate::error::Result;
use crate::sql::Statement;
use crate::store::{DatabaseFile, Tx};

/// The entry of a zip that holds it. Nothing of a data folder is called so.
pub(super) const ENTRY: &str = ".greenroom-backup.json";

/// What is in a backup.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Manifest {
    /// The program that made it; empty where that is not known.
    pub version: String,
    /// When it was made; empty where that is not known.
    pub created: String,
    /// The application's name.
    pub app_name: String,
    /// All collections, by name.
    pub collections: Vec<Counted>,
    /// Bytes of the database.
    pub database_size: u64,
    /// Files of records, thumbs and sidecars among them.
    pub files: u64,
    /// Their bytes.
    pub files_size: u64,
}

/// A collection of a backup.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Its name.
    pub name: String,
    /// `base`, `auth` or `view`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its records; a view has none of its own.
    pub records: u64,
}

impl Manifest {
    /// Of a backup that is made now.
    pub(super) fn new(app_name: &str, now: DateTime) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            created: now.to_string(),
            app_name: app_name.to_owned(),
            ..Self::default()
        }
    }

    /// Adds what the database holds.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn count(&mut self, path: &Path) -> Result<()> {
        let file = DatabaseFile::open(path)?;
        self.collections = file.read(collections)?;
        self.database_size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        Ok(())
    }
}

fn collections(tx: &Tx<'_>) -> Result<Vec<Counted>> {
    let mut all = Vec::new();
    let statement = Statement::new("SELECT name, type FROM _collections ORDER BY name", vec![]);
    tx.query(&statement, |row| {
        let (name, kind) = (row.get(0).text().to_owned(), row.get(1).text().to_owned());
        all.push(Counted { name, kind, records: 0 });
        Ok(())
    })?;
    for counted in all.iter_mut().filter(|counted| counted.kind != "view") {
        let table = tx.dialect().quote(&counted.name);
        let count = Statement::new(format!("SELECT count(*) FROM {table}"), vec![]);
        let rows = tx.query_one(&count, |row| Ok(row.get(0).to_value()))?;
        if let Some(crate::sql::Value::Int(rows)) = rows {
            counted.records = u64::try_from(rows).unwrap_or(0);
        }
    }
    Ok(all)
}
