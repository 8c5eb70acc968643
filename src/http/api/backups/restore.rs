//! `POST /api/backups/{key}/restore`: answered at once; the process starts anew a little later.

use crate::error::Result;
use crate::http::api::backups::key;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Begins a restore.
pub async fn restore(request: Request) -> Result<Reply> {
    request.app.backups.restore(&key(&request)).await?;
    Ok(Reply::Empty)
}
