//! Where no route fits: the dashboard, the public folder, or 404.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse};

use crate::error::{Error, Result};
use crate::http::dispatch::{Front, file_not_found, redirect};
use crate::http::ui;

/// Answers what the URL map does not know.
pub fn answer(front: &Front, http: &HttpRequest) -> Result<HttpResponse> {
    if !matches!(*http.method(), Method::GET | Method::HEAD) {
        return Err(Error::not_found());
    }
    let path = http.uri().path();
    if path == "/_" {
        return Ok(redirect("/_/", http.uri().query()));
    }
    let found = match path.strip_prefix("/_/") {
        Some(inside) => ui::serve(http, inside),
        None => front.public.serve(http),
    };
    found.ok_or_else(file_not_found)
}
