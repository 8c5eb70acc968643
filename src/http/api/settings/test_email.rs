//! `POST /api/settings/test/email`.

use crate::auth::TestLetterForm;
use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Sends a letter at once, to try the mail server and the template.
pub async fn send(mut request: Request) -> Result<Reply> {
    let form: TestLetterForm = request.form().await?.read(TestLetterForm::NAMES)?;
    request.app.auth.send_test_letter(&request.schema, form).await?;
    Ok(Reply::Empty)
}
