//! `POST …/auth-with-otp`: anyone.

use crate::auth::OtpForm;
use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Signs a record in with a one-time code.
pub async fn sign_in(mut request: Request) -> Result<Reply> {
    let collection = request.auth_collection()?;
    request.app.auth.require_otp_auth(&collection)?;
    let sent = request.form().await?;
    let form: OtpForm = sent.read(OtpForm::NAMES)?;
    let attempt = super::attempt(&request, sent.values)?;
    let schema = request.schema.clone();
    let outcome = request.app.auth.with_otp(schema, collection, form, &attempt).await?;
    super::present_outcome(&request, outcome, attempt.cx).await
}
