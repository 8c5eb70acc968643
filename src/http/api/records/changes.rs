//! `GET /api/collections/{collection}/changes`: what happened since a place in the log, for those
//! who keep a copy. Beyond the contract.

use crate::codes::Code;
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::json;
use crate::records::{Missed, MissedQuery, Seen};
use crate::schema::RuleSlot;

/// Rows of the log that are looked at where the client does not say.
const LIMIT: usize = 500;
/// The most it may ask for.
const MAX_LIMIT: usize = 1000;

/// Answers `{"changes":[…],"seq":…,"hasMore":…}`, or `{"resync":true,"seq":…}` when the log does
/// not reach back so far. Without `since` there are no changes: `seq` is where to begin.
pub async fn list(request: Request) -> Result<Reply> {
    let collection = request.collection().ok_or_else(Error::missing_collection)?;
    if collection.is_view() {
        return Err(Error::bad_request("View collections have no changes of their own."));
    }
    let since = number(&request, "since")?;
    let limit = number(&request, "limit")?.unwrap_or(LIMIT as u64).clamp(1, MAX_LIMIT as u64);
    let query = MissedQuery {
        collection,
        since: since.unwrap_or_default(),
        record: None,
        slot: RuleSlot::List,
        filter: request.query.text("filter").to_owned(),
        expand: request.expand(),
        limit: usize::try_from(limit).unwrap_or(MAX_LIMIT),
    };
    let cx = request.context("GET");
    let records = &request.app.records;
    let missed = if since.is_some() {
        records.changes(request.schema.clone(), query, cx).await?
    } else {
        records.changes_begin(request.schema.clone(), query, cx).await?
    };
    Ok(Reply::json(body(missed)))
}

fn number(request: &Request, name: &str) -> Result<Option<u64>> {
    let Some(text) = request.query.get(name) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| {
        let issue = Issue::with_message(Code::InvalidValue, "Must be a whole number.");
        let errors = FieldErrors::one(name, issue);
        Error::invalid("Something went wrong while processing your request.", errors)
    })
}

fn body(missed: Missed) -> Vec<u8> {
    let (seen, seq, has_more) = match missed {
        Missed::Resync { newest } => {
            return format!("{{\"resync\":true,\"seq\":{newest}}}").into_bytes();
        }
        Missed::Changes { seen, up_to, has_more } => (seen, up_to, has_more),
    };
    let mut out = b"{\"changes\":[".to_vec();
    for (i, change) in seen.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write(&mut out, change);
    }
    out.extend_from_slice(format!("],\"seq\":{seq},\"hasMore\":{has_more}}}").as_bytes());
    out
}

/// A change; of a deleted record nothing but its id is left.
fn write(out: &mut Vec<u8>, change: &Seen) {
    let (seq, action) = (change.seq, change.action.as_str());
    out.extend_from_slice(format!("{{\"seq\":{seq},\"action\":\"{action}\",\"id\":").as_bytes());
    json::write_str(out, &change.id);
    if action != "delete" {
        out.extend_from_slice(b",\"record\":");
        out.extend_from_slice(&change.json);
    }
    out.push(b'}');
}
