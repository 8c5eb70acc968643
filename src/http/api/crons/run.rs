//! `POST /api/crons/{id}`.

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Lets a cron run now, in the background.
pub async fn run(request: Request) -> Result<Reply> {
    request.app.crons.run(request.param("id"))?;
    Ok(Reply::Empty)
}
