//! What a client filters by (contract §2.9): the same language as rules, with what only
//! superusers may name taken out, and the lists of joined collections as further conditions.

use std::sync::Arc;

use crate::query::ast::Expr;
use crate::query::predicate::{Cond, Predicate};
use crate::query::resolve::{Purpose, Resolver};
use crate::query::{QueryError, RequestContext, limits, parser};
use crate::schema::{Collection, Schema};

/// The condition of a client's `filter` on a list.
///
/// # Errors
/// A text that does not parse or names what the caller may not.
pub fn client_filter(
    schema: &Schema,
    collection: &Arc<Collection>,
    text: &str,
    cx: &RequestContext,
) -> Result<Predicate, QueryError> {
    let purpose = purpose(text, cx)?;
    let expr = parse_client(text)?;
    let mut resolver = Resolver::new(schema, collection, cx, purpose);
    let cond = resolver.expr(&expr)?;
    let mut conds = resolver.list_rules();
    if purpose == Purpose::Client {
        conds.extend(resolver.echo(collection.rules.list.as_deref().unwrap_or_default())?);
    }
    if conds.is_empty() {
        return Ok(Predicate::new(cond));
    }
    conds.insert(0, cond);
    Ok(Predicate::new(Cond::And(conds)))
}

/// Whether the caller may name everything. To others two words are forbidden wherever they stand.
pub(super) fn purpose(text: &str, cx: &RequestContext) -> Result<Purpose, QueryError> {
    if cx.columns_only {
        return Ok(Purpose::Columns);
    }
    if cx.caller.is_superuser() {
        return Ok(Purpose::Trusted);
    }
    if text.contains("@request.") {
        return Err(QueryError::Forbidden("Only superusers can filter by @request."));
    }
    if text.contains("@collection.") {
        return Err(QueryError::Forbidden("Only superusers can filter by @collection."));
    }
    Ok(Purpose::Client)
}

/// Reads a filter within the limits of clients.
pub(super) fn parse_client(text: &str) -> Result<Expr, QueryError> {
    if text.len() > limits::CLIENT_FILTER_BYTES {
        return Err(QueryError::at(
            limits::CLIENT_FILTER_BYTES,
            text.len(),
            format!("no more than {} bytes", limits::CLIENT_FILTER_BYTES),
        ));
    }
    parser::parse(text)
}
