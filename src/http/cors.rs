//! Cross-origin requests: which origins may read answers (contract §1.11). No credentials, ever.

use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_REQUEST_HEADERS, HeaderMap, HeaderValue, ORIGIN, VARY,
};
use actix_web::{HttpRequest, HttpResponse};

const METHODS: &str = "GET,HEAD,PUT,PATCH,POST,DELETE";

/// The origins that `--origins` names; `*` and `?` stand for any text and any character.
#[derive(Debug, Clone)]
pub struct Origins {
    patterns: Vec<String>,
    any: bool,
}

impl Origins {
    /// Takes the patterns as they were given.
    pub fn new(patterns: Vec<String>) -> Self {
        let any = patterns.iter().any(|pattern| pattern == "*");
        Self { patterns, any }
    }

    /// The value of `Access-Control-Allow-Origin` for a request, if it gets one.
    fn allowed(&self, request: &HeaderMap) -> Option<HeaderValue> {
        let origin = request.get(ORIGIN)?;
        if self.any {
            return Some(HeaderValue::from_static("*"));
        }
        let text = origin.to_str().ok()?;
        let matches = |pattern: &String| {
            fits(pattern.to_ascii_lowercase().as_bytes(), text.to_ascii_lowercase().as_bytes())
        };
        self.patterns.iter().any(matches).then(|| origin.clone())
    }

    /// Marks an answer as readable by the asking origin.
    pub fn mark(&self, request: &HeaderMap, response: &mut HttpResponse) {
        if let Some(origin) = self.allowed(request) {
            response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
    }

    /// The answer to `OPTIONS`: nothing else looks at such a request.
    pub fn preflight(&self, request: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::NoContent().finish();
        let asked = request.headers();
        let headers = response.headers_mut();
        headers.append(VARY, HeaderValue::from_static("Origin"));
        if !asked.contains_key(ORIGIN) {
            return response;
        }
        headers.append(VARY, HeaderValue::from_static("Access-Control-Request-Method"));
        headers.append(VARY, HeaderValue::from_static("Access-Control-Request-Headers"));
        let Some(origin) = self.allowed(asked) else { return response };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
        if let Some(wanted) = asked.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
        }
        response
    }
}

/// True when `text` fits `pattern`. Linear in both but for one step back per star.
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == b'?' || c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((star_p, star_t)) = star else { return false };
                star = Some((star_p, star_t + 1));
                p = star_p + 1;
                t = star_t + 1;
            }
        }
    }
    pattern[p..].iter().all(|&c| c == b'*')
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_stand_for_text() {
        for (pattern, text, expected) in [
            ("https://*.example.com", "https://a.example.com", true),
            ("https://*.example.com", "https://example.com", false),
            ("http://localhost:300?", "http://localhost:3001", true),
            ("http://localhost:300?", "http://localhost:300", false),
            ("*a*b", "xxaxxab", true),
            ("", "", true),
        ] {
            assert_eq!(fits(pattern.as_bytes(), text.as_bytes()), expected, "{pattern} {text}");
        }
    }
}
