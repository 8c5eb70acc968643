//! `DELETE …/records/{id}`: delete rule.

use crate::error::{Error, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Deletes a record.
pub async fn delete(request: Request) -> Result<Reply> {
    let collection = request.collection().ok_or_else(Error::missing_collection)?;
    let id = request.param("id").to_owned();
    let cx = request.context("DELETE");
    let schema = request.schema.clone();
    request.app.records.delete(schema, collection, id, cx).await?;
    Ok(Reply::Empty)
}
