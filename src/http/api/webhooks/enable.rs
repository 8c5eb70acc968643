//! `POST /api/gr/webhooks/enable`.

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Makes the collection of webhooks.
pub async fn enable(request: Request) -> Result<Reply> {
    request.app.webhooks.enable().await?;
    Ok(Reply::Empty)
}
