//! `GET /api/gr/webhooks/{id}/deliveries`.

use crate::error::{Error, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::query::Page;

/// A page of what the webhook was answered.
pub async fn list(request: Request) -> Result<Reply> {
    let query = &request.query;
    let page = Page::parse(query.get("page"), query.get("perPage"), None)?;
    let deliveries = request.app.webhooks.deliveries(request.param("id"), page).await?;
    Ok(Reply::json(serde_json::to_vec(&deliveries).map_err(Error::internal)?))
}
