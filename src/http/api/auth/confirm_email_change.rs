//! `POST …/confirm-email-change`: anyone.

use crate::auth::EmailChangeForm;
use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Gives the record of a mailed token its new address.
pub async fn confirm_email_change(mut request: Request) -> Result<Reply> {
    let collection = request.auth_collection()?;
    request.app.auth.require_confirmed_email(&collection)?;
    let form: EmailChangeForm = request.form().await?.read(EmailChangeForm::NAMES)?;
    let (schema, ip) = (request.schema.clone(), request.real_ip());
    request.app.auth.confirm_email_change(schema, collection, form, &ip).await?;
    Ok(Reply::Empty)
}
