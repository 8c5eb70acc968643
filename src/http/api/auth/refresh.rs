//! `POST …/auth-refresh`: a record of the collection.

use actix_web::http::header::AUTHORIZATION;

use crate::error::{Error, Result};
use crate::http::guard::Guard;
use crate::http::limits::{BodyLimits, DEFAULT_BODY};
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Gives a new token for a valid one.
pub async fn refresh(mut request: Request) -> Result<Reply> {
    // The contract names a missing collection before a missing token.
    let collection = request.collection().ok_or_else(Error::missing_or_invalid_collection)?;
    Guard::SignedIn.check(&request.caller)?;
    let mut cx = request.context("POST");
    cx.body = request.record_body(BodyLimits::all(DEFAULT_BODY)).await?.values;
    let auth = &request.app.auth;
    let header = request.header(AUTHORIZATION.as_str());
    let schema = request.schema.clone();
    let signed_in = auth.refresh(schema, collection, header, cx.clone()).await?;
    super::present(&request, signed_in, cx).await
}
