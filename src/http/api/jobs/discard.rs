//! `DELETE /api/gr/jobs/{id}`.

use crate::error::Result;
use crate::http::api::jobs::id;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Removes a job that is not running.
pub async fn discard(request: Request) -> Result<Reply> {
    request.app.jobs.discard(id(&request)?).await?;
    Ok(Reply::Empty)
}
