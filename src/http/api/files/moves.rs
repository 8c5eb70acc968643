//! `/api/gr/files/move`: files move between the folder and the bucket.

use serde::Deserialize;

use crate::codes::Code;
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::files::Place;
use crate::http::reply::Reply;
use crate::http::request::Request;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Form {
    to: String,
}

/// Switches the place of files, and lets those that are elsewhere follow.
pub async fn start(mut request: Request) -> Result<Reply> {
    let form: Form = request.form().await?.read(&["to"])?;
    let to = match form.to.as_str() {
        "bucket" => Place::Bucket,
        "folder" => Place::Folder,
        other => {
            let code = if other.is_empty() { Code::Required } else { Code::InInvalid };
            let data = FieldErrors::one("to", Issue::new(code));
            return Err(Error::invalid("Failed to move the files.", data));
        }
    };
    request.app.mover().start(to).await?;
    Ok(Reply::Empty)
}

/// How far the last move has come.
pub async fn progress(request: Request) -> Result<Reply> {
    let progress = request.app.mover().progress();
    Ok(Reply::json(serde_json::to_vec(&progress).map_err(Error::internal)?))
}
