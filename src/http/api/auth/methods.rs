//! `GET …/auth-methods`: anyone.

use crate::auth::AuthOffer;
use crate::error::{Error, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Shows what a collection offers to sign in with.
pub async fn list(request: Request) -> Result<Reply> {
    let collection = request.auth_collection()?;
    let offer = collection.auth().map(AuthOffer::new);
    Ok(Reply::json(serde_json::to_vec(&offer).map_err(Error::internal)?))
}
