//! A new collection.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::collections::catalog::Collections;
use crate::error::{Error, Result};
use crate::json;
use crate::schema::{Collection, Draft};

impl Collections {
    /// Makes a collection out of any subset of its object; the rest comes from its scaffold.
    ///
    /// # Errors
    /// 400 with the fields at fault, or with the engine's words when the table cannot be made.
    pub async fn create(&self, body: Map<String, Json>) -> Result<Arc<Collection>> {
        let draft = Draft::create(&body).map_err(|error| {
            Error::bad_request("Failed to load the submitted data due to invalid formatting.")
                .with_source(json::without_value(&error))
        })?;
        self.change(move |change| change.save(draft, None)).await
    }
}
