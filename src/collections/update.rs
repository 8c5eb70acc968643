//! A collection changes.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::collections::catalog::{Collections, find_by_id};
use crate::error::{Error, Result};
use crate::json;
use crate::schema::{Collection, Draft};

impl Collections {
    /// Merges a body over a collection: nested options merge, lists are replaced.
    ///
    /// # Errors
    /// 404 for no such collection, 400 with the fields at fault or the engine's words.
    pub async fn update(
        &self,
        id_or_name: &str,
        body: Map<String, Json>,
    ) -> Result<Arc<Collection>> {
        let id = self.get(id_or_name)?.id.clone();
        self.change(move |change| {
            let old = find_by_id(&change.schema, &id)?;
            let draft = Draft::update(&old, &body).map_err(|error| {
                Error::bad_request("Failed to load the submitted data due to invalid formatting.")
                    .with_source(json::without_value(&error))
            })?;
            change.save(draft, Some(&old))
        })
        .await
    }
}
