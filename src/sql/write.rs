//! The statements that change rows, and the few reads that keep them consistent.

use crate::sql::{Dialect, Statement, Value};

/// `INSERT` of one row.
pub fn insert(dialect: &dyn Dialect, table: &str, row: &[(&str, Value)]) -> Statement {
    let columns: Vec<String> = row.iter().map(|(column, _)| dialect.quote(column)).collect();
    let places: Vec<String> = (1..=row.len()).map(|n| format!("?{n}")).collect();
    Statement {
        text: format!(
            "INSERT INTO {} ({}) VALUES ({})",
            dialect.quote(table),
            columns.join(", "),
            places.join(", ")
        ),
        params: row.iter().map(|(_, value)| value.clone()).collect(),
    }
}

/// `UPDATE` of the given columns of the row with this id. `changes` must not be empty.
pub fn update(
    dialect: &dyn Dialect,
    table: &str,
    id: &str,
    changes: &[(&str, Value)],
) -> Statement {
    let sets: Vec<String> = changes
        .iter()
        .enumerate()
        .map(|(i, (column, _))| format!("{} = ?{}", dialect.quote(column), i + 2))
        .collect();
    let mut params = vec![Value::from(id)];
    params.extend(changes.iter().map(|(_, value)| value.clone()));
    Statement {
        text: format!(
            "UPDATE {} SET {} WHERE {} = ?1",
            dialect.quote(table),
            sets.join(", "),
            dialect.quote("id")
        ),
        params,
    }
}

/// `DELETE` of the row with this id.
pub fn delete(dialect: &dyn Dialect, table: &str, id: &str) -> Statement {
    Statement::new(
        format!("DELETE FROM {} WHERE {} = ?1", dialect.quote(table), dialect.quote("id")),
        vec![id.into()],
    )
}

/// `DELETE` of all rows where each column equals its value. `key` must not be empty.
pub fn delete_where(dialect: &dyn Dialect, table: &str, key: &[(&str, Value)]) -> Statement {
    let conditions: Vec<String> = key
        .iter()
        .enumerate()
        .map(|(i, (column, _))| format!("{} = ?{}", dialect.quote(column), i + 1))
        .collect();
    Statement {
        text: format!("DELETE FROM {} WHERE {}", dialect.quote(table), conditions.join(" AND ")),
        params: key.iter().map(|(_, value)| value.clone()).collect(),
    }
}

/// The listed columns of the row with this id.
pub fn select_by_id(dialect: &dyn Dialect, table: &str, columns: &[&str], id: &str) -> Statement {
    let columns: Vec<String> = columns.iter().map(|column| dialect.quote(column)).collect();
    Statement::new(
        format!(
            "SELECT {} FROM {} WHERE {} = ?1",
            columns.join(", "),
            dialect.quote(table),
            dialect.quote("id")
        ),
        vec![id.into()],
    )
}

/// The id of a row whose id is `id` but for the case of its ASCII letters.
pub fn select_like_id(dialect: &dyn Dialect, table: &str, id: &str) -> Statement {
    let column = dialect.quote("id");
    let condition = dialect.equals_ignoring_case(&column, "?1");
    let text = format!("SELECT {column} FROM {} WHERE {condition} LIMIT 1", dialect.quote(table));
    Statement::new(text, vec![id.into()])
}

/// Which of `ids` (a JSON list of text) are ids of rows of `table`, as one column.
pub fn select_existing(dialect: &dyn Dialect, table: &str, ids: &str) -> Statement {
    let table = dialect.quote(table);
    let id = dialect.quote("id");
    Statement::new(
        format!("SELECT {id} FROM {table} WHERE {id} IN ({})", dialect.list_items("?1")),
        vec![ids.into()],
    )
}

/// Id and value of the rows whose relation column names `id`, at most `limit` of them.
pub fn select_referrers(
    dialect: &dyn Dialect,
    table: &str,
    column: &str,
    is_multiple: bool,
    id: &str,
    limit: u32,
) -> Statement {
    let quoted = dialect.quote(column);
    let condition = if is_multiple {
        format!("?1 IN ({})", dialect.list_items(&quoted))
    } else {
        format!("{quoted} = ?1")
    };
    Statement::new(
        format!(
            "SELECT {}, {quoted} FROM {} WHERE {condition} LIMIT {limit}",
            dialect.quote("id"),
            dialect.quote(table),
        ),
        vec![id.into()],
    )
}

/// The ids of at most `limit` rows.
pub fn select_ids(dialect: &dyn Dialect, table: &str, limit: u32) -> Statement {
    let text =
        format!("SELECT {} FROM {} LIMIT {limit}", dialect.quote("id"), dialect.quote(table));
    Statement::new(text, Vec::new())
}
