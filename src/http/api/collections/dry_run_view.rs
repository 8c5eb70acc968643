//! `POST /api/collections/meta/dry-run-view`.

use serde::Deserialize;

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// The body.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Input {
    /// The SELECT to try.
    query: String,
}

/// The fields a view would have, and some of its records.
pub async fn run(mut request: Request) -> Result<Reply> {
    let input: Input = request.form().await?.read(&["query"])?;
    Ok(Reply::json(request.app.records.dry_run_view(input.query).await?))
}
