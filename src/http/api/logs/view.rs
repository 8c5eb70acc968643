//! `GET /api/logs/{id}`.

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// One entry.
pub async fn view(request: Request) -> Result<Reply> {
    Ok(Reply::json(request.app.activity.view(request.param("id")).await?))
}
