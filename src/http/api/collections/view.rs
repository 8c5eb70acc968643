//! `GET /api/collections/{collection}`.

use crate::error::{Error, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;

/// One collection by id or name.
pub async fn view(request: Request) -> Result<Reply> {
    let collection = request.collection().ok_or_else(Error::not_found)?;
    Ok(super::reply(&collection))
}
