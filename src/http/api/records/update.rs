//! `PATCH …/records/{id}`: update rule.

use crate::error::{Error, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::records;

/// Changes a record.
pub async fn update(mut request: Request) -> Result<Reply> {
    let collection = request.collection().ok_or_else(Error::missing_or_invalid_collection)?;
    let id = request.param("id").to_owned();
    let input = request.record_body(super::body_limits(&collection)).await?;
    request.notes.ignored_files(records::ignored_files(&collection, &input.uploads));
    let cx = request.context("PATCH");
    let schema = request.schema.clone();
    let expand = request.expand();
    let service = &request.app.records;
    Ok(Reply::json(service.update(schema, collection, id, input, expand, cx).await?))
}
