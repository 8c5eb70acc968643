//! `POST …/request-verification`: anyone.

use crate::auth::EmailForm;
use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Has a link mailed that verifies an address.
pub async fn request_verification(mut request: Request) -> Result<Reply> {
    let collection = request.auth_collection()?;
    request.app.auth.require_verification(&collection)?;
    let form: EmailForm = request.form().await?.read(EmailForm::NAMES)?;
    request.app.auth.request_verification(&collection, form).await?;
    Ok(Reply::Empty)
}
