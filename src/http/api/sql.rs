//! `POST /api/sql`: superusers ask the database itself.

use serde::Deserialize;

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// The body.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Input {
    /// The statements.
    query: String,
    /// Whether nothing is to be written, whatever they say.
    readonly: bool,
}

/// Runs the statements and shows what the last one found.
pub async fn run(mut request: Request) -> Result<Reply> {
    let input: Input = request.form().await?.read(&["query", "readonly"])?;
    let answer = request.app.sql_console().run(input.query, input.readonly).await?;
    Ok(Reply::json(answer))
}
