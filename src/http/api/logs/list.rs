//! `GET /api/logs`: filter, sort, page.

use crate::error::Result;
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::logs::LogQuery;
use crate::query::Page;

/// A page of entries.
pub async fn list(request: Request) -> Result<Reply> {
    let query = &request.query;
    let input = LogQuery {
        page: Page::parse(query.get("page"), query.get("perPage"), query.get("skipTotal"))?,
        filter: query.text("filter").to_owned(),
        sort: query.text("sort").to_owned(),
    };
    Ok(Reply::json(request.app.activity.list(input).await?))
}
