//! `/api/collections/{collection}/auth-*`: how records sign in.

mod confirm_email_change;
mod confirm_reset;
mod confirm_verification;
pub mod impersonate;
pub mod methods;
pub mod oauth2_redirect;
pub mod refresh;
mod request_email_change;
mod request_reset;
mod request_verification;
pub mod sessions;
pub mod with_oauth2;
pub mod request_otp;
pub mod totp;
pub mod with_otp;
pub mod with_password;
pub mod with_totp;

pub use confirm_email_change::confirm_email_change;
pub use confirm_reset::confirm_reset;
pub use confirm_verification::confirm_verification;
pub use request_email_change::request_email_change;
pub use request_reset::request_reset;
pub use request_verification::request_verification;

use actix_web::http::StatusCode;
use actix_web::http::header::USER_AGENT;
use serde_json::{Map, Value};

use crate::auth::{Attempt, Device, OAuth2Meta, SignIn, SignedIn};
use crate::error::{Error, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::http::session_cookie;
use crate::query::RequestContext;

/// `{"record":…,"token":…}`. The record is shown as its owner sees it, whoever asked.
async fn present(request: &Request, signed_in: SignedIn, cx: RequestContext) -> Result<Reply> {
    present_with(request, signed_in, cx, None).await
}

/// As [`present`], with what a service told in front.
async fn present_with(
    request: &Request,
    signed_in: SignedIn,
    cx: RequestContext,
    meta: Option<&OAuth2Meta>,
) -> Result<Reply> {
    request.require_allowed(&signed_in.caller)?;
    let cx = RequestContext { caller: signed_in.caller, ..cx };
    let (schema, collection) = (request.schema.clone(), signed_in.collection);
    let records = &request.app.records;
    let record = records.view_own(schema, collection, signed_in.id, request.expand(), cx).await?;
    let mut body = Vec::with_capacity(record.len() + signed_in.token.len() + 24);
    body.push(b'{');
    if let Some(meta) = meta {
        body.extend_from_slice(b"\"meta\":");
        body.extend_from_slice(&serde_json::to_vec(meta).map_err(Error::internal)?);
        body.push(b',');
    }
    body.extend_from_slice(b"\"record\":");
    body.extend_from_slice(&record);
    body.extend_from_slice(b",\"token\":");
    crate::json::write_str(&mut body, &signed_in.token);
    if let Some(token) = &signed_in.refresh_token {
        body.extend_from_slice(b",\"refreshToken\":");
        crate::json::write_str(&mut body, token.reveal());
    }
    body.push(b'}');
    Ok(Reply::json(body))
}

/// As [`present`], or the id with which another method must follow.
async fn present_outcome(request: &Request, outcome: SignIn, cx: RequestContext) -> Result<Reply> {
    present_outcome_with(request, outcome, cx, None).await
}

async fn present_outcome_with(
    request: &Request,
    outcome: SignIn,
    cx: RequestContext,
    meta: Option<&OAuth2Meta>,
) -> Result<Reply> {
    match outcome {
        SignIn::Done(signed_in) => {
            let in_cookie = session_cookie::is_wanted(request, &signed_in.collection)?;
            let signed_in =
                if in_cookie { refresh::in_cookie(request, signed_in) } else { signed_in };
            present_with(request, signed_in, cx, meta).await
        }
        SignIn::SecondMethodNeeded { mfa_id } => {
            let body = crate::json::to_string(&serde_json::json!({ "mfaId": mfa_id }));
            Ok(Reply::Json(StatusCode::UNAUTHORIZED, body.into_bytes()))
        }
    }
}

/// What all ways of signing in take from a request. `mfaId` may come with the query or the body.
///
/// # Errors
/// 400 for an `mfaId` in the body that is no text.
fn attempt(request: &Request, body: Map<String, Value>) -> Result<Attempt> {
    let mfa_id = match (request.query.text("mfaId"), body.get("mfaId")) {
        ("", Some(Value::String(id))) => id.clone(),
        ("", None | Some(Value::Null)) => String::new(),
        ("", Some(_)) => return Err(Error::bad_request("Failed to read MFA Id.")),
        (id, _) => id.to_owned(),
    };
    let mut cx = request.context("POST");
    cx.body = body;
    Ok(Attempt { cx, mfa_id, device: device(request) })
}

/// Who is at the other end.
fn device(request: &Request) -> Device {
    let user_agent = request.header(USER_AGENT.as_str()).unwrap_or_default().to_owned();
    Device { ip: request.real_ip(), user_agent }
}
