//! `GET /api/gr/backups/{key}/manifest`.

use crate::error::{Error, Result};
use crate::http::api::backups::key;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// What is in a backup.
pub async fn describe(request: Request) -> Result<Reply> {
    let described = request.app.backups.describe(&key(&request)).await?;
    Ok(Reply::json(serde_json::to_vec(&described).map_err(Error::internal)?))
}
