//! Small questions to the tables.

use crate::error::Result;
use crate::sql::{Statement, Value, ValueRef};
use crate::store::{StoreError, Tx};

/// The number a query answers; none where a table of it is missing, as in a folder of PocketBase.
pub(super) fn number(
    tx: &Tx<'_>,
    sql: impl Into<String>,
    params: Vec<Value>,
) -> Result<Option<i64>> {
    let found = tx.query_one(&Statement::new(sql.into(), params), |row| {
        Ok(match row.get(0) {
            ValueRef::Int(int) => int,
            _ => 0,
        })
    });
    match found {
        Err(error) if is_missing(&error) => Ok(None),
        found => found,
    }
}

fn is_missing(error: &crate::error::Error) -> bool {
    matches!(StoreError::below(error), Some(StoreError::Sql { message })
        if message.contains("no such table"))
}
