//! Everything decided about a read, nothing executed.

use std::sync::Arc;

use crate::query::predicate::Predicate;
use crate::query::sort::Sort;
use crate::schema::{Collection, Schema};
use crate::sql::Value;

/// Where the rows come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// The collection's table or view.
    Table,
    /// One row that is not stored yet, column by column: what a create rule looks at
    /// (contract §2.8).
    Values(Vec<(String, Value)>),
    /// A row as it was, all values in the order of the collection's fields: its columns compare
    /// as those of the table do.
    Image(Arc<Vec<Value>>),
}

/// A read of one collection.
#[derive(Debug, Clone)]
pub struct ReadPlan {
    /// Whose rows.
    pub collection: Arc<Collection>,
    /// Stored or stood in for.
    pub source: Source,
    /// The columns of the result, in this order.
    pub columns: Vec<String>,
    /// All must hold.
    pub predicates: Vec<Predicate>,
    /// The order of the rows.
    pub sort: Sort,
    /// Rows at most.
    pub limit: Option<u64>,
    /// Rows to skip.
    pub offset: u64,
}

impl ReadPlan {
    /// True when the engine may put rows into an order that tells of values no answer shows: by an
    /// index on a hidden field, of the collection itself or of one that is joined to it.
    pub fn may_tell_by_order(&self, schema: &Schema) -> bool {
        let mut joins = Vec::new();
        self.predicates.iter().for_each(|predicate| predicate.cond().joins(&mut joins));
        self.sort.conds.iter().for_each(|cond| cond.joins(&mut joins));
        let joined = joins.iter().filter_map(|join| join.collection.as_ref());
        joined.chain([&self.collection]).any(|collection| schema.may_tell_by_order(collection))
    }

    /// All rows of the collection's table, with these columns.
    pub fn new(collection: Arc<Collection>, columns: Vec<String>) -> Self {
        Self {
            collection,
            source: Source::Table,
            columns,
            predicates: Vec::new(),
            sort: Sort::default(),
            limit: None,
            offset: 0,
        }
    }
}
