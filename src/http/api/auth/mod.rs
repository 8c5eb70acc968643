//! `/api/collections/{collection}/auth-*`: how records sign in.

pub mod impersonate;
pub mod methods;
pub mod refresh;
pub mod with_password;

use actix_web::http::StatusCode;

use crate::auth::{SignIn, SignedIn};
use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::query::RequestContext;

/// `{"record":…,"token":…}`. The record is shown as its owner sees it, whoever asked.
async fn present(request: &Request, signed_in: SignedIn, cx: RequestContext) -> Result<Reply> {
    request.require_allowed(&signed_in.caller)?;
    let cx = RequestContext { caller: signed_in.caller, ..cx };
    let (schema, collection) = (request.schema.clone(), signed_in.collection);
    let records = &request.app.records;
    let record = records.view_own(schema, collection, signed_in.id, request.expand(), cx).await?;
    let mut body = Vec::with_capacity(record.len() + signed_in.token.len() + 24);
    body.extend_from_slice(b"{\"record\":");
    body.extend_from_slice(&record);
    body.extend_from_slice(b",\"token\":");
    crate::json::write_str(&mut body, &signed_in.token);
    body.push(b'}');
    Ok(Reply::json(body))
}

/// As [`present`], or the id with which another method must follow.
async fn present_outcome(request: &Request, outcome: SignIn, cx: RequestContext) -> Result<Reply> {
    match outcome {
        SignIn::Done(signed_in) => present(request, signed_in, cx).await,
        SignIn::SecondMethodNeeded { mfa_id } => {
            let body = crate::json::to_string(&serde_json::json!({ "mfaId": mfa_id }));
            Ok(Reply::Json(StatusCode::UNAUTHORIZED, body.into_bytes()))
        }
    }
}
