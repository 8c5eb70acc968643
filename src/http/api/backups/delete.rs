//! `DELETE /api/backups/{key}`.

use crate::error::Result;
use crate::http::api::backups::key;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Removes a backup that is not in use.
pub async fn delete(request: Request) -> Result<Reply> {
    request.app.backups.delete(&key(&request)).await?;
    Ok(Reply::Empty)
}
