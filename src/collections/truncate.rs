//! All records of a collection go.

use std::sync::Arc;

use crate::collections::catalog::{CHANGE_LIMIT, Collections, find_by_id};
use crate::error::{Error, Kind, Result};
use crate::schema::{Collection, Schema};
use crate::store::Tx;

impl Collections {
    /// Runs `delete_all`, which deletes every record with its cascades, in a transaction of its
    /// own. What a cascade means is for the records to know.
    ///
    /// # Errors
    /// 404 for no such collection, 400 for a view, 400 when a record must stay.
    pub async fn truncate<F>(&self, id_or_name: &str, delete_all: F) -> Result<()>
    where
        F: FnOnce(&Tx<'_>, &Arc<Schema>, &Arc<Collection>) -> Result<()> + Send + 'static,
    {
        let collection = self.get(id_or_name)?;
        if collection.is_view() {
            return Err(Error::bad_request(
                "View collections cannot be truncated since they don't store their own records.",
            ));
        }
        let id = collection.id.clone();
        let cache = self.schema();
        let work = move |tx: &Tx<'_>| {
            let schema = cache.load();
            delete_all(tx, &schema, &find_by_id(&schema, &id)?)
        };
        self.store.write_exclusive(CHANGE_LIMIT, work).await.map_err(|error| match error.kind() {
            Kind::BadRequest => Error::bad_request(
                "Failed to truncate collection (most likely due to required cascade delete record \
                 references).",
            )
            .with_source(error),
            _ => error,
        })
    }
}
