//! `POST /api/backups`: makes a backup; the answer comes when it is made.

use crate::backups::CreateForm;
use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Makes a backup, of the name in the body if there is one.
pub async fn create(mut request: Request) -> Result<Reply> {
    request.app.backups.require_idle()?;
    let form: CreateForm = request.form().await?.read(CreateForm::NAMES)?;
    request.app.backups.create(&form.name).await?;
    Ok(Reply::Empty)
}
