//! How SQLite spells what the query language and the schema mean.

use crate::sql::{ColumnType, Dialect, Value};
use crate::store::sqlite::collation;

/// The dialect; it has no state.
pub(super) static SQLITE: SqliteDialect = SqliteDialect;

pub(super) struct SqliteDialect;

/// SQLite takes patterns of up to 50,000 bytes.
const MAX_INNER_PATTERN: usize = 49_998;

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

    fn as_column(&self, value: &str, column: ColumnType) -> String {
        match column {
            ColumnType::PrimaryKey | ColumnType::Text => format!("CAST({value} AS TEXT)"),
            ColumnType::Number | ColumnType::Bool => format!("CAST({value} AS NUMERIC)"),
            // A cast to a number would read the JSON as one.
            ColumnType::List | ColumnType::Json | ColumnType::GeoPoint => value.to_owned(),
        }
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

    fn list_table(&self, list: &str, alias: &str) -> String {
        format!(
            "json_each(CASE WHEN iif(json_valid({list}), json_type({list}) = 'array', FALSE) \
             THEN {list} ELSE json_array({list}) END) AS {alias}"
        )
    }

    fn list_table_item(&self, alias: &str) -> String {
        format!("{alias}.value")
    }

    fn list_length(&self, list: &str) -> String {
        format!(
            "(CASE WHEN iif(json_valid({list}), json_type({list}) = 'array', FALSE) \
             THEN json_array_length({list}) WHEN {list} = '' OR {list} IS NULL THEN 0 ELSE 1 END)"
        )
    }

    fn json_value(&self, document: &str, path: &str) -> String {
        format!(
            "json_extract(CASE WHEN json_valid({document}) THEN {document} \
             ELSE json_quote({document}) END, {path})"
        )
    }

    fn json_path(&self, path: &[String]) -> Value {
        let mut text = "$".to_owned();
        for step in path {
            if !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit()) {
                text.push_str(&format!("[{step}]"));
            } else {
                // A quote would end the key; no name of the language holds one.
                text.push_str(&format!(".\"{}\"", step.replace('"', "")));
            }
        }
        Value::Text(text)
    }

    fn same(&self, left: &str, right: &str) -> String {
        format!("{left} IS {right}")
    }

    fn differs(&self, left: &str, right: &str) -> String {
        format!("{left} IS NOT {right}")
    }

    fn like(&self, text: &str, pattern: &str) -> String {
        format!("{text} LIKE {pattern} ESCAPE '\\'")
    }

    fn pattern_around(&self, text: &str) -> String {
        format!("iif(octet_length({text}) > {MAX_INNER_PATTERN}, NULL, '%' || {text} || '%')")
    }

    fn not_like(&self, text: &str, pattern: &str) -> String {
        format!("{text} NOT LIKE {pattern} ESCAPE '\\'")
    }

    fn lower(&self, text: &str) -> String {
        format!("LOWER({text})")
    }

    fn geo_distance(&self, [lon_a, lat_a, lon_b, lat_b]: [&str; 4]) -> String {
        format!(
            "(6371 * acos(max(-1, min(1, cos(radians({lat_a})) * cos(radians({lat_b})) * \
             cos(radians({lon_b}) - radians({lon_a})) + \
             sin(radians({lat_a})) * sin(radians({lat_b}))))))"
        )
    }

    fn strftime(&self, arguments: &[String]) -> String {
        format!("COALESCE(strftime({}), '')", arguments.join(", "))
    }

    fn row_id(&self, alias: &str) -> String {
        format!("{alias}._rowid_")
    }

    fn in_unicode_order(&self, text: &str) -> String {
        format!("{text} COLLATE {}", collation::UNICODE)
    }

    fn random(&self) -> &'static str {
        "RANDOM()"
    }

    fn sizes(&self) -> &'static str {
        "SELECT (pages.page_count - free.freelist_count) * each.page_size, \
         pages.page_count * each.page_size \
         FROM pragma_page_count pages, pragma_freelist_count free, pragma_page_size each"
    }

    fn tend_statistics(&self) -> &'static str {
        // Statistics of a part of each index (`PRAGMA optimize`, as PocketBase leaves them) make
        // SQLite read all rows of a relation and sort them, where it followed the index of the
        // order before: a list of 30 out of 100,000 by `owner.name` took 28 ms instead of 0.7
        // (benches/lists.mjs). Without any it does better by what the statements are written for.
        "DROP TABLE IF EXISTS sqlite_stat1; DROP TABLE IF EXISTS sqlite_stat4"
    }

    fn equals_ignoring_case(&self, left: &str, right: &str) -> String {
        format!("{left} = {right} COLLATE NOCASE")
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
