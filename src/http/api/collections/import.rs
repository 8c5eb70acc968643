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
    collections: Vec<Option<Map<String, Value>>>,
    /// Whether what is not listed goes.
    delete_missing: bool,
}

/// Makes many collections what the body says, all or none.
pub async fn import(mut request: Request) -> Result<Reply> {
    let input: Input = request.form().await?.read(&["collections", "deleteMissing"])?;
    let list = input.collections.into_iter().map(Option::unwrap_or_default).collect();
    request.app.collections.import(list, input.delete_missing).await?;
    Ok(Reply::Empty)
}
