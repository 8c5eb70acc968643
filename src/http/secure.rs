//! What stands before all routes where TLS is served: the way to HTTPS, the proofs that ACME asks
//! for, and the way from `www.` names.

use std::sync::Arc;

use actix_web::http::header::{CONTENT_TYPE, HOST, LOCATION};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};

use crate::error::Error;
use crate::http::error;
use crate::tls::Tls;

const PROOFS: &str = "/.well-known/acme-challenge/";

/// How this server is reached by TLS.
pub struct Secure {
    /// Its certificates.
    pub tls: Arc<Tls>,
    /// The port it is reached at.
    pub port: u16,
}

impl Secure {
    /// The answer to a request that goes no further.
    pub fn answer(&self, http: &HttpRequest) -> Option<HttpResponse> {
        let host = host(http);
        if http.app_config().secure() {
            let bare = self.tls.bare(without_port(host))?;
            return Some(self.lead(http, bare, StatusCode::TEMPORARY_REDIRECT));
        }
        if let Some(token) = http.uri().path().strip_prefix(PROOFS) {
            return Some(match self.tls.http_proof(token) {
                Some(proof) => HttpResponse::Ok()
                    .insert_header((CONTENT_TYPE, "application/octet-stream"))
                    .body(proof),
                None => error::response(&Error::not_found()),
            });
        }
        let is_read = matches!(*http.method(), Method::GET | Method::HEAD);
        let name = without_port(host);
        if !is_read || !is_name(name) {
            // A body, and a token with it, has been sent for everybody to read.
            return Some(error::response(&Error::bad_request("Use HTTPS.")));
        }
        Some(self.lead(http, name, StatusCode::FOUND))
    }

    fn lead(&self, http: &HttpRequest, name: &str, status: StatusCode) -> HttpResponse {
        let path = http.uri().path_and_query().map_or("/", |path| path.as_str());
        let target = match self.port {
            443 => format!("https://{name}{path}"),
            port => format!("https://{name}:{port}{path}"),
        };
        HttpResponse::build(status).insert_header((LOCATION, target)).finish()
    }
}

/// The name and port by which the client reached this server. HTTP/2 has them in the URL.
pub fn host(http: &HttpRequest) -> &str {
    let named = http.headers().get(HOST).and_then(|host| host.to_str().ok());
    named.or_else(|| http.uri().authority().map(|name| name.as_str())).unwrap_or_default()
}

/// An IPv6 address keeps its brackets.
pub fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

fn is_name(name: &str) -> bool {
    let is_of_name = |b: u8| b.is_ascii_alphanumeric() || b"-._[]:".contains(&b);
    !name.is_empty() && name.bytes().all(is_of_name)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_host_comes_from_the_header_or_the_url() {
        let header = TestRequest::default().insert_header((HOST, "a.b:8443")).to_http_request();
        assert_eq!(host(&header), "a.b:8443");
        let url = TestRequest::with_uri("https://a.b:8443/x").to_http_request();
        assert_eq!(host(&url), "a.b:8443");
        for (host, name) in
            [("a.b", "a.b"), ("a.b:1", "a.b"), ("[::1]", "[::1]"), ("[::1]:80", "[::1]")]
        {
            assert_eq!(without_port(host), name);
        }
        for wrong in ["", "a/b", "a@b", "a b", "a\"b"] {
            assert!(!is_name(wrong), "{wrong}");
        }
    }
}
