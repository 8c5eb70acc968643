//! The dashboard under `/_/`: files of the build, compressed then, served as they are.

use std::borrow::Cow;
use std::path::Path;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    HeaderValue, IF_NONE_MATCH, LOCATION, VARY,
};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use mime_guess::Mime;
use rust_embed::{EmbeddedFile, RustEmbed};

/// `admin-ui/dist` as `build.rs` left it.
#[derive(RustEmbed)]
#[folder = "admin-ui/dist/"]
struct Files;

/// No inline script or style, nothing from elsewhere, in nobody's frame.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
     connect-src 'self'; frame-ancestors 'none'; object-src 'none'; base-uri 'none'; \
     form-action 'self'",
);

/// Names below `assets/` change with their content.
const HASHED: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const CHECKED: HeaderValue = HeaderValue::from_static("no-cache");

/// The page.
const INDEX: &str = "index.html";
/// Scripts that extend the dashboard; there are none, and an empty module says so.
const EXTENSIONS: &str = "extensions.js";

/// Answers `GET /_/{path}`; `None` when there is no such file.
pub fn serve(http: &HttpRequest, path: &str) -> Option<HttpResponse> {
    match path {
        "" => file(http, INDEX),
        INDEX => Some(redirect()),
        EXTENSIONS => Some(
            answer(StatusCode::OK, &CHECKED)
                .insert_header((CONTENT_TYPE, "text/javascript; charset=utf-8"))
                .body("export {};\n"),
        ),
        // The compressed forms and the list of the build are not files of their own.
        _ if path.ends_with(".br") || path.ends_with(".gz") || path.starts_with('.') => None,
        _ => file(http, path),
    }
}

fn redirect() -> HttpResponse {
    answer(StatusCode::MOVED_PERMANENTLY, &CHECKED).insert_header((LOCATION, "/_/")).finish()
}

fn file(http: &HttpRequest, path: &str) -> Option<HttpResponse> {
    let plain = Files::get(path)?;
    let accepted = Accepted::of(http);
    let compressed = |is_accepted: bool, suffix: &'static str| {
        if is_accepted { Files::get(&format!("{path}.{suffix}")) } else { None }
    };
    // Brotli first: it is a fifth smaller.
    let (file, encoding) = if let Some(file) = compressed(accepted.br, "br") {
        (file, Some("br"))
    } else if let Some(file) = compressed(accepted.gzip, "gz") {
        (file, Some("gzip"))
    } else {
        (plain, None)
    };
    let tag = entity_tag(&file, encoding);
    let caching = if path.starts_with("assets/") { &HASHED } else { &CHECKED };
    let known = http.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|list| list.split(',').any(|item| matches_tag(item, &tag))) {
        return Some(answer(StatusCode::NOT_MODIFIED, caching).insert_header((ETAG, tag)).finish());
    }
    let mut response = answer(StatusCode::OK, caching);
    response.insert_header((ETAG, tag));
    if let Some(kind) = content_type(Path::new(path)) {
        response.insert_header((CONTENT_TYPE, kind));
    }
    if let Some(encoding) = encoding {
        response.insert_header((CONTENT_ENCODING, encoding));
    }
    Some(response.body(match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    }))
}

/// An answer with what all answers of the dashboard carry.
fn answer(status: StatusCode, caching: &HeaderValue) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CACHE_CONTROL, caching.clone()))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((VARY, "Accept-Encoding"));
    response
}

/// What the client can unpack.
struct Accepted {
    br: bool,
    gzip: bool,
}

impl Accepted {
    fn of(http: &HttpRequest) -> Self {
        let mut accepted = Self { br: false, gzip: false };
        let lines = http.headers().get_all(ACCEPT_ENCODING).filter_map(|line| line.to_str().ok());
        for item in lines.flat_map(|line| line.split(',')) {
            let (name, rest) = item.split_once(';').unwrap_or((item, ""));
            let quality = rest.trim().strip_prefix("q=").map(str::parse::<f32>);
            let wanted = !matches!(quality, Some(Ok(quality)) if quality <= 0.0);
            match name.trim() {
                "br" => accepted.br = wanted,
                "gzip" => accepted.gzip = wanted,
                _ => {}
            }
        }
        accepted
    }
}

/// One tag per content and encoding, as caches want it.
fn entity_tag(file: &EmbeddedFile, encoding: Option<&str>) -> String {
    let mut tag = String::with_capacity(48);
    tag.push('"');
    for byte in &file.metadata.sha256_hash()[..12] {
        tag.push_str(&format!("{byte:02x}"));
    }
    if let Some(encoding) = encoding {
        tag.push('-');
        tag.push_str(encoding);
    }
    tag.push('"');
    tag
}

fn matches_tag(item: &str, tag: &str) -> bool {
    let item = item.trim();
    item == "*" || item.strip_prefix("W/").unwrap_or(item) == tag
}

/// The type a name tells, if it tells any; text is always UTF-8.
pub(super) fn content_type(path: &Path) -> Option<Mime> {
    let guess = mime_guess::from_path(path).first()?;
    match guess.type_() {
        mime_guess::mime::TEXT => format!("{guess}; charset=utf-8").parse().ok(),
        _ => Some(guess),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::MessageBody as _;
    use actix_web::test::TestRequest;

    use super::*;

    fn header(response: &HttpResponse, name: &str) -> String {
        let value = response.headers().get(name).map(|value| value.to_str().unwrap());
        value.unwrap_or_default().to_owned()
    }

    #[test]
    fn the_page_is_checked_again_and_not_sent_again() {
        let request = TestRequest::default().to_http_request();
        let response = serve(&request, "").unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(header(&response, "content-type"), "text/html; charset=utf-8");
        assert_eq!(header(&response, "cache-control"), "no-cache");
        let policy = header(&response, "content-security-policy");
        assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");
        let tag = header(&response, "etag");
        let page = response.into_body().try_into_bytes().unwrap();
        assert!(page.starts_with(b"<!doctype html>"));

        let known = format!("\"other\", W/{tag}");
        let request = TestRequest::default().insert_header(("if-none-match", known));
        let response = serve(&request.to_http_request(), "").unwrap();
        assert_eq!(response.status(), 304);
        assert_eq!(header(&response, "etag"), tag);
    }

    #[test]
    fn only_files_of_the_build_are_served() {
        let request = TestRequest::default().to_http_request();
        for path in ["nope", "index.html.br", "../Cargo.toml", "/etc/passwd", ".vite/manifest.json"]
        {
            assert!(serve(&request, path).is_none(), "{path}");
        }
        let moved = serve(&request, "index.html").unwrap();
        assert_eq!((moved.status().as_u16(), header(&moved, "location")), (301, "/_/".into()));
        let extensions = serve(&request, "extensions.js").unwrap();
        assert_eq!(header(&extensions, "content-type"), "text/javascript; charset=utf-8");
    }

    #[test]
    fn encodings_are_taken_by_name_unless_refused() {
        for (text, br, gzip) in [
            ("gzip, deflate, br", true, true),
            ("br;q=0, gzip;q=0.5", false, true),
            ("gzip;q=0.0", false, false),
            ("brotli", false, false),
            ("", false, false),
        ] {
            let request = TestRequest::default().insert_header(("accept-encoding", text));
            let accepted = Accepted::of(&request.to_http_request());
            assert_eq!((accepted.br, accepted.gzip), (br, gzip), "{text}");
        }
    }
}
