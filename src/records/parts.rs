//! What the operations on records share.

use std::sync::Arc;

use crate::crypto::PasswordPool;
use crate::error::{Error, Result};
use crate::files::Files;
use crate::records::shape::{Audience, Shape, ShapeCache};
use crate::schema::{Collection, Schema, SchemaCache};
use crate::store::{Store, Tx};

/// How often a write that changes of the schema overtake is prepared.
const MAX_TRIES: usize = 4;

/// The records of all collections. Cheap to clone.
#[derive(Clone)]
pub struct Records {
    pub(crate) store: Store,
    pub(crate) schema: Arc<SchemaCache>,
    pub(crate) passwords: PasswordPool,
    pub(crate) files: Files,
    shapes: Arc<ShapeCache>,
}

impl Records {
    /// Records in `store`, described by `schema`, with their files in `files`.
    pub fn new(
        store: Store,
        schema: Arc<SchemaCache>,
        passwords: PasswordPool,
        files: Files,
    ) -> Self {
        Self { store, schema, passwords, files, shapes: Arc::default() }
    }

    /// The schema as of now.
    pub fn schema(&self) -> Arc<Schema> {
        self.schema.load()
    }

    /// The columns of `collection` as `audience` sees them.
    pub fn shape(&self, collection: &Arc<Collection>, audience: Audience) -> Arc<Shape> {
        self.shapes.get(collection, audience)
    }

    /// Runs `work` on the writer, unless the schema it was prepared against was replaced since:
    /// then nothing is done, and `None` says so. The writer's thread is where schemas change, so
    /// this one holds while the work runs.
    pub(crate) async fn write_under<T, F>(&self, schema: &Schema, work: F) -> Result<Option<T>>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (cache, version) = (Arc::clone(&self.schema), schema.version());
        let guarded = move |tx: &Tx<'_>| {
            if cache.load().version() == version { work(tx).map(Some) } else { Ok(None) }
        };
        self.store.write(guarded).await
    }

    /// Prepares and writes; once more with the schema of then when `attempt` answers `None`, which
    /// means that the schema it was given was replaced meanwhile.
    pub(crate) async fn under_one_schema<T, F>(
        &self,
        mut schema: Arc<Schema>,
        mut collection: Arc<Collection>,
        attempt: F,
    ) -> Result<T>
    where
        F: AsyncFn(Arc<Schema>, Arc<Collection>) -> Result<Option<T>>,
    {
        for _ in 0..MAX_TRIES {
            if let Some(done) = attempt(schema, Arc::clone(&collection)).await? {
                return Ok(done);
            }
            schema = self.schema.load();
            let found = schema.find_by_id(&collection.id).cloned();
            collection = found.ok_or_else(Error::missing_collection)?;
        }
        Err(overtaken())
    }
}

/// 503: the collections changed while the write was on its way.
pub(crate) fn overtaken() -> Error {
    Error::busy("The collections are being changed, please try again.")
}
