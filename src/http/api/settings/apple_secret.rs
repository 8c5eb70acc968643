//! `POST /api/settings/apple/generate-client-secret`: superusers.

use serde_json::json;

use crate::auth::AppleSecretForm;
use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Signs a client secret for Apple. Nothing of it is kept.
pub async fn create(mut request: Request) -> Result<Reply> {
    let sent = request.form().await?;
    let form: AppleSecretForm = sent.read(AppleSecretForm::NAMES)?;
    let secret = form.sign(request.app.clock.now())?;
    let body = crate::json::to_string(&json!({ "secret": secret.reveal() }));
    Ok(Reply::json(body.into_bytes()))
}
