//! The table follows its collection: changes of the schema become statements of the engine.

use crate::codes::Code;
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::schema::index::Index;
use crate::schema::{Collection, diff};
use crate::sql::TableChange;
use crate::store::{StoreError, Tx};

/// Makes the table of a new collection, with its indexes.
pub(super) fn create(tx: &Tx<'_>, collection: &Collection) -> Result<()> {
    apply(tx, &diff::create(collection))?;
    create_indexes(tx, collection, "Failed to create collection.")
}

/// Changes the table of `old` into that of `new`.
pub(super) fn update(tx: &Tx<'_>, old: &Collection, new: &Collection) -> Result<()> {
    let changes = diff::update(old, new);
    if changes.is_empty() && old.indexes == new.indexes {
        return Ok(());
    }
    for change in &changes {
        apply(tx, change)?;
    }
    create_indexes(tx, new, "Failed to update collection.")
}

/// Drops the table with its rows and indexes.
pub(super) fn drop(tx: &Tx<'_>, collection: &Collection) -> Result<()> {
    apply(tx, &TableChange::Drop { table: collection.name.clone() })
}

fn apply(tx: &Tx<'_>, change: &TableChange) -> Result<()> {
    Ok(tx.execute_script(&change.statement(tx.dialect()))?)
}

/// An index that the engine refuses is reported at its place in the list.
fn create_indexes(tx: &Tx<'_>, collection: &Collection, failed: &'static str) -> Result<()> {
    for (at, text) in collection.indexes.iter().enumerate() {
        let Some(index) = Index::parse(text) else { continue };
        let Err(error) = tx.execute_script(&index.print()) else { continue };
        let (StoreError::Sql { message }
        | StoreError::Unique { message, .. }
        | StoreError::Check { message }) = &error
        else {
            return Err(error.into());
        };
        let message = format!("Failed to create index {} - {message}.", index.name);
        let issue = Issue::with_message(Code::InvalidIndexExpression, message);
        let mut data = FieldErrors::default();
        data.nest("indexes", FieldErrors::one(at.to_string(), issue));
        return Err(Error::invalid(failed, data).with_source(error));
    }
    Ok(())
}
