//! `POST …/request-otp`: anyone.

use serde::Deserialize;

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Form {
    email: String,
}

/// Mails a one-time code.
pub async fn create(mut request: Request) -> Result<Reply> {
    let collection = request.auth_collection()?;
    request.app.auth.require_otp_auth(&collection)?;
    let Form { email } = request.form().await?.read(&["email"])?;
    let id = request.app.auth.request_otp(collection, &email).await?;
    let body = crate::json::to_string(&serde_json::json!({ "otpId": id }));
    Ok(Reply::json(body.into_bytes()))
}
