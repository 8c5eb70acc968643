//! `GET /api/crons`.

use crate::error::{Error, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Ids and expressions.
pub async fn list(request: Request) -> Result<Reply> {
    let crons = request.app.crons.list();
    Ok(Reply::json(serde_json::to_vec(&crons).map_err(Error::internal)?))
}
