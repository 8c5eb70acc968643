//! `POST /api/gr/backups/{key}/verify`: answered when all of it was read.

use crate::error::{Error, Result};
use crate::http::api::backups::key;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Whether a backup is whole.
pub async fn verify(request: Request) -> Result<Reply> {
    let verified = request.app.backups.verify(&key(&request)).await?;
    Ok(Reply::json(serde_json::to_vec(&verified).map_err(Error::internal)?))
}
