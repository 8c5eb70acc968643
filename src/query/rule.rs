//! What a rule lets a caller do.

use std::sync::Arc;

use crate::clock::DateTime;
use crate::query::predicate::Predicate;
use crate::query::resolve::{Purpose, Resolver};
use crate::query::{Caller, QueryError, RequestContext, parser};
use crate::schema::{Collection, Schema};

/// What a rule says to a caller.
#[derive(Debug, Clone)]
pub enum Access {
    /// Superusers only.
    Deny,
    /// Every record.
    Allow,
    /// The records for which this holds.
    Where(Predicate),
}

impl Access {
    /// The condition to put into a statement; `None` when the caller is refused outright.
    pub fn predicates(self) -> Option<Vec<Predicate>> {
        match self {
            Self::Deny => None,
            Self::Allow => Some(Vec::new()),
            Self::Where(predicate) => Some(vec![predicate]),
        }
    }
}

/// What `rule` says to the caller of `cx`. Superusers pass every rule, a missing one too.
///
/// # Errors
/// A rule that no longer fits the schema.
pub fn access(
    schema: &Schema,
    collection: &Arc<Collection>,
    rule: Option<&str>,
    cx: &RequestContext,
) -> Result<Access, QueryError> {
    if cx.caller.is_superuser() {
        return Ok(Access::Allow);
    }
    match rule {
        None => Ok(Access::Deny),
        Some("") => Ok(Access::Allow),
        Some(rule) => condition(schema, collection, rule, cx).map(Access::Where),
    }
}

/// The condition a rule sets, whoever asks: for what is no access rule, such as `authRule`.
///
/// # Errors
/// A rule that does not fit the schema.
pub fn condition(
    schema: &Schema,
    collection: &Arc<Collection>,
    rule: &str,
    cx: &RequestContext,
) -> Result<Predicate, QueryError> {
    let expr = parser::parse(rule)?;
    let mut resolver = Resolver::new(schema, collection, cx, Purpose::Trusted);
    resolver.expr(&expr).map(Predicate::new)
}

/// Whether a rule may be saved with `collection`, which need not be in `schema` yet.
///
/// # Errors
/// The reason, worded to stand behind "Raw error: ".
pub fn check_rule(
    schema: &Schema,
    collection: &Arc<Collection>,
    rule: &str,
) -> Result<(), QueryError> {
    let cx = RequestContext::new(Caller::Guest, "GET", DateTime::from_unix_ms(0));
    condition(schema, collection, rule, &cx).map(drop)
}
