//! `PATCH /api/collections/{collection}`.

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Merges the body over the collection.
pub async fn update(mut request: Request) -> Result<Reply> {
    let body = request.form().await?.values;
    let name = request.param("collection");
    Ok(super::reply(&*request.app.collections.update(name, body).await?))
}
