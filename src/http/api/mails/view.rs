//! `GET /api/gr/mails/{id}`.

use crate::error::{Error, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;

/// One mail with what it says.
pub async fn view(request: Request) -> Result<Reply> {
    let mail = request.app.mail.shown_mail(request.param("id")).ok_or_else(Error::not_found)?;
    Ok(Reply::json(serde_json::to_vec(&mail).map_err(Error::internal)?))
}
