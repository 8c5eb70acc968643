//! Rows by the values of columns that an index serves.

use crate::sql::{Dialect, Statement, Value};

/// The row whose `column` equals `value`; with `ignores_case` ASCII letters count as equal.
pub fn select_by_value(
    dialect: &dyn Dialect,
    table: &str,
    columns: &[&str],
    column: &str,
    value: &str,
    ignores_case: bool,
) -> Statement {
    let column = dialect.quote(column);
    let condition = if ignores_case {
        dialect.equals_ignoring_case(&column, "?1")
    } else {
        format!("{column} = ?1")
    };
    one(dialect, table, columns, &condition, value)
}

/// The first row whose `column` is not less than `value`, in the order of the column.
pub fn select_from(
    dialect: &dyn Dialect,
    table: &str,
    columns: &[&str],
    column: &str,
    value: &str,
) -> Statement {
    let column = dialect.quote(column);
    one(dialect, table, columns, &format!("{column} >= ?1 ORDER BY {column}"), value)
}

/// Any row whose `column` differs from `value`.
pub fn select_other(
    dialect: &dyn Dialect,
    table: &str,
    columns: &[&str],
    column: &str,
    value: &str,
) -> Statement {
    one(dialect, table, columns, &format!("{} <> ?1", dialect.quote(column)), value)
}

/// All rows with these values, in the order of their ids.
pub fn select_where(
    dialect: &dyn Dialect,
    table: &str,
    columns: &[&str],
    key: &[(&str, Value)],
) -> Statement {
    let columns: Vec<String> = columns.iter().map(|column| dialect.quote(column)).collect();
    let conditions: Vec<String> = key
        .iter()
        .enumerate()
        .map(|(i, (column, _))| format!("{} = ?{}", dialect.quote(column), i + 1))
        .collect();
    let (columns, conditions) = (columns.join(", "), conditions.join(" AND "));
    let (table, id) = (dialect.quote(table), dialect.quote("id"));
    let text = format!("SELECT {columns} FROM {table} WHERE {conditions} ORDER BY {id}");
    Statement::new(text, key.iter().map(|(_, value)| value.clone()).collect())
}

fn one(
    dialect: &dyn Dialect,
    table: &str,
    columns: &[&str],
    condition: &str,
    value: &str,
) -> Statement {
    let columns: Vec<String> = columns.iter().map(|column| dialect.quote(column)).collect();
    let table = dialect.quote(table);
    let text = format!("SELECT {} FROM {table} WHERE {condition} LIMIT 1", columns.join(", "));
    Statement::new(text, vec![Value::from(value)])
}
