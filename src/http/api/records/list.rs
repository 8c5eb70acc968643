//! `GET …/records`: list rule, filter, sort, page.

use crate::error::{Error, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::query::{Page, wants_reason};
use crate::records::ListQuery;

/// Lists what the caller may see, once more where a change of the collections came between.
pub async fn list(mut request: Request) -> Result<Reply> {
    let answer = listed(&request).await;
    if request.was_overtaken(&answer).await { listed(&request).await } else { answer }
}

async fn listed(request: &Request) -> Result<Reply> {
    let collection = request.collection().ok_or_else(Error::missing_collection)?;
    let query = &request.query;
    let input = ListQuery {
        page: Page::parse(query.get("page"), query.get("perPage"), query.get("skipTotal"))?,
        filter: query.text("filter").to_owned(),
        sort: query.text("sort").to_owned(),
        expand: request.expand(),
        explain: wants_reason(query.get("explain")),
    };
    let cx = request.context("GET");
    let schema = request.schema.clone();
    Ok(Reply::json(request.app.records.list(schema, collection, input, cx).await?))
}
