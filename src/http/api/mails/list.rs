//! `GET /api/gr/mails`: the newest first.

use crate::error::{Error, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::mail::ShownMails;

/// The mails that were shown, without what they say.
pub async fn list(request: Request) -> Result<Reply> {
    let none = ShownMails { enabled: false, items: Vec::new() };
    let mails = request.app.mail.shown().unwrap_or(none);
    Ok(Reply::json(serde_json::to_vec(&mails).map_err(Error::internal)?))
}
