//! `POST …/auth-with-password`: anyone.

use crate::auth::PasswordForm;
use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Signs a record in with identity and password.
pub async fn sign_in(mut request: Request) -> Result<Reply> {
    let collection = request.auth_collection()?;
    request.app.auth.require_password_auth(&collection)?;
    let sent = request.form().await?;
    let form: PasswordForm = sent.read(PasswordForm::NAMES)?;
    let attempt = super::attempt(&request, sent.values)?;
    let schema = request.schema.clone();
    let outcome = request.app.auth.with_password(schema, collection, form, &attempt).await?;
    super::present_outcome(&request, outcome, attempt.cx).await
}
