//! `POST …/auth-with-totp`: anyone who is half-way through a sign-in.

use crate::auth::ProofForm;
use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Completes a sign-in with an authenticator app.
pub async fn sign_in(mut request: Request) -> Result<Reply> {
    let collection = request.auth_collection()?;
    request.app.auth.require_totp(&collection)?;
    let sent = request.form().await?;
    let form: ProofForm = sent.read(ProofForm::NAMES)?;
    let attempt = super::attempt(&request, sent.values)?;
    let schema = request.schema.clone();
    let outcome = request.app.auth.with_totp(schema, collection, form, &attempt).await?;
    super::present_outcome(&request, outcome, attempt.cx).await
}
