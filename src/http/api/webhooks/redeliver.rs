//! `POST /api/gr/deliveries/{id}/redeliver`.

use crate::error::{Error, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Sends the message of a delivery once more.
pub async fn redeliver(request: Request) -> Result<Reply> {
    let id = request.param("id").parse().map_err(|_| Error::not_found())?;
    request.app.webhooks.redeliver(id).await?;
    Ok(Reply::Empty)
}
