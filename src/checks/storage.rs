//! Files of local storage that belong to nothing.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::checks::tables::number;
use crate::checks::{Finding, Level};
use crate::error::Result;
use crate::schema::Collection;
use crate::sql::Value;
use crate::store::Tx;

/// Records that a thorough look asks for.
const MOST: usize = 200_000;

const WHY: &str = "they take room, and nobody can reach them";

/// Folders of collections that there are not; with `is_thorough`, of records that there are not.
pub(super) fn look(
    tx: &Tx<'_>,
    dir: &Path,
    collections: &[Arc<Collection>],
    is_thorough: bool,
) -> Result<Vec<Finding>> {
    let known: HashSet<&str> = collections.iter().map(|c| c.id.as_str()).collect();
    let storage = dir.join("storage");
    let folders = names(&storage);
    let lost: Vec<&String> = folders.iter().filter(|name| !known.contains(name.as_str())).collect();
    let mut found = Vec::new();
    if !lost.is_empty() {
        found.push(Finding::new(
            "files_without_collection",
            Level::Warning,
            format!("{} folders in {} belong to no collection", lost.len(), storage.display()),
            WHY,
            format!("look at them and remove them, such as {}", storage.join(lost[0]).display()),
        ));
    }
    if is_thorough {
        for collection in collections.iter().filter(|c| folders.contains(&c.id)) {
            found.extend(without_record(tx, &storage, collection)?);
        }
    }
    Ok(found)
}

fn without_record(tx: &Tx<'_>, storage: &Path, collection: &Collection) -> Result<Option<Finding>> {
    let table = tx.dialect().quote(&collection.name);
    let sql = format!("SELECT COUNT(*) FROM {table} WHERE id = ?1");
    let folder = storage.join(&collection.id);
    let mut lost = 0;
    for record in names(&folder).into_iter().take(MOST) {
        if number(tx, sql.clone(), vec![Value::from(record)])? == Some(0) {
            lost += 1;
        }
    }
    let finding = Finding::new(
        "files_without_record",
        Level::Warning,
        format!("{lost} folders in {} belong to no record", folder.display()),
        WHY,
        "start the server: it removes them",
    );
    Ok((lost > 0).then(|| finding.of_collection(&collection.name, "")))
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let folders = entries.filter_map(std::result::Result::ok).filter(|entry| entry.path().is_dir());
    let names = folders.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| !name.starts_with('.')).collect()
}
