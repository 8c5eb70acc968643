//! `DELETE /api/collections/{collection}/truncate`.

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::records;

/// Deletes all records of a collection, with their cascades.
pub async fn run(request: Request) -> Result<Reply> {
    let name = request.param("collection");
    request.app.collections.truncate(name, records::delete_all_in).await?;
    Ok(Reply::Empty)
}
