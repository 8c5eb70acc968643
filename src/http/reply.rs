//! What a handler answers.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, HttpResponseBuilder};

use crate::http::headers::JSON;

/// The answer of a handler that did not fail.
#[derive(Debug)]
pub enum Reply {
    /// JSON text, 200 as a rule.
    Json(StatusCode, Vec<u8>),
    /// 204.
    Empty,
    /// To one of our own pages.
    Redirect(StatusCode, &'static str),
    /// A file, or part of one.
    File(Box<HttpResponse>),
    /// An answer that goes on until one side ends it.
    Stream(Box<HttpResponse>),
}

impl Reply {
    /// 200 with JSON text.
    pub fn json(body: Vec<u8>) -> Self {
        Self::Json(StatusCode::OK, body)
    }

    /// As actix wants it.
    pub fn into_response(self) -> HttpResponse {
        match self {
            Self::Json(status, body) => {
                HttpResponseBuilder::new(status).insert_header(JSON).body(body)
            }
            Self::File(response) | Self::Stream(response) => *response,
            Self::Redirect(status, page) => {
                HttpResponseBuilder::new(status).insert_header((LOCATION, page)).finish()
            }
            Self::Empty => HttpResponse::NoContent().finish(),
        }
    }
}
