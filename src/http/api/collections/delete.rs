//! `DELETE /api/collections/{collection}`.

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Deletes a collection with its records.
pub async fn delete(request: Request) -> Result<Reply> {
    request.app.collections.delete(request.param("collection")).await?;
    Ok(Reply::Empty)
}
