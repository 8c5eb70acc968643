//! `/api/gr/imports`: those that run, and the last that ended.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use serde_json::json;

use crate::error::{Error, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::imports::RejectFormat;

/// All that are known, the newest first.
pub async fn list(request: Request) -> Result<Reply> {
    let items = request.app.imports.list();
    Ok(Reply::json(serde_json::to_vec(&json!({ "items": items })).map_err(Error::internal)?))
}

/// How far one is, or how it ended.
pub async fn view(request: Request) -> Result<Reply> {
    let report = request.app.imports.get(request.param("id"))?.report();
    Ok(Reply::json(serde_json::to_vec(&report).map_err(Error::internal)?))
}

/// Ends one.
pub async fn cancel(request: Request) -> Result<Reply> {
    let report = request.app.imports.cancel(request.param("id")).await?;
    Ok(Reply::json(serde_json::to_vec(&report).map_err(Error::internal)?))
}

/// The rows that one refused, as a file.
pub async fn errors(request: Request) -> Result<Reply> {
    let (format, name, kind) = match request.query.text("format") {
        "" | "csv" => (RejectFormat::Csv, "csv", "text/csv; charset=utf-8"),
        "ndjson" => (RejectFormat::Ndjson, "ndjson", "application/x-ndjson; charset=utf-8"),
        _ => return Err(Error::bad_request("There is no such format; ask for csv or ndjson.")),
    };
    let progress = request.app.imports.get(request.param("id"))?;
    let rejects =
        progress.rejects().ok_or_else(|| Error::bad_request("The import is still running."))?;
    let write = move || {
        let mut body = Vec::new();
        rejects.write_to(format, &mut body).map(|()| body)
    };
    let body = tokio::task::spawn_blocking(write).await.map_err(Error::internal)?;
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"refused-{}.{name}\"", progress.id()),
        ))
        .insert_header((CACHE_CONTROL, "no-store"));
    Ok(Reply::File(Box::new(response.body(body.map_err(Error::internal)?))))
}
