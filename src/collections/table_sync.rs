//! The table follows its collection: changes of the schema become statements of the engine.

use std::sync::Arc;

use crate::codes::Code;
use crate::collections::view;
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::schema::index::Index;
use crate::schema::{Collection, Schema, diff};
use crate::sql::{TableChange, quotes};
use crate::store::{StoreError, Tx};

/// Makes the table of a new collection, with its indexes, or the view that it is.
pub(super) fn create(tx: &Tx<'_>, collection: &Collection, schema: &Schema) -> Result<()> {
    if collection.is_view() {
        return apply(tx, &view::create(tx, collection, schema)?);
    }
    apply(tx, &diff::create(collection))?;
    create_indexes(tx, collection, "Failed to create collection.")
}

/// Changes the table or view of `old` into that of `new`.
pub(super) fn update(
    tx: &Tx<'_>,
    old: &Collection,
    new: &Collection,
    schema: &Schema,
) -> Result<()> {
    if new.is_view() {
        apply(tx, &TableChange::DropView { view: old.name.clone() })?;
        return apply(tx, &view::create(tx, new, schema)?);
    }
    let changes = diff::update(old, new);
    if changes.is_empty() && old.indexes == new.indexes {
        return Ok(());
    }
    let converts = |change: &TableChange| {
        matches!(change, TableChange::TextsToLists { .. } | TableChange::ListsToTexts { .. })
    };
    // A column that is made anew must not be looked at meanwhile.
    let aside: Vec<&Arc<Collection>> = if changes.iter().any(converts) {
        schema.collections().iter().filter(|other| other.is_view()).collect()
    } else {
        Vec::new()
    };
    for view in aside.iter().rev() {
        apply(tx, &TableChange::DropView { view: view.name.clone() })?;
    }
    for change in &changes {
        apply(tx, change)?;
    }
    for collection in &aside {
        apply(tx, &view::create(tx, collection, schema)?)?;
    }
    create_indexes(tx, new, "Failed to update collection.")
}

/// Drops the table with its rows and indexes, or the view.
pub(super) fn drop(tx: &Tx<'_>, collection: &Collection) -> Result<()> {
    let name = collection.name.clone();
    if collection.is_view() {
        return apply(tx, &TableChange::DropView { view: name });
    }
    apply(tx, &TableChange::Drop { table: name })
}

fn apply(tx: &Tx<'_>, change: &TableChange) -> Result<()> {
    Ok(tx.execute_script(&change.statement(tx.dialect()))?)
}

/// An index that the engine refuses is reported at its place in the list.
fn create_indexes(tx: &Tx<'_>, collection: &Collection, failed: &'static str) -> Result<()> {
    for (at, text) in collection.indexes.iter().enumerate() {
        let Some(index) = Index::parse(text) else { continue };
        // PocketBase's engine takes a word in double quotes for a text where no column has it.
        let is_column = |word: &str| {
            collection.fields.iter().any(|field| field.name.eq_ignore_ascii_case(word))
        };
        let statement = quotes::as_texts(&index.print(), is_column);
        let Err(error) = tx.execute_script(&statement) else { continue };
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
