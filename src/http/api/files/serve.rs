//! `GET /api/files/{collection}/{id}/{filename}`: a file that a record names.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::http::file_reply;
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::schema::cast;

/// Serves a file, or part of it. Only a file token in the address says who asks.
pub async fn serve(request: Request) -> Result<Reply> {
    let collection = request.collection().ok_or_else(Error::missing_or_invalid_collection)?;
    let auth = &request.app.auth;
    let mut cx = request.context("GET").within("protectedFile");
    cx.caller = auth.file_caller(&request.schema, request.query.text("token")).await?;
    request.require_allowed(&cx.caller).map_err(|_| Error::not_found())?;
    let (id, name) = (request.param("id").to_owned(), request.param("filename").to_owned());
    let schema = Arc::clone(&request.schema);
    let file = request.app.records.file(schema, collection, id, name, cx).await?;
    let name = file.key.name().to_owned();
    let files = request.app.files.clone();
    let opened = tokio::task::spawn_blocking(move || files.read(&file.key)).await;
    let opened = opened.map_err(Error::internal)?.map_err(Error::internal)?;
    let opened = opened.ok_or_else(Error::not_found)?;
    let is_download = cast::truth(&request.query.text("download").into());
    file_reply::answer(request.http.headers(), &name, opened, is_download).await
}
