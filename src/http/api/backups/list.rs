//! `GET /api/backups`.

use crate::error::{Error, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;

/// All backups, by name.
pub async fn list(request: Request) -> Result<Reply> {
    let backups = request.app.backups.list().await?;
    Ok(Reply::json(serde_json::to_vec(&backups).map_err(Error::internal)?))
}
