//! `GET /api/collections/meta/scaffolds`.

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// What a new collection of each type starts with.
pub async fn show(request: Request) -> Result<Reply> {
    Ok(Reply::json(request.app.collections.scaffolds()))
}
