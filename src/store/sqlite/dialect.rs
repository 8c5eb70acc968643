//! How SQLite spells what the query language and the schema mean.

use crate::sql::{ColumnType, Dialect};

/// The dialect; it has no state.
pub(super) static SQLITE: SqliteDialect = SqliteDialect;

pub(super) struct SqliteDialect;

impl Dialect for SqliteDialect {
    fn quote(&self, name: &str) -> String {
        let mut quoted = String::with_capacity(name.len() + 2);
        quoted.push('"');
        for c in name.chars() {
            if c == '"' {
                quoted.push('"');
            }
            // A NUL would end the text of the statement early.
            if c != '\0' {
                quoted.push(c);
            }
        }
        quoted.push('"');
        quoted
    }

    fn list_items(&self, list: &str) -> String {
        // The inner select resolves `list` before json_each brings its own columns, among them
        // `value`, `type` and `id`, which a user's column may be named like.
        format!(
            "SELECT items.value FROM (SELECT {list} AS list) AS source, json_each(CASE \
             WHEN source.list IS NULL OR source.list = '' THEN '[]' \
             WHEN NOT json_valid(source.list) THEN json_array(source.list) \
             WHEN json_type(source.list) = 'array' THEN source.list \
             ELSE json_array(source.list) END) AS items"
        )
    }

    fn list_of_text(&self, column: &str) -> String {
        format!(
            "CASE WHEN coalesce({column}, '') = '' THEN '[]' \
             WHEN json_valid({column}) AND json_type({column}) = 'array' THEN {column} \
             ELSE json_array({column}) END"
        )
    }

    fn last_of_list(&self, column: &str) -> String {
        format!(
            "CASE WHEN json_valid({column}) AND json_type({column}) = 'array' \
             THEN coalesce(json_extract({column}, '$[#-1]'), '') \
             ELSE coalesce({column}, '') END"
        )
    }

    fn column_definition(&self, column: ColumnType) -> &'static str {
        match column {
            ColumnType::PrimaryKey => {
                "TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL"
            }
            ColumnType::Text => "TEXT DEFAULT '' NOT NULL",
            ColumnType::Number => "NUMERIC DEFAULT 0 NOT NULL",
            ColumnType::Bool => "BOOLEAN DEFAULT FALSE NOT NULL",
            ColumnType::List => "JSON DEFAULT '[]' NOT NULL",
            ColumnType::Json => "JSON DEFAULT NULL",
            ColumnType::GeoPoint => "JSON DEFAULT '{\"lon\":0,\"lat\":0}' NOT NULL",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_name_cannot_end_itself() {
        assert_eq!(SQLITE.quote("posts"), r#""posts""#);
        assert_eq!(SQLITE.quote("a\"; DROP\0 TABLE b"), r#""a""; DROP TABLE b""#);
    }
}
