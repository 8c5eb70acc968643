//! `POST /api/collections`.

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Makes a collection; what the body leaves out comes from the scaffold of its type.
pub async fn create(mut request: Request) -> Result<Reply> {
    let body = request.form().await?.values;
    Ok(super::reply(&*request.app.collections.create(body).await?))
}
