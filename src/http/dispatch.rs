//! The way of every request: route, caller, guard, handler, answer.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, LOCATION};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::FutureExt as _;

use crate::app::App;
use crate::error::{Error, Kind, Result};
use crate::http::activity::Trace;
use crate::http::body::check_length;
use crate::http::cors::Origins;
use crate::http::guard::Guard;
use crate::http::in_flight::InFlight;
use crate::http::intake::Budget;
use crate::http::limits::DEFAULT_BODY;
use crate::http::metrics::Metrics;
use crate::http::public::Public;
use crate::http::rate_limit::{Asked, Asker, RateLimiter};
use crate::http::reply::Reply;
use crate::http::request::{Query, Request, decode_segment};
use crate::http::routes::{Map, Route};
use crate::http::secure::Secure;
use crate::http::{client_ip, error, fallback, headers, session_cookie};
use crate::query::{Caller, Projection};

/// What all workers share.
pub struct Front {
    /// The services.
    pub app: Arc<App>,
    /// The URL map.
    pub map: Map,
    /// Who may read answers from elsewhere.
    pub origins: Origins,
    /// What is served where no route fits.
    pub public: Arc<Public>,
    /// The memory that bodies share.
    pub budget: Budget,
    /// How often who asked what lately.
    pub limiter: Arc<RateLimiter>,
    /// The requests that are at work.
    pub flights: InFlight,
    /// Where TLS is served, if it is.
    pub secure: Option<Secure>,
    /// What is counted, if anything is.
    pub metrics: Option<Metrics>,
}

/// Answers one request, whatever happens on the way.
pub async fn dispatch(front: Arc<Front>, http: HttpRequest, payload: Payload) -> HttpResponse {
    if let Some(answer) = front.secure.as_ref().and_then(|secure| secure.answer(&http)) {
        return answer;
    }
    if http.method() == Method::OPTIONS {
        return front.origins.preflight(&http);
    }
    let flight = front.flights.begin();
    let counted = front.metrics.as_ref().map(Metrics::begin);
    let mut trace = Trace::start(&front.app);
    let meter = trace.meter.clone();
    let work = meter.follow(answer(&front, &http, payload, &mut trace));
    let outcome = match AssertUnwindSafe(work).catch_unwind().await {
        Ok(outcome) => outcome,
        Err(panic) => Err(Error::internal(panic_text(&*panic))),
    };
    let (mut response, failed) = match outcome {
        Ok(response) => (response, None),
        Err(failed) => (error::response(&failed), Some(failed)),
    };
    headers::secure(&mut response);
    session_cookie::apply(&http, &mut response);
    front.origins.mark(http.headers(), &mut response);
    if let Some(counted) = counted {
        counted.end(trace.asked, response.status());
    }
    trace.finish(&front.app, &http, response.status(), failed.as_ref());
    flight.carry(response)
}

async fn answer(
    front: &Front,
    http: &HttpRequest,
    payload: Payload,
    trace: &mut Trace,
) -> Result<HttpResponse> {
    let path = http.uri().path();
    if let Some(clean) = cleaned(path) {
        trace.is_quiet = true;
        return Ok(redirect(&clean, http.uri().query()));
    }
    let Some(found) = front.map.find(http.method(), path) else {
        trace.is_quiet = true;
        let shows_metrics = front.app.config.metrics.path.as_deref() == Some(path);
        if front.app.settings.load().rate_limits.enabled || shows_metrics {
            trace.caller = caller(front, http).await;
            limit(front, http, &trace.caller)?;
        }
        if let Some(metrics) = front.metrics.as_ref().filter(|_| shows_metrics) {
            client_ip::require_allowed(http, &trace.caller, &front.app.settings.load())?;
            Guard::Superuser.check(&trace.caller)?;
            return metrics.answer(&front.app).await;
        }
        check_length(http, DEFAULT_BODY)?;
        return fallback::answer(front, http);
    };
    trace.is_quiet = found.route.is_quiet();
    trace.asked = Some(found.route.asked());
    let mut params = Vec::with_capacity(found.params.len());
    for (name, text) in found.params {
        params.push((name, decode_segment(text).ok_or_else(Error::not_found)?));
    }
    trace.caller = caller(front, http).await;
    client_ip::require_allowed(http, &trace.caller, &front.app.settings.load())?;
    let request = Request {
        app: Arc::clone(&front.app),
        schema: front.app.schema.load(),
        caller: trace.caller.clone(),
        query: Query::parse(http.uri().query().unwrap_or_default()),
        http: http.clone(),
        params,
        payload,
        reception: front.budget.reception(),
        limiter: Arc::clone(&front.limiter),
        notes: trace.notes.clone(),
    };
    request.limit_rate(found.route.path)?;
    found.route.guard.check(&request.caller)?;
    run(found.route, request).await
}

async fn caller(front: &Front, http: &HttpRequest) -> Caller {
    let token = http.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    front.app.auth.caller(token).await
}

/// Counts a request that no route fits.
fn limit(front: &Front, http: &HttpRequest, caller: &Caller) -> Result<()> {
    let settings = front.app.settings.load();
    let ip = client_ip::real(http, &settings.trusted_proxy);
    let asker =
        Asker { caller, ip, now: front.app.clock.now(), settings: front.app.settings.version() };
    let (method, path) = (http.method().as_str(), http.uri().path());
    front.limiter.check(&settings.rate_limits, &asker, &Asked::at(method, path))
}

/// Runs the handler, then picks the fields the client asked for.
async fn run(route: &Route, request: Request) -> Result<HttpResponse> {
    let fields = request.query.text("fields").to_owned();
    if fields.is_empty() {
        return Ok((route.handler)(request).await?.into_response());
    }
    let projection = Projection::parse(&fields).map_err(Error::from);
    if route.method != Method::GET {
        // A write must not happen and then be answered with an error.
        projection.as_ref().map_err(|_| Error::invalid_request())?;
    }
    match (route.handler)(request).await? {
        Reply::Json(status, body) if status.is_success() => {
            projection?;
            Ok(Reply::Json(status, pick(body, &fields)?).into_response())
        }
        reply => Ok(reply.into_response()),
    }
}

/// JSON text with nothing left but what `fields` asks for.
pub(super) fn pick(body: Vec<u8>, fields: &str) -> Result<Vec<u8>> {
    let Some(projection) = Projection::parse(fields)? else { return Ok(body) };
    let mut value = serde_json::from_slice(&body).map_err(Error::internal)?;
    projection.apply(&mut value);
    Ok(crate::json::to_string(&value).into_bytes())
}

/// The path without `//`, `.` and `..`, if it has any of them.
fn cleaned(path: &str) -> Option<String> {
    let dirty = path.contains("//")
        || path.split('/').any(|segment| matches!(segment, "." | ".."))
        || !path.starts_with('/');
    if !dirty {
        return None;
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    let mut clean = format!("/{}", segments.join("/"));
    if path.ends_with('/') && clean.len() > 1 {
        clean.push('/');
    }
    Some(clean)
}

/// 307 to another path, with a page for clients that do not follow.
pub(super) fn redirect(path: &str, query: Option<&str>) -> HttpResponse {
    // Browsers read `/\\host` as they read `//host`: as another site.
    let path = path.replace('\\', "%5C");
    let target = query.map_or_else(|| path.clone(), |query| format!("{path}?{query}"));
    let escaped = target.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&#34;");
    HttpResponse::build(StatusCode::TEMPORARY_REDIRECT)
        .insert_header((LOCATION, target))
        .content_type("text/html; charset=utf-8")
        .body(format!("<a href=\"{escaped}\">Temporary Redirect</a>.\n\n"))
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panic: {}", text.unwrap_or("no message"))
}

/// 404 in the words for a `GET` that found no file.
pub(super) fn file_not_found() -> Error {
    Error::new(Kind::NotFound, "File not found.")
}

#[cfg(test)]
mod tests {
    use super::{cleaned, redirect};

    #[test]
    fn paths_are_cleaned_once() {
        for (path, expected) in [
            ("/api/health", None),
            ("/api//health", Some("/api/health")),
            ("/a/../b/", Some("/b/")),
            ("/../..", Some("/")),
            ("//evil.example", Some("/evil.example")),
        ] {
            assert_eq!(cleaned(path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn a_redirect_stays_on_this_site() {
        for (path, query, expected) in [
            ("/api/health", Some("a=1"), "/api/health?a=1"),
            (r"/\evil.example/x", None, "/%5Cevil.example/x"),
        ] {
            let response = redirect(path, query);
            let location = response.headers().get("location").unwrap().to_str().unwrap();
            assert_eq!(location, expected);
        }
    }
}
