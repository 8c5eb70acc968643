//! `GET …/records`: list rule, filter, sort, page.

use std::time::Duration;

use crate::crypto;
use crate::error::{Error, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::query::{Page, wants_reason};
use crate::records::ListQuery;
use crate::schema::RuleSlot;

/// Longest wait, in milliseconds, of a list that found nothing again.
const MAX_DELAY_MS: usize = 500;

/// Lists what the caller may see, once more where a change of the collections came between.
pub async fn list(mut request: Request) -> Result<Reply> {
    let answer = listed(&request).await;
    let overtaken = request.was_overtaken(&answer).await;
    let answer = if overtaken { listed(&request).await } else { answer };
    if let Ok(Reply::Json(_, body)) = &answer
        && body.starts_with(b"{\"items\":[]")
    {
        slow_down(&request).await;
    }
    answer
}

/// Who asks again and again for what is not there, or not for them, may be trying to learn from the
/// time it takes (contract §7.2).
async fn slow_down(request: &Request) {
    let is_guarded = |rule: Option<&str>| rule.is_some_and(|rule| !rule.is_empty());
    let Some(collection) = request.collection() else { return };
    if request.caller.is_superuser()
        || request.query.text("filter").is_empty()
        || !is_guarded(collection.rule(RuleSlot::List))
        || request.limiter.may_fail(&request.real_ip(), &collection.id, request.app.clock.now())
    {
        return;
    }
    tokio::time::sleep(Duration::from_millis(crypto::random_below(MAX_DELAY_MS) as u64)).await;
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
