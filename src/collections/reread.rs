//! Collections read anew after somebody changed the tables past this service.

use std::sync::Arc;
use std::time::Duration;

use crate::collections::catalog::{self, Collections};
use crate::collections::view::require_readable;
use crate::error::{Error, Result};
use crate::schema::Collection;
use crate::store::{StoreError, Tx};

/// What the look at a table of one collection may take.
const LOOK: Duration = Duration::from_secs(1);

impl Collections {
    /// Takes the collections that the tables of this transaction tell of, from its commit on.
    ///
    /// # Errors
    /// A collection cannot be read, or loses its table or columns of it.
    pub fn reread(&self, tx: &Tx<'_>) -> Result<()> {
        let collections = catalog::load(tx)?;
        for collection in collections.iter().filter(|collection| !collection.is_view()) {
            if let Err(error) = require_readable(tx, collection)
                && !self.was_lost(&collection.id)
            {
                return Err(lost(collection, &error));
            }
        }
        let this = self.clone();
        tx.on_commit(move || {
            this.schema.publish(collections);
            this.store.schema_changed();
        });
        Ok(())
    }

    /// True for a collection whose table did not fit before either.
    fn was_lost(&self, id: &str) -> bool {
        let schema = self.schema.load();
        let Some(old) = schema.find_by_id(id) else { return false };
        self.store.read_at_once(LOOK, |tx| require_readable(tx, old)).is_some_and(|r| r.is_err())
    }
}

fn lost(collection: &Arc<Collection>, error: &Error) -> Error {
    let reason = StoreError::below(error).map_or_else(|| error.to_string(), ToString::to_string);
    let message = format!(
        "the collection {:?} would lose what it needs of its table ({reason}): change or delete \
         the collection instead",
        collection.name
    );
    StoreError::Sql { message }.into()
}
