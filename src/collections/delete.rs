//! A collection goes, with its records and what belongs to them.

use std::sync::Arc;

use crate::collections::catalog::{Collections, TABLE, find_by_id};
use crate::collections::change::{SchemaChange, with_raw_text};
use crate::collections::table_sync;
use crate::error::{Error, Result};
use crate::schema::{Collection, Schema, system};
use crate::sql::{Value, write};

/// What a client reads when a collection stays.
const FAILED: &str = "Failed to delete collection.";

impl Collections {
    /// Deletes a collection and returns what it was. Its files follow.
    ///
    /// # Errors
    /// 404 for no such collection; 400 for one of the system's, or one that others point to.
    pub async fn delete(&self, id_or_name: &str) -> Result<Arc<Collection>> {
        let id = self.get(id_or_name)?.id.clone();
        self.change(move |change| {
            let collection = find_by_id(&change.schema, &id)?;
            require_deletable(&change.schema, &collection)?;
            change.delete(&collection).map_err(|error| with_raw_text(FAILED, error))?;
            change
                .require_views_whole(&collection.name)
                .map_err(|error| Error::bad_request(FAILED).with_source(error))?;
            Ok(collection)
        })
        .await
    }
}

impl SchemaChange<'_, '_> {
    /// Deletes without asking who points to it.
    pub fn delete(&mut self, collection: &Collection) -> Result<()> {
        let dialect = self.tx.dialect();
        if collection.auth().is_some() {
            let key = [("collectionRef", Value::from(collection.id.as_str()))];
            let satellites = system::AUTH_SATELLITES.into_iter();
            let satellites = satellites.filter(|name| self.schema.find_by_name(name).is_some());
            for table in satellites.chain(system::AUTH_TABLES) {
                self.tx.execute(&write::delete_where(dialect, table, &key))?;
            }
        }
        self.forget_sessions(&collection.id)?;
        self.tx.execute(&write::delete(dialect, TABLE, &collection.id))?;
        table_sync::drop(self.tx, collection)?;
        if !collection.is_view() {
            self.unswept.push(collection.id.clone());
        }
        self.schema = self.schema.without(&collection.id);
        Ok(())
    }
}

fn require_deletable(schema: &Schema, collection: &Collection) -> Result<()> {
    if collection.system {
        return Err(Error::bad_request(FAILED));
    }
    let mut names: Vec<&str> = schema
        .references_to(&collection.id)
        .filter(|(referrer, _)| referrer.id != collection.id)
        .map(|(referrer, _)| referrer.name.as_str())
        .collect();
    names.dedup();
    if names.is_empty() {
        return Ok(());
    }
    Err(Error::bad_request(format!(
        "Failed to delete collection probably due to existing reference in {}.",
        names.join(", ")
    )))
}
