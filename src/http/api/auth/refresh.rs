//! `POST …/auth-refresh`: a record of the collection, or whoever has a refresh token; and
//! `DELETE …/auth-refresh`, which ends the session of either.

use actix_web::http::header::{AUTHORIZATION, USER_AGENT};
use serde_json::{Map, Value};

use crate::auth::{Device, SignedIn};
use crate::crypto::Secret;
use crate::error::{Error, Kind, Result};
use crate::http::guard::Guard;
use crate::http::limits::{BodyLimits, DEFAULT_BODY};
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::http::session_cookie;
use crate::query::{Caller, RequestContext};

/// Where a refresh token stands in a body.
const FIELD: &str = "refreshToken";

/// A refresh token, and how it came.
struct Shown {
    token: Secret,
    is_cookie: bool,
}

/// Gives a new token for a valid one, or for a refresh token.
pub async fn refresh(mut request: Request) -> Result<Reply> {
    // The contract names a missing collection before a missing token.
    let collection = request.collection().ok_or_else(Error::missing_or_invalid_collection)?;
    let mut cx = request.context("POST");
    let shown = shown(&mut request, &mut cx.body).await?;
    let Some(Shown { token, is_cookie }) = shown else {
        return renew(request, cx).await;
    };
    if collection.auth().is_none() {
        return Err(Error::missing_or_invalid_collection());
    }
    let (auth, schema) = (&request.app.auth, request.schema.clone());
    let device = device(&request);
    let renewed = auth.refresh_session(&schema, &collection, &token, &device, cx.clone()).await;
    match renewed {
        Ok(signed_in) => {
            let signed_in = if is_cookie { in_cookie(&request, signed_in) } else { signed_in };
            super::present(&request, signed_in, cx).await
        }
        Err(error) => {
            if is_cookie && error.kind() == Kind::Unauthorized {
                session_cookie::clear(&request);
            }
            Err(error)
        }
    }
}

/// Ends the session of a refresh token, or of the token in the header.
pub async fn sign_out(mut request: Request) -> Result<Reply> {
    let collection = request.auth_collection()?;
    let mut body = Map::new();
    let shown = shown(&mut request, &mut body).await?;
    let auth = &request.app.auth;
    if let Some(Shown { token, is_cookie }) = shown {
        auth.end_session_of(&collection, &token).await?;
        if is_cookie {
            session_cookie::clear(&request);
        }
        return Ok(Reply::Empty);
    }
    Guard::SignedIn.check(&request.caller)?;
    let own = request.caller.record().filter(|record| record.collection_id == collection.id);
    let session = auth.session_of(request.header(AUTHORIZATION.as_str()));
    let (Some(record), Some(session)) = (own, session) else { return Err(Error::not_found()) };
    auth.end_session(&collection, Some(&record.id), &session).await?;
    Ok(Reply::Empty)
}

/// Leaves the refresh token to a cookie, and nothing of it to the body.
pub(super) fn in_cookie(request: &Request, mut signed_in: SignedIn) -> SignedIn {
    let secs = signed_in.collection.auth().map_or(0, |options| options.session.idle_duration);
    if let Some(token) = signed_in.refresh_token.take() {
        session_cookie::set(request, &token, secs);
    }
    signed_in
}

/// A new token for the one in the header.
async fn renew(request: Request, cx: RequestContext) -> Result<Reply> {
    Guard::SignedIn.check(&request.caller)?;
    let collection = request.collection().ok_or_else(Error::missing_or_invalid_collection)?;
    let header = request.header(AUTHORIZATION.as_str());
    let (auth, schema) = (&request.app.auth, request.schema.clone());
    let signed_in = auth.refresh(schema, collection, header, cx.clone()).await?;
    super::present(&request, signed_in, cx).await
}

/// The refresh token of a request: from the body, else from the cookie. Leaves the rest of the
/// body in `body`.
async fn shown(request: &mut Request, body: &mut Map<String, Value>) -> Result<Option<Shown>> {
    let is_guest = matches!(request.caller, Caller::Guest);
    match request.record_body(BodyLimits::all(DEFAULT_BODY)).await {
        Ok(sent) => *body = sent.values,
        // A guest without a refresh token is told so, whatever else was sent.
        Err(_) if is_guest => return Err(Error::sign_in_required()),
        Err(error) => return Err(error),
    }
    let sent = body.remove(FIELD);
    let sent = sent.as_ref().and_then(Value::as_str).filter(|text| !text.is_empty());
    if let Some(text) = sent {
        return Ok(Some(Shown { token: Secret::new(text), is_cookie: false }));
    }
    let token = session_cookie::read(request)?;
    Ok(token.map(|token| Shown { token, is_cookie: true }))
}

fn device(request: &Request) -> Device {
    let user_agent = request.header(USER_AGENT.as_str()).unwrap_or_default().to_owned();
    Device { ip: request.real_ip(), user_agent }
}
