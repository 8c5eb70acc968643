//! `POST …/records`: create rule.

use crate::error::{Error, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::records;

/// Makes a record; in an auth collection that is signing up.
pub async fn create(mut request: Request) -> Result<Reply> {
    let collection = request.collection().ok_or_else(Error::missing_or_invalid_collection)?;
    let input = request.record_body(super::body_limits(&collection)).await?;
    request.notes.ignored_files(records::ignored_files(&collection, &input.uploads));
    let cx = request.context("POST");
    let schema = request.schema.clone();
    let expand = request.expand();
    Ok(Reply::json(request.app.records.create(schema, collection, input, expand, cx).await?))
}
