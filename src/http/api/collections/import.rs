//! `PUT /api/collections/import`.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// The body.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Input {
    /// The collections as they are to be.
    collections: Vec<Map<String, Value>>,
    /// Whether what is not listed goes.
    delete_missing: bool,
}

/// Makes many collections what the body says, all or none.
pub async fn import(mut request: Request) -> Result<Reply> {
    let input: Input = request.form().await?.read(&["collections", "deleteMissing"])?;
    request.app.collections.import(input.collections, input.delete_missing).await?;
    Ok(Reply::Empty)
}
