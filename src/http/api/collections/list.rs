//! `GET /api/collections`.

use crate::collections::ListQuery;
use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::query::Page;

/// A page of collections, filtered and sorted.
pub async fn list(request: Request) -> Result<Reply> {
    let query = &request.query;
    let input = ListQuery {
        page: Page::parse(query.get("page"), query.get("perPage"), query.get("skipTotal"))?,
        filter: query.text("filter").to_owned(),
        sort: query.text("sort").to_owned(),
    };
    let cx = request.context("GET");
    Ok(Reply::json(request.app.collections.list(input, &cx).await?))
}
