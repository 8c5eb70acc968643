//! Error -> status and JSON: the only such mapping. What is our fault is logged here, once.

use std::error::Error as _;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::{HttpResponse, HttpResponseBuilder};

use crate::error::{Error, Kind, sentence};
use crate::http::headers::JSON;

/// The status of each kind of error.
pub fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::BadRequest => StatusCode::BAD_REQUEST,
        Kind::Unauthorized => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::TimedOut => StatusCode::REQUEST_TIMEOUT,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Kind::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The contract's envelope: `data`, `message`, `status`, in this order.
#[derive(serde::Serialize)]
struct Envelope<'a> {
    data: &'a crate::error::FieldErrors,
    message: std::borrow::Cow<'a, str>,
    status: u16,
}

/// The answer to a request that failed.
pub fn response(error: &Error) -> HttpResponse {
    let status = status(error.kind());
    if status.is_server_error() {
        tracing::error!(error = %causes(error), status = status.as_u16(), "request failed");
    }
    let envelope = Envelope {
        data: error.data(),
        message: sentence(error.message()),
        status: status.as_u16(),
    };
    let mut response = HttpResponseBuilder::new(status);
    response.insert_header(JSON);
    match error.kind() {
        Kind::TooMany { retry_after_secs } => {
            response.insert_header((RETRY_AFTER, retry_after_secs.to_string()));
        }
        Kind::Busy => {
            response.insert_header((RETRY_AFTER, HeaderValue::from_static("1")));
        }
        _ => {}
    }
    response.body(serde_json::to_vec(&envelope).unwrap_or_default())
}

/// The message and all its causes, for the log only.
pub fn causes(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
