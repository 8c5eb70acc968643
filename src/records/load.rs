//! A record in memory, and how rows become records.

use std::collections::HashSet;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::query::{self, Access, Caller, Predicate, ReadPlan, RequestContext, Sort, Source};
use crate::records::present::EmailPolicy;
use crate::records::shape::{Audience, Shape};
use crate::schema::{Collection, RuleSlot, Schema};
use crate::sql::{Row, Value};
use crate::store::{StoreError, Tx};

/// A row with its shape and, when asked for, its expanded relations.
#[derive(Debug, Clone)]
pub struct Record {
    /// What the values mean.
    pub shape: Arc<Shape>,
    /// One value for each column of the shape.
    pub values: Vec<Value>,
    /// The relations that were expanded, by name; `None` when no path led anywhere.
    pub(crate) expand: Option<Vec<(String, Expansion)>>,
    /// Whose address may be shown, for a record within an expansion.
    pub(crate) emails: Arc<EmailPolicy>,
}

/// What an expanded relation holds.
#[derive(Debug, Clone)]
pub(crate) enum Expansion {
    /// The record of a single relation.
    One(Box<Record>),
    /// The records of a multiple one.
    Many(Vec<Record>),
}

impl Record {
    /// A record made of a row whose columns are those of `shape`.
    pub fn from_row(shape: &Arc<Shape>, row: &dyn Row) -> Self {
        let values = (0..shape.columns.len()).map(|i| row.get(i).to_value()).collect();
        Self { shape: Arc::clone(shape), values, expand: None, emails: Arc::default() }
    }

    /// A record made of all values of a collection, in the order of its fields.
    pub(crate) fn from_values(shape: &Arc<Shape>, values: &[Value]) -> Self {
        let values = (0..shape.columns.len()).map(|i| values[shape.position(i)].clone()).collect();
        Self { shape: Arc::clone(shape), values, expand: None, emails: Arc::default() }
    }

    /// All values in the order of the collection's fields; the record must be of internal shape.
    pub(crate) fn into_values(self) -> Vec<Value> {
        let mut values = vec![Value::Null; self.shape.collection.fields.len()];
        for (column, value) in self.values.into_iter().enumerate() {
            values[self.shape.position(column)] = value;
        }
        values
    }

    /// The value of a field, if it was read.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.shape.column(name).map(|column| &self.values[column])
    }

    /// The text of a field, or `""`.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).map_or("", Value::text)
    }

    /// The record's id.
    pub fn id(&self) -> &str {
        self.text("id")
    }
}

/// Everything an operation needs to know of a request: the schema it sees, and who asks what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) cx: &'a RequestContext,
}

impl Scope<'_> {
    /// The rule of one slot against this request. Superusers pass.
    pub(crate) fn access(&self, collection: &Arc<Collection>, slot: RuleSlot) -> Result<Access> {
        Ok(query::access(self.schema, collection, collection.rule(slot), self.cx)?)
    }

    /// The audience of the caller.
    pub(crate) fn audience(&self) -> Audience {
        if self.cx.caller.is_superuser() { Audience::Superuser } else { Audience::Public }
    }

    /// Whose addresses of `collection` the caller may see among `ids`.
    pub(crate) fn emails(
        &self,
        tx: &Tx<'_>,
        collection: &Arc<Collection>,
        ids: impl FnOnce() -> Vec<String>,
    ) -> Result<EmailPolicy> {
        let policy = EmailPolicy::new(&self.cx.caller, &collection.id);
        if !manages_some(collection, &self.cx.caller) {
            return Ok(policy);
        }
        match self.access(collection, RuleSlot::Manage)? {
            Access::Deny => Ok(policy),
            Access::Allow => Ok(EmailPolicy::all()),
            Access::Where(rule) => {
                let plan = ReadPlan {
                    predicates: vec![rule, Predicate::id_in(ids())],
                    ..plan(collection, vec!["id".to_owned()])
                };
                let mut managed = HashSet::new();
                tx.query(&query::select(&plan, tx.dialect()), |row| {
                    managed.insert(row.get(0).text().to_owned());
                    Ok(())
                })?;
                Ok(policy.with_managed(managed))
            }
        }
    }
}

/// True when the manage rule of `collection` may open records of others to this caller.
pub(crate) fn manages_some(collection: &Collection, caller: &Caller) -> bool {
    let signed_in = caller.record().is_some() && !caller.is_superuser();
    signed_in && collection.rule(RuleSlot::Manage).is_some_and(|rule| !rule.is_empty())
}

/// A plan that reads `columns` of all records.
pub(crate) fn plan(collection: &Arc<Collection>, columns: Vec<String>) -> ReadPlan {
    ReadPlan {
        collection: Arc::clone(collection),
        source: Source::Table,
        columns,
        predicates: Vec::new(),
        sort: Sort::default(),
        limit: None,
        offset: 0,
    }
}

/// The record of this id if all `predicates` hold for it.
pub(crate) fn find(
    tx: &Tx<'_>,
    shape: &Arc<Shape>,
    id: &str,
    mut predicates: Vec<Predicate>,
) -> Result<Option<Record>> {
    predicates.insert(0, Predicate::by_id(id));
    let plan = ReadPlan { predicates, ..plan(&shape.collection, shape.columns.clone()) };
    tx.query_one(&query::select(&plan, tx.dialect()), |row| Ok(Record::from_row(shape, row)))
}

/// The answer where a view cannot be read any more, because what it showed is gone or has another
/// name: that is for its owner to mend, and no fault of the server.
pub(crate) fn of_view(
    collection: &Collection,
    error: Error,
    answer: impl FnOnce() -> Error,
) -> Error {
    match StoreError::below(&error) {
        Some(StoreError::Sql { .. }) if collection.is_view() => answer().with_source(error),
        _ => error,
    }
}
