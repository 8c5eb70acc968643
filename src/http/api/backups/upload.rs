//! `POST /api/backups/upload`: a backup in a form, of any size.

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Takes the first file of the form that is called `file`.
pub async fn upload(mut request: Request) -> Result<Reply> {
    request.receive_backup().await?;
    Ok(Reply::Empty)
}
