//! `GET /api/backups/{key}`: only the file token of a superuser in the address opens it, so that a
//! browser can fetch it by itself.

use crate::error::{Error, Result};
use crate::files::is_archive_name;
use crate::http::api::backups::key;
use crate::http::file_reply::{self, Served};
use crate::http::headers::Framable;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Serves a backup, or part of it.
pub async fn download(request: Request) -> Result<Reply> {
    let token = request.query.text("token");
    let caller = request.app.auth.file_caller(&request.schema, token).await?;
    if !caller.is_superuser() || request.require_allowed(&caller).is_err() {
        return Err(Error::forbidden("Insufficient permissions to access the resource."));
    }
    let name = key(&request);
    if !is_archive_name(&name) {
        let is_reserved = name.ends_with(".attrs") || name.bytes().all(|byte| byte == b'.');
        return Err(if is_reserved { Error::invalid_request() } else { Error::not_found() });
    }
    let file = request.app.backups.open(&name).await?;
    let served = Served { name, file, is_download: true, is_negotiated: false, is_passing: false };
    let reply = file_reply::answer(request.http.headers(), served).await?;
    if let Reply::File(mut response) = reply {
        // Unlike files of records, a backup is nothing to be shown in a page.
        response.extensions_mut().remove::<Framable>();
        return Ok(Reply::File(response));
    }
    Ok(reply)
}
