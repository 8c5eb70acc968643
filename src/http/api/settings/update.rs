//! `PATCH /api/settings`: merges the body into the settings and answers the new ones.

use serde_json::Value;

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// What is not named stays as it is, secrets too.
pub async fn update(mut request: Request) -> Result<Reply> {
    let patch = Value::Object(request.form().await?.values);
    let before = request.app.settings.load();
    let settings = request.app.settings.patch(&request.app.store, patch).await?;
    if settings.logs != before.logs {
        let activity = request.app.activity.clone();
        actix_web::rt::spawn(async move { activity.trim().await });
    }
    Ok(Reply::json(request.app.settings.shown(&settings).into_bytes()))
}
