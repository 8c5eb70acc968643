//! `GET /api/files/{collection}/{id}/{filename}`: a file that a record names.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::files::thumb::{NoThumb, Size, Wanted};
use crate::files::{Attributes, FileKey, s3};
use crate::http::file_reply::{self, Served};
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::schema::cast;

/// The size that every field offers.
const ALWAYS: &str = "100x100";

/// Serves a file, or part of it. Only a file token in the address says who asks.
pub async fn serve(request: Request) -> Result<Reply> {
    let collection = request.collection().ok_or_else(Error::missing_or_invalid_collection)?;
    let auth = &request.app.auth;
    let mut cx = request.context("GET").within("protectedFile");
    cx.caller = auth.file_caller(&request.schema, request.query.text("token")).await?;
    request.require_allowed(&cx.caller).map_err(|_| Error::not_found())?;
    let is_download = cast::truth(&request.query.text("download").into());
    let (id, name) = (request.param("id").to_owned(), request.param("filename").to_owned());
    let schema = Arc::clone(&request.schema);
    let file = request.app.records.file(schema, collection, id, name, cx).await?;
    let files = request.app.files.clone();
    let size = size(&request, &file.thumbs);
    if size.is_none() && !file.is_protected && files.has_links() {
        let (files, key) = (files.clone(), file.key.clone());
        let shown = move |known: &Attributes| file_reply::looks(key.name(), known, is_download);
        let key = file.key.clone();
        let link = tokio::task::spawn_blocking(move || files.link(&key, shown)).await;
        // A bucket that is out may still have left the file in the folder.
        if let Some(link) = link.map_err(Error::internal)?.unwrap_or_default() {
            return Ok(file_reply::link(&link));
        }
    }
    let key = file.key.clone();
    let opened = tokio::task::spawn_blocking(move || files.read(&key)).await;
    let opened = opened.map_err(Error::internal)?.map_err(s3::told)?;
    let original = Served {
        name: file.key.name().to_owned(),
        file: opened.ok_or_else(Error::not_found)?,
        is_download,
        is_negotiated: false,
        is_passing: false,
    };
    let served = match size {
        Some(size) => thumb(&request, &file.key, original, size).await,
        None => original,
    };
    file_reply::answer(request.http.headers(), served).await
}

/// The size of the thumb that is asked for, if the field offers it.
fn size(request: &Request, offered: &[String]) -> Option<Size> {
    let asked = request.query.text("thumb");
    let is_offered = asked == ALWAYS || offered.iter().any(|size| size == asked);
    if is_offered { Size::parse(asked) } else { None }
}

/// The thumb, or the original when it has none.
async fn thumb(request: &Request, key: &FileKey, original: Served, size: Size) -> Served {
    let takes_webp = file_reply::takes_webp(request.http.headers());
    let kind = &original.file.attributes.content_type;
    let Some(wanted) = Wanted::of(key, kind, size, takes_webp) else { return original };
    let (name, is_negotiated) = (wanted.name.clone(), wanted.is_negotiated);
    match request.app.files.thumb(wanted).await {
        Ok(file) => Served { name, file, is_negotiated, ..original },
        Err(NoThumb::Impossible) => original,
        Err(NoThumb::NotNow) => Served { is_passing: true, ..original },
    }
}
