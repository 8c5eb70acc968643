//! Where no route fits: the dashboard, the public folder, or 404.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse};

use crate::error::{Error, Result};
use crate::http::dispatch::{Front, file_not_found};

/// Answers what the URL map does not know.
pub async fn answer(_front: &Front, http: &HttpRequest) -> Result<HttpResponse> {
    if !matches!(*http.method(), Method::GET | Method::HEAD) {
        return Err(Error::not_found());
    }
    Err(file_not_found())
}
