//! `GET /api/logs/stats`: how many entries each hour has.

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Entries per hour, of those that the filter finds.
pub async fn stats(request: Request) -> Result<Reply> {
    Ok(Reply::json(request.app.activity.stats(request.query.text("filter")).await?))
}
