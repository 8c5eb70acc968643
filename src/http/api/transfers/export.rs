//! `GET /api/gr/collections/{collection}/export`: all records as a file.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use futures_util::stream;

use crate::error::{Error, Result};
use crate::exports::{ExportOrder, Format};
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::query::wants_reason;

/// Streams the records that the parameters ask for.
pub async fn export(request: Request) -> Result<Reply> {
    let collection = request.collection().ok_or_else(Error::missing_collection)?;
    let query = &request.query;
    let format = match query.text("format") {
        "" => Format::Csv,
        word => Format::parse(word).ok_or_else(|| {
            Error::bad_request("There is no such format; ask for csv, ndjson or json.")
        })?,
    };
    let text = |name: &str| query.text(name).to_owned();
    let order = ExportOrder {
        format,
        filter: text("filter"),
        sort: text("sort"),
        fields: text("fields"),
        expand: text("expand"),
        explain: wants_reason(query.get("explain")),
    };
    let now = request.app.clock.now().to_string();
    let name = format!("{}-{}.{}", collection.name, &now[..10], format.as_str());
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, format.content_type()))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((CACHE_CONTROL, "no-store"));
    if request.is_head() {
        return Ok(Reply::Stream(Box::new(response.finish())));
    }
    let (schema, cx) = (request.schema.clone(), request.context("GET"));
    let spool = request.app.exports.begin(schema, &collection, order, cx).await?;
    let pieces = stream::unfold(spool, async |mut spool| {
        let piece = spool.next().await?;
        Some((piece, spool))
    });
    Ok(Reply::Stream(Box::new(response.streaming(Box::pin(pieces)))))
}
