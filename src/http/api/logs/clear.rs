//! `DELETE /api/logs`.

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Deletes every entry.
pub async fn clear(request: Request) -> Result<Reply> {
    request.app.activity.clear().await?;
    Ok(Reply::Empty)
}
