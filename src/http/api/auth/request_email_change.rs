//! `POST …/request-email-change`: a record of the collection.

use crate::auth::NewEmailForm;
use crate::error::{Error, Result};
use crate::http::guard::Guard;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Has a link mailed to a new address.
pub async fn request_email_change(mut request: Request) -> Result<Reply> {
    // The contract names a missing collection before a missing token.
    let collection = request.collection().ok_or_else(Error::missing_or_invalid_collection)?;
    Guard::SignedIn.check(&request.caller)?;
    request.app.auth.require_email_change(&collection, &request.caller)?;
    let form: NewEmailForm = request.form().await?.read(NewEmailForm::NAMES)?;
    let auth = &request.app.auth;
    auth.request_email_change(collection, &request.caller, form).await?;
    Ok(Reply::Empty)
}
