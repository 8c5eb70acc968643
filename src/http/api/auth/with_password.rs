//! `POST …/auth-with-password`: anyone.

use serde_json::Value;

use crate::auth::PasswordForm;
use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Signs a record in with identity and password.
pub async fn sign_in(mut request: Request) -> Result<Reply> {
    let collection = request.auth_collection()?;
    request.app.auth.require_password_auth(&collection)?;
    let sent = request.form().await?;
    let mut form: PasswordForm = sent.read(PasswordForm::NAMES)?;
    let mfa_id = sent.values.get("mfaId").and_then(Value::as_str).filter(|id| !id.is_empty());
    form.mfa_id = mfa_id.unwrap_or_else(|| request.query.text("mfaId")).to_owned();
    let mut cx = request.context("POST");
    cx.body = sent.values;
    let auth = &request.app.auth;
    let schema = request.schema.clone();
    let outcome = auth.with_password(schema, collection, form, cx.clone()).await?;
    super::present_outcome(&request, outcome, cx).await
}
