//! `GET /api/settings`: everything but the secrets.

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// The settings of this moment.
pub async fn view(request: Request) -> Result<Reply> {
    let settings = request.app.settings.load();
    Ok(Reply::json(request.app.settings.shown(&settings).into_bytes()))
}
