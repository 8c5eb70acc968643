//! `DELETE /api/gr/mails`.

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Forgets the mails that were shown.
pub async fn clear(request: Request) -> Result<Reply> {
    request.app.mail.forget_shown();
    Ok(Reply::Empty)
}
