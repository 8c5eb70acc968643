//! `POST /api/gr/collections/{collection}/import`: the rows of the body become records.

use crate::error::{Error, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::imports::{Format, ImportOrder, Subject};
use crate::query::RequestContext;

/// Bytes that are read over where the import takes no more: a client that is still sending would
/// not see the answer otherwise.
const READ_OVER: usize = 64 << 20;

/// Imports the body while it comes, and answers with what became of its rows.
pub async fn import(mut request: Request) -> Result<Reply> {
    let collection = request.collection().ok_or_else(Error::missing_collection)?;
    let guessed = request.header("content-type").and_then(Format::of_content_type);
    let order = ImportOrder::parse(|name| request.query.get(name), guessed)?;
    let length = request.header("content-length").and_then(|text| text.parse().ok());
    let now = request.app.clock.now();
    let (body, progress) = request.app.imports.begin(Subject {
        schema: request.schema.clone(),
        collection,
        order,
        cx: RequestContext::new(request.caller.clone(), "POST", now),
        total_bytes: length.unwrap_or(0),
        id: super::chosen_id(request.query.text("id"))?,
    })?;
    let (mut takes_more, mut read_over) = (true, 0);
    while let Some(piece) = request.next_piece().await? {
        if !takes_more {
            read_over += piece.len();
            if read_over > READ_OVER {
                break;
            }
            continue;
        }
        takes_more = body.send(piece).await;
    }
    body.end().await?;
    Ok(Reply::json(serde_json::to_vec(&progress.report()).map_err(Error::internal)?))
}
