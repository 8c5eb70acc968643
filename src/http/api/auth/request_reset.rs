//! `POST …/request-password-reset`: anyone.

use crate::auth::EmailForm;
use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Has a link mailed that sets a new password.
pub async fn request_reset(mut request: Request) -> Result<Reply> {
    let collection = request.auth_collection()?;
    request.app.auth.require_password_reset(&collection)?;
    let form: EmailForm = request.form().await?.read(EmailForm::NAMES)?;
    request.app.auth.request_password_reset(&collection, form).await?;
    Ok(Reply::Empty)
}
