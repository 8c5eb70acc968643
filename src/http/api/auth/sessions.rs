//! `/api/collections/{collection}/sessions`: a record its own, superusers all.

use std::sync::Arc;

use actix_web::http::header::AUTHORIZATION;

use crate::codes::Code;
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::query::Page;
use crate::schema::Collection;

/// Whose sessions a request is about.
struct Scope {
    collection: Arc<Collection>,
    /// `None` for those of all records.
    record_id: Option<String>,
    /// The session of the request itself.
    current: Option<String>,
}

/// A page of sessions.
pub async fn list(request: Request) -> Result<Reply> {
    let Scope { collection, record_id, current } = scope(&request)?;
    let query = &request.query;
    let page = Page::parse(query.get("page"), query.get("perPage"), None)?;
    let (auth, record_id) = (&request.app.auth, record_id.unwrap_or_default());
    let sessions = auth.sessions(&collection, &record_id, page, current.as_deref()).await?;
    Ok(Reply::json(serde_json::to_vec(&sessions).map_err(Error::internal)?))
}

/// Ends one session.
pub async fn end(request: Request) -> Result<Reply> {
    let Scope { collection, record_id, .. } = scope(&request)?;
    let (auth, id) = (&request.app.auth, request.param("id"));
    auth.end_session(&collection, record_id.as_deref(), id).await?;
    Ok(Reply::Empty)
}

/// Ends all sessions of a record but the one that asks.
pub async fn end_others(request: Request) -> Result<Reply> {
    let Scope { collection, record_id, current } = scope(&request)?;
    let record_id = record_id.ok_or_else(|| {
        let errors = FieldErrors::one("record", Issue::new(Code::Required));
        Error::invalid("Failed to end the sessions.", errors)
    })?;
    request.app.auth.end_other_sessions(&collection, &record_id, current).await?;
    Ok(Reply::Empty)
}

/// A record sees its own. A superuser sees those of `record`, or all.
fn scope(request: &Request) -> Result<Scope> {
    let collection = request.auth_collection()?;
    let caller = request.caller.record().ok_or_else(Error::sign_in_required)?;
    let is_own = caller.collection_id == collection.id;
    let current = request.app.auth.session_of(request.header(AUTHORIZATION.as_str()));
    let record_id = if request.caller.is_superuser() {
        request.query.get("record").filter(|id| !id.is_empty()).map(str::to_owned)
    } else if is_own {
        Some(caller.id.clone())
    } else {
        return Err(Error::not_found());
    };
    Ok(Scope { collection, record_id, current })
}
