//! `GET /api/gr/logs/facets`: what a stretch of the log is made of.

use std::sync::LazyLock;

use actix_web::http::Method;

use crate::error::{Error, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::http::routes::Map;
use crate::logs::FacetQuery;

static MAP: LazyLock<Map> = LazyLock::new(Map::new);

/// Counts and percentiles of the entries that the filter finds.
pub async fn facets(request: Request) -> Result<Reply> {
    let text = |name: &str| request.query.text(name).to_owned();
    let bucket = match request.query.text("bucketSeconds") {
        "" => None,
        text => Some(text.parse().map_err(|_| Error::invalid_request())?),
    };
    let (filter, from, to) = (text("filter"), text("from"), text("to"));
    let input = FacetQuery { filter, from, to, bucket };
    Ok(Reply::json(request.app.activity.facets(input, fold).await?))
}

/// The pattern of a request that was logged; what no route answers goes together.
fn fold(method: &str, path: &str) -> &'static str {
    let method = Method::from_bytes(method.as_bytes()).unwrap_or(Method::GET);
    match MAP.find(&method, path) {
        Some(found) => found.route.path,
        None if path.starts_with("/api/") => "/api/*",
        None if path.starts_with("/_") => "/_/*",
        None => "/*",
    }
}
