//! The service and its start: a fresh database gets the system collections, any other is read.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Clock, DateTime};
use crate::collections::list;
use crate::collections::table_sync;
use crate::collections::view;
use crate::error::{Error, Result};
use crate::files::Files;
use crate::query;
use crate::schema::{Collection, Schema, SchemaCache, system};
use crate::settings::SettingsCache;
use crate::sql::write;
use crate::store::{Cost, Store, Tx};

/// How long a change of the schema may hold the writer.
pub(super) const CHANGE_LIMIT: Duration = Duration::from_secs(60);

/// The table that holds collections.
pub(super) const TABLE: &str = "_collections";

/// What can be done with collections.
#[derive(Clone)]
pub struct Collections {
    pub(super) store: Store,
    pub(super) files: Files,
    pub(super) schema: Arc<SchemaCache>,
    pub(super) settings: SettingsCache,
    pub(super) clock: Clock,
}

impl Collections {
    /// Reads all collections, after making the system ones in a database that has none.
    ///
    /// # Errors
    /// A database that cannot be read, or a collection that no version of the format explains.
    pub fn open(
        store: &Store,
        settings: &SettingsCache,
        files: &Files,
        clock: &Clock,
    ) -> Result<Self> {
        let collections = store.read_blocking(Cost::Unbounded, load)?;
        let collections = if collections.is_empty() {
            let now = clock.now();
            store.write_exclusive_blocking(CHANGE_LIMIT, move |tx| {
                create_system_collections(tx, now)?;
                load(tx)
            })?
        } else {
            collections
        };
        mend_views(store, &collections)?;
        let schema = SchemaCache::default();
        schema.publish(collections);
        store.schema_changed();
        Ok(Self {
            store: store.clone(),
            files: files.clone(),
            schema: Arc::new(schema),
            settings: settings.clone(),
            clock: clock.clone(),
        })
    }

    /// The collections as of now, for every other service.
    pub fn schema(&self) -> Arc<SchemaCache> {
        self.schema.clone()
    }

    /// One collection by id, or by name in any case.
    ///
    /// # Errors
    /// There is none.
    pub fn get(&self, id_or_name: &str) -> Result<Arc<Collection>> {
        find(&self.schema.load(), id_or_name)
    }
}

/// The collection that a request has found, in the schema of its transaction.
pub(super) fn find_by_id(schema: &Schema, id: &str) -> Result<Arc<Collection>> {
    schema.find_by_id(id).cloned().ok_or_else(Error::not_found)
}

/// One collection of a schema.
pub(super) fn find(schema: &Schema, id_or_name: &str) -> Result<Arc<Collection>> {
    schema.find(id_or_name).cloned().ok_or_else(Error::not_found)
}

/// All collections in the order they were made.
///
/// # Errors
/// They cannot be read.
pub fn load(tx: &Tx<'_>) -> Result<Vec<Arc<Collection>>> {
    let columns = Collection::COLUMNS.iter().map(|&name| name.to_owned()).collect();
    let plan = list::plan(columns, "")?;
    let mut collections = Vec::new();
    tx.query(&query::select(&plan, tx.dialect()), |row| {
        collections.push(Arc::new(Collection::load(row)?));
        Ok(())
    })?;
    Ok(collections)
}

/// A folder of PocketBase may have views that are not read as texts are quoted in them.
fn mend_views(store: &Store, collections: &[Arc<Collection>]) -> Result<()> {
    let all = collections.to_vec();
    let read = move |tx: &Tx<'_>| view::misquoted(tx, &all);
    let misquoted = store.read_blocking(Cost::Unbounded, read)?;
    if misquoted.is_empty() {
        return Ok(());
    }
    let schema = Schema::new(0, collections.to_vec());
    store.write_exclusive_blocking(CHANGE_LIMIT, move |tx| view::requote(tx, &misquoted, &schema))
}

fn create_system_collections(tx: &Tx<'_>, now: DateTime) -> Result<()> {
    for collection in system::collections(now) {
        tx.execute(&write::insert(tx.dialect(), TABLE, &collection.to_row()))?;
        table_sync::create(tx, &collection, &Schema::default())?;
    }
    Ok(())
}
