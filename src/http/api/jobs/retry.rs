//! `POST /api/gr/jobs/{id}/retry`.

use crate::error::Result;
use crate::http::api::jobs::id;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Lets a job run again, or now.
pub async fn retry(request: Request) -> Result<Reply> {
    request.app.jobs.retry(id(&request)?).await?;
    Ok(Reply::Empty)
}
