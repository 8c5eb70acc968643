//! `POST …/impersonate/{id}`: superusers.

use serde::Deserialize;

use crate::error::{Error, Kind, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Form {
    /// Seconds; 0 for what the collection says.
    duration: i64,
}

/// Gives a token in the name of a record.
pub async fn create(mut request: Request) -> Result<Reply> {
    let collection = request
        .auth_collection()
        .map_err(|_| Error::new(Kind::NotFound, "Missing or invalid auth collection context."))?;
    let sent = request.form().await?;
    let Form { duration } = sent.read(&["duration"])?;
    let mut cx = request.context("POST");
    cx.body = sent.values;
    let (auth, id) = (&request.app.auth, request.param("id"));
    let schema = request.schema.clone();
    let signed_in = auth.impersonate(schema, collection, id, duration, cx.clone()).await?;
    super::present(&request, signed_in, cx).await
}
