//! `POST /api/settings/test/s3`.

use crate::error::{Error, Result};
use crate::files::s3::TestForm;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// Tries the bucket of files or of backups, as it is set.
pub async fn test(mut request: Request) -> Result<Reply> {
    let form: TestForm = request.form().await?.read(TestForm::NAMES)?;
    let files = request.app.files.clone();
    let tried = tokio::task::spawn_blocking(move || files.try_out(&form)).await;
    tried.map_err(Error::internal)??;
    Ok(Reply::Empty)
}
