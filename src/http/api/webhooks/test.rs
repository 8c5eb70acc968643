//! `POST /api/gr/webhooks/{id}/test`.

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Sends a message without a change.
pub async fn test(request: Request) -> Result<Reply> {
    request.app.webhooks.test(request.param("id")).await?;
    Ok(Reply::Empty)
}
