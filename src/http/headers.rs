//! The headers every answer carries (contract §1.1).

use actix_web::HttpResponse;
use actix_web::http::header::{
    CONTENT_TYPE, HeaderName, HeaderValue, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    X_XSS_PROTECTION,
};

/// `Content-Type: application/json`.
pub const JSON: (HeaderName, HeaderValue) =
    (CONTENT_TYPE, HeaderValue::from_static("application/json"));

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Marks an answer that pages from elsewhere may show in a frame.
pub struct Framable;

/// Adds what a normal answer carries; a header that is already there stays.
pub fn secure(response: &mut HttpResponse) {
    let is_framable = response.extensions().get::<Framable>().is_some();
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Origin"));
    for (name, value) in [
        (OPENER_POLICY, "same-origin"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "SAMEORIGIN"),
        (X_XSS_PROTECTION, "1; mode=block"),
    ] {
        let is_left_out = is_framable && name == X_FRAME_OPTIONS;
        if !is_left_out && !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}
