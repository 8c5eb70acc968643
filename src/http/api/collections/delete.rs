//! `DELETE /api/collections/{collection}`.

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Deletes a collection with its records.
pub async fn delete(request: Request) -> Result<Reply> {
    let gone = request.app.collections.delete(request.param("collection")).await?;
    request.app.files.remove_collection(&gone.id);
    Ok(Reply::Empty)
}
