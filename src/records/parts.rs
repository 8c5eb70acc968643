//! What the operations on records share.

use std::sync::Arc;

use crate::changes::{Action, Changes};
use crate::crypto::PasswordPool;
use crate::error::{Error, Result};
use crate::files::Files;
use crate::records::checks::{Checks, RecordCheck};
use crate::records::load::{Record, find};
use crate::records::shape::{Audience, Shape, ShapeCache};
use crate::schema::{Collection, Schema, SchemaCache};
use crate::sql::write;
use crate::store::{Cost, Store, Tx};

/// How often a write that changes of the schema overtake is prepared.
const MAX_TRIES: usize = 4;

/// The records of all collections. Cheap to clone.
#[derive(Clone)]
pub struct Records {
    pub(crate) store: Store,
    pub(crate) schema: Arc<SchemaCache>,
    pub(crate) passwords: PasswordPool,
    pub(crate) files: Files,
    pub(crate) changes: Changes,
    pub(crate) checks: Checks,
    shapes: Arc<ShapeCache>,
}

impl Records {
    /// Records in `store`, described by `schema`, with their files in `files`; what
    /// happens to them is told to `changes`.
    pub fn new(
        store: Store,
        schema: Arc<SchemaCache>,
        passwords: PasswordPool,
        files: Files,
        changes: Changes,
    ) -> Self {
        let (checks, shapes) = (Checks::default(), Arc::default());
        Self { store, schema, passwords, files, changes, checks, shapes }
    }

    /// Lets `check` see the records of its collection before they are written; there is one at
    /// most.
    pub fn attach_check(&self, check: Arc<dyn RecordCheck>) {
        let _ = self.checks.set(check);
    }

    /// The schema as of now.
    pub fn schema(&self) -> Arc<Schema> {
        self.schema.load()
    }

    /// Where the files of records are.
    pub(crate) fn files(&self) -> &Files {
        &self.files
    }

    /// The columns of `collection` as `audience` sees them.
    pub fn shape(&self, collection: &Arc<Collection>, audience: Audience) -> Arc<Shape> {
        self.shapes.get(collection, audience)
    }

    /// Whether there is a record of this id, whoever asks.
    ///
    /// # Errors
    /// The store fails.
    pub async fn is_there(&self, collection: &Collection, id: &str) -> Result<bool> {
        let read = write::select_by_id(self.store.dialect(), &collection.name, &["id"], id);
        let read = move |tx: &Tx<'_>| Ok(tx.query_one(&read, |_| Ok(()))?.is_some());
        self.store.read(Cost::Bounded, read).await
    }

    /// All values of a stored record, whoever asks.
    pub(crate) fn stored(
        &self,
        tx: &Tx<'_>,
        collection: &Arc<Collection>,
        id: &str,
    ) -> Result<Option<Record>> {
        find(tx, &self.shape(collection, Audience::Internal), id, Vec::new())
    }

    /// Tells the change log of a record that was just written by other means than these
    /// operations.
    pub(crate) fn tell_written(
        &self,
        tx: &Tx<'_>,
        schema: &Arc<Schema>,
        collection: &Arc<Collection>,
        id: &str,
        action: Action,
    ) -> Result<()> {
        let Some(record) = self.stored(tx, collection, id)? else { return Ok(()) };
        self.changes.written(tx, schema, collection, id, action, || record.into_values())
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

    /// Waits for what is being written, and for the schema to follow where that changed it.
    pub async fn settled(&self) {
        // Whether this can be written says nothing about what came before it.
        let _ = self.store.write(|_| Ok(())).await;
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
