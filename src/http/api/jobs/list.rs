//! `GET /api/gr/jobs`: by state and kind, the newest first.

use crate::error::{Error, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::query::Page;

/// A page of jobs.
pub async fn list(request: Request) -> Result<Reply> {
    let query = &request.query;
    let page = Page::parse(query.get("page"), query.get("perPage"), None)?;
    let jobs = request.app.jobs.list(query.text("state"), query.text("kind"), page).await?;
    Ok(Reply::json(serde_json::to_vec(&jobs).map_err(Error::internal)?))
}
