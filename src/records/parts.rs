//! What the operations on records share.

use std::sync::Arc;

use crate::crypto::PasswordPool;
use crate::records::shape::{Audience, Shape, ShapeCache};
use crate::schema::{Collection, Schema, SchemaCache};
use crate::store::Store;

/// The records of all collections. Cheap to clone.
#[derive(Clone)]
pub struct Records {
    pub(crate) store: Store,
    pub(crate) schema: Arc<SchemaCache>,
    pub(crate) passwords: PasswordPool,
    shapes: Arc<ShapeCache>,
}

impl Records {
    /// Records in `store`, described by `schema`.
    pub fn new(store: Store, schema: Arc<SchemaCache>, passwords: PasswordPool) -> Self {
        Self { store, schema, passwords, shapes: Arc::default() }
    }

    /// The schema as of now.
    pub fn schema(&self) -> Arc<Schema> {
        self.schema.load()
    }

    /// The columns of `collection` as `audience` sees them.
    pub fn shape(&self, collection: &Arc<Collection>, audience: Audience) -> Arc<Shape> {
        self.shapes.get(collection, audience)
    }
}
