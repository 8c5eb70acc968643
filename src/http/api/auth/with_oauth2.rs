//! `POST …/auth-with-oauth2`: anyone; who is signed in already links the account.

use crate::auth::OAuth2Form;
use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Signs in whoever a service's code stands for.
pub async fn sign_in(mut request: Request) -> Result<Reply> {
    let collection = request.auth_collection()?;
    request.app.auth.require_oauth2(&collection)?;
    let sent = request.form().await?;
    let form: OAuth2Form = sent.read(OAuth2Form::NAMES)?;
    let attempt = super::attempt(&request, sent.values)?;
    let schema = request.schema.clone();
    let done = request.app.auth.with_oauth2(schema, collection, form, &attempt).await?;
    let (outcome, meta) = done;
    super::present_outcome_with(&request, outcome, attempt.cx, Some(&meta)).await
}
