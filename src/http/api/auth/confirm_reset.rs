//! `POST …/confirm-password-reset`: anyone.

use crate::auth::PasswordResetForm;
use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Sets a new password for the record of a mailed token.
pub async fn confirm_reset(mut request: Request) -> Result<Reply> {
    let collection = request.auth_collection()?;
    let form: PasswordResetForm = request.form().await?.read(PasswordResetForm::NAMES)?;
    let schema = request.schema.clone();
    request.app.auth.confirm_password_reset(schema, collection, form).await?;
    Ok(Reply::Empty)
}
