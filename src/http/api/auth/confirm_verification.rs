//! `POST …/confirm-verification`: anyone.

use crate::auth::VerificationForm;
use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Marks the record of a mailed token as verified.
pub async fn confirm_verification(mut request: Request) -> Result<Reply> {
    let collection = request.auth_collection()?;
    request.app.auth.require_verification(&collection)?;
    let form: VerificationForm = request.form().await?.read(VerificationForm::NAMES)?;
    let schema = request.schema.clone();
    request.app.auth.confirm_verification(schema, collection, form).await?;
    Ok(Reply::Empty)
}
