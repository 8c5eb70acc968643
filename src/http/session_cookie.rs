//! The cookie a refresh token may travel in: out of reach of scripts, sent to one path only, and
//! taken only from requests that a page from elsewhere cannot make.

use std::fmt::Write as _;

use actix_web::HttpRequest;
use actix_web::http::header::{COOKIE, HeaderName, HeaderValue, ORIGIN, SET_COOKIE};
use actix_web::{HttpMessage as _, HttpResponse};
use url::Url;

use crate::crypto::Secret;
use crate::error::{Error, Result};
use crate::http::request::Request;
use crate::http::secure::{host, without_port};
use crate::schema::Collection;

const NAME: &str = "gr_refresh";
/// A page can send it to its own server only: to others a browser asks for permission first, which
/// is never given together with cookies.
const HEADER: HeaderName = HeaderName::from_static("x-session-cookie");
/// Longest value that is looked at.
const MAX_LENGTH: usize = 256;

/// What an answer is to say of the cookie; it lies with the request until there is an answer.
struct Pending(HeaderValue);

/// Whether a sign-in hands its refresh token over in a cookie.
///
/// # Errors
/// 403 where it should, and the request could be that of a page from elsewhere: it would sign
/// somebody in as somebody else.
pub fn is_wanted(request: &Request, collection: &Collection) -> Result<bool> {
    let asked = request.query.text("session") == "cookie";
    if !asked && !collection.auth().is_some_and(|options| options.session.cookie) {
        return Ok(false);
    }
    if !request.http.headers().contains_key(HEADER) {
        return Err(Error::forbidden("A session in a cookie needs the header X-Session-Cookie."));
    }
    require_own_origin(&request.http, &request.app.settings.load().meta.app_url)?;
    Ok(true)
}

/// The refresh token of a request that may use its cookie; `None` when it does not say so, or has
/// none.
///
/// # Errors
/// 403 for a page of another origin.
pub fn read(request: &Request) -> Result<Option<Secret>> {
    let http = &request.http;
    if !http.headers().contains_key(HEADER) {
        return Ok(None);
    }
    require_own_origin(http, &request.app.settings.load().meta.app_url)?;
    let lines = http.headers().get_all(COOKIE).filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    let found = pairs.find(|(name, _)| name.trim() == NAME);
    let value = found.map(|(_, value)| value.trim()).filter(|value| value.len() <= MAX_LENGTH);
    Ok(value.filter(|value| !value.is_empty()).map(Secret::new))
}

/// Lets the answer set the cookie for as long as the session lives without a refresh.
pub fn set(request: &Request, token: &Secret, secs: i64) {
    remember(request, token.reveal(), secs);
}

/// Lets the answer remove the cookie.
pub fn clear(request: &Request) {
    remember(request, "", 0);
}

/// Adds to an answer what its handler wanted.
pub fn apply(http: &HttpRequest, response: &mut HttpResponse) {
    if let Some(Pending(value)) = http.extensions_mut().remove::<Pending>() {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

fn remember(request: &Request, value: &str, secs: i64) {
    let collection = path_segment(request.http.uri().path());
    let mut text = format!(
        "{NAME}={value}; Path=/api/collections/{collection}/auth-refresh; HttpOnly; \
         SameSite=Strict"
    );
    // Cannot fail: the target is text.
    let _ = write!(text, "; Max-Age={secs}");
    if request.http.app_config().secure() || !is_loopback(&request.http) {
        text.push_str("; Secure");
    }
    if let Ok(mut value) = HeaderValue::from_str(&text) {
        value.set_sensitive(true);
        request.http.extensions_mut().insert(Pending(value));
    }
}

/// The collection as the client spells it: a browser compares paths as they are written.
fn path_segment(path: &str) -> &str {
    let segment = path.split('/').nth(3).unwrap_or_default();
    if segment.contains([';', ',']) { "" } else { segment }
}

/// Whether the client reached this server by a name of its own machine, where there is no TLS.
fn is_loopback(http: &HttpRequest) -> bool {
    let name = without_port(host(http));
    matches!(name, "localhost" | "127.0.0.1" | "[::1]") || name.ends_with(".localhost")
}

/// A browser names the origin of the page; whoever names none is no page.
fn require_own_origin(http: &HttpRequest, app_url: &str) -> Result<()> {
    let Some(origin) = http.headers().get(ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or_default();
    let host = host(http);
    let own = origin.split_once("://").is_some_and(|(_, rest)| rest == host && !host.is_empty());
    let app = Url::parse(app_url).is_ok_and(|url| url.origin().ascii_serialization() == origin);
    if own || app { Ok(()) } else { Err(Error::forbidden("The request comes from another site.")) }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HOST;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_pages_of_this_server_or_of_the_application_may_use_the_cookie() {
        let app = "https://app.example.com/path";
        for (origin, host, is_allowed) in [
            (None, "api.example.com", true),
            (Some("https://api.example.com"), "api.example.com", true),
            (Some("http://localhost:8090"), "localhost:8090", true),
            (Some("https://app.example.com"), "api.example.com", true),
            (Some("http://app.example.com"), "api.example.com", false),
            (Some("https://evil.example"), "api.example.com", false),
            (Some("https://api.example.com.evil.example"), "api.example.com", false),
            (Some("null"), "api.example.com", false),
            (Some(""), "", false),
            (Some("https://"), "", false),
        ] {
            let mut request = TestRequest::default().insert_header((HOST, host));
            if let Some(origin) = origin {
                request = request.insert_header((ORIGIN, origin));
            }
            let allowed = require_own_origin(&request.to_http_request(), app).is_ok();
            assert_eq!(allowed, is_allowed, "{origin:?} {host}");
        }
    }

    #[test]
    fn the_cookie_is_for_one_path_and_secure_but_on_this_machine() {
        for (host, expected) in [
            ("localhost:8090", true),
            ("127.0.0.1", true),
            ("[::1]:8090", true),
            ("app.localhost", true),
            ("localhost.evil.example", false),
            ("example.com", false),
            ("192.168.1.2:8090", false),
        ] {
            let http = TestRequest::default().insert_header((HOST, host)).to_http_request();
            assert_eq!(is_loopback(&http), expected, "{host}");
        }
        assert_eq!(path_segment("/api/collections/users/auth-refresh"), "users");
        assert_eq!(path_segment("/api/collections/a;b/auth-refresh"), "");
    }
}
