//! `GET …/records/{id}`: view rule.

use crate::error::{Error, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Shows one record, once more where a change of the collections came between.
pub async fn view(mut request: Request) -> Result<Reply> {
    let answer = viewed(&request).await;
    if request.was_overtaken(&answer).await { viewed(&request).await } else { answer }
}

async fn viewed(request: &Request) -> Result<Reply> {
    let collection = request.collection().ok_or_else(Error::missing_collection)?;
    let id = request.param("id").to_owned();
    let cx = request.context("GET");
    let schema = request.schema.clone();
    let expand = request.expand();
    Ok(Reply::json(request.app.records.view(schema, collection, id, expand, cx).await?))
}
