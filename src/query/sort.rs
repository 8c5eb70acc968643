//! The `sort` parameter (contract §1.13).

use std::sync::Arc;

use crate::query::filter::purpose;
use crate::query::predicate::{Cond, Origin, Scalar};
use crate::query::resolve::Resolver;
use crate::query::{QueryError, RequestContext, limits};
use crate::schema::{Collection, Schema};

/// The order of a list; none by default.
#[derive(Debug, Clone, Default)]
pub struct Sort {
    pub(super) terms: Vec<Term>,
    /// What the lists of joined collections demand of the sorted records.
    pub(super) conds: Vec<Cond>,
}

/// One key of the order.
#[derive(Debug, Clone)]
pub(super) struct Term {
    pub(super) by: By,
    pub(super) descending: bool,
    /// The texts stand in the order of people, not in that of their bytes.
    pub(super) in_unicode_order: bool,
}

/// See [`Term::by`].
#[derive(Debug, Clone)]
pub(super) enum By {
    Value(Scalar),
    Random,
}

impl Sort {
    /// By one column of the base table.
    pub fn by_column(column: &str, descending: bool) -> Self {
        let scalar = Scalar::Column(Origin::Base, column.to_owned());
        let term = Term { by: By::Value(scalar), descending, in_unicode_order: false };
        Self { terms: vec![term], conds: Vec::new() }
    }

    /// No index can serve it: an order that the engine's tables do not know.
    pub fn needs_all_rows(&self) -> bool {
        self.terms.iter().any(|term| term.in_unicode_order)
    }

    /// Rows that are alike so far stand in the order they were made in, those of views in that of
    /// their ids; or the other way round where the last key descends: so an index on that key still
    /// serves the whole order.
    #[must_use]
    pub fn then_by_row(mut self, collection: &Collection) -> Self {
        let descending = self.terms.last().is_some_and(|term| term.descending);
        let id = || Scalar::Column(Origin::Base, "id".to_owned());
        let by = By::Value(if collection.is_view() { id() } else { Scalar::RowId });
        self.terms.push(Term { by, descending, in_unicode_order: false });
        self
    }

    /// Nothing is said about the order.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }
}

/// The order a client asks for. It may hide rows: those whose joined records the caller
/// could not list.
///
/// # Errors
/// A name that is no value of the record, or that the caller may not use.
pub fn client_sort(
    schema: &Schema,
    collection: &Arc<Collection>,
    text: &str,
    cx: &RequestContext,
) -> Result<Sort, QueryError> {
    if text.is_empty() {
        return Ok(Sort::default());
    }
    let mut resolver = Resolver::new(schema, collection, cx, purpose(text, cx)?);
    let mut terms = Vec::new();
    let mut at = 0;
    for term in text.split(',') {
        let (from, to) = (at, at + term.len());
        at = to + 1;
        if terms.len() == limits::SORT_TERMS {
            let message = format!("no more than {} sort keys", limits::SORT_TERMS);
            return Err(QueryError::at(from, text.len(), message));
        }
        let term = self::term(&mut resolver, term.trim()).map_err(|error| match error {
            QueryError::Invalid { message, .. } => {
                QueryError::at(from, to, resolver.reason(message))
            }
            forbidden => forbidden,
        })?;
        terms.push(term);
    }
    Ok(Sort { terms, conds: resolver.list_rules() })
}

fn term(resolver: &mut Resolver<'_>, text: &str) -> Result<Term, QueryError> {
    let (descending, name) = match text.strip_prefix('-') {
        Some(name) => (true, name),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    // A filter's names come from its lexer, a sort's as they were sent.
    let belongs =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'@');
    if !name.bytes().all(belongs) {
        return Err(QueryError::new(format!("invalid sort field {name:?}")));
    }
    if name.len() > limits::SORT_NAME_BYTES {
        return Err(QueryError::new("the name of a sort key is too long"));
    }
    let mut in_unicode_order = false;
    let by = match name {
        "@random" => By::Random,
        "@rowid" if !resolver.collection.is_view() => By::Value(Scalar::RowId),
        _ => {
            let resolved = resolver.identifier(name)?;
            if matches!(resolved.scalar, Scalar::Param(_) | Scalar::Truth(_)) {
                return Err(QueryError::new(format!("invalid sort field {name:?}")));
            }
            in_unicode_order = resolved.in_unicode_order;
            By::Value(resolved.scalar)
        }
    };
    Ok(Term { by, descending, in_unicode_order })
}
