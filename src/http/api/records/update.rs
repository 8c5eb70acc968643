//! `PATCH …/records/{id}`: update rule.

use crate::error::{Error, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Changes a record.
pub async fn update(mut request: Request) -> Result<Reply> {
    let collection = request.collection().ok_or_else(Error::missing_or_invalid_collection)?;
    let id = request.param("id").to_owned();
    let input = request.record_body(super::body_limits(&collection)).await?;
    let cx = request.context("PATCH");
    let schema = request.schema.clone();
    let expand = request.expand();
    let records = &request.app.records;
    Ok(Reply::json(records.update(schema, collection, id, input, expand, cx).await?))
}
