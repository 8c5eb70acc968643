//! `POST /api/files/token`: whoever signed in.

use actix_web::http::header::AUTHORIZATION;

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Makes a token that opens protected files for a short time.
pub async fn create(request: Request) -> Result<Reply> {
    let auth = &request.app.auth;
    let session = auth.session_of(request.header(AUTHORIZATION.as_str()));
    let token = auth.file_token(&request.schema, &request.caller, session).await?;
    let body = crate::json::to_string(&serde_json::json!({ "token": token }));
    Ok(Reply::json(body.into_bytes()))
}
