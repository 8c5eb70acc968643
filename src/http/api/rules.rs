//! `POST /api/gr/rules/check`: is a rule right, and what does it cost?

use std::sync::Arc;

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::query::{AuthRecord, Caller};
use crate::records::RuleQuestion;

/// The body.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Input {
    /// Id or name.
    collection: String,
    /// The rule, saved or not.
    rule: String,
    /// What a client filters by, on top.
    filter: String,
    /// What a client sorts by.
    sort: String,
    /// As whom: id or name of an auth collection, and the id of one of its records. Without, as a
    /// guest.
    auth_collection: String,
    /// See `auth_collection`.
    auth_record: String,
}

const NAMES: &[&str] = &["collection", "rule", "filter", "sort", "authCollection", "authRecord"];

/// Why the rule is refused, or the statement of a list under it and how the engine runs it.
pub async fn check(mut request: Request) -> Result<Reply> {
    let input: Input = request.form().await?.read(NAMES)?;
    let schema = Arc::clone(&request.schema);
    let collection = schema.find(&input.collection).cloned();
    let collection = collection.ok_or_else(Error::missing_or_invalid_collection)?;
    let mut cx = request.context("GET");
    cx.caller = match schema.find(&input.auth_collection).filter(|found| found.auth().is_some()) {
        None => Caller::Guest,
        Some(found) => Caller::Record(Arc::new(AuthRecord {
            collection_id: found.id.clone(),
            collection_name: found.name.clone(),
            id: input.auth_record,
            ..AuthRecord::default()
        })),
    };
    let Input { rule, filter, sort, .. } = input;
    let asked = RuleQuestion { rule, filter, sort };
    let body = request.app.records.check_rule(schema, collection, asked, cx).await?;
    Ok(Reply::json(body))
}
