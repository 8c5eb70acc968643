//! What two engines write differently, as named operations.

use crate::sql::Value;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// The id of a record, made by the engine when none is given.
    PrimaryKey,
    /// Text, `''` by default.
    Text,
    /// A whole number or a float, 0 by default.
    Number,
    /// 0 or 1, 0 by default.
    Bool,
    /// A JSON list of texts, `[]` by default.
    List,
    /// Any JSON, NULL by default.
    Json,
    /// `{"lon":…,"lat":…}`, zeros by default.
    GeoPoint,
}

/// How an engine spells what the query language and the schema mean.
pub trait Dialect: Send + Sync {
    /// `name` quoted so that it is an identifier whatever it holds.
    fn quote(&self, name: &str) -> String;

    /// A sub-select of the items of a JSON list, one text column: `list` is a column or parameter.
    /// Text that is no JSON list yields itself as the only item; empty text yields nothing.
    fn list_items(&self, list: &str) -> String;

    /// A condition: two expressions are the same text but for the case of ASCII letters, in a form
    /// that an index without regard to case serves.
    fn equals_ignoring_case(&self, left: &str, right: &str) -> String;

    /// The type, default and constraint of a column, as they follow its name in a definition.
    fn column_definition(&self, column: ColumnType) -> &'static str;

    /// An expression: `value`, which compares with others as a column of this type does.
    fn as_column(&self, value: &str, column: ColumnType) -> String;

    /// An expression: the JSON list that holds just the text of `column`, or nothing when that is
    /// empty. A list stays as it is.
    fn list_of_text(&self, column: &str) -> String;

    /// An expression: the last text of the JSON list in `column`, or `''`. Text that is no list
    /// stays as it is.
    fn last_of_list(&self, column: &str) -> String;

    /// An entry of a FROM with one row per item of a JSON list, under `alias`; `list` may be a
    /// column of an entry to its left. A value that is no list is its only item.
    fn list_table(&self, list: &str, alias: &str) -> String;

    /// The item that a row of [`Dialect::list_table`] holds.
    fn list_table_item(&self, alias: &str) -> String;

    /// How many items a JSON list has; a value that is no list is one item, empty text none.
    fn list_length(&self, list: &str) -> String;

    /// The value at a path of a JSON document, as text, number or NULL; `path` is a parameter made
    /// by [`Dialect::json_path`]. Text that is no JSON is a document of that text.
    fn json_value(&self, document: &str, path: &str) -> String;

    /// The parameter that names a place in a JSON document: keys, and positions as digits.
    fn json_path(&self, path: &[String]) -> Value;

    /// Equality in which NULL equals NULL and nothing else.
    fn same(&self, left: &str, right: &str) -> String;

    /// The opposite of [`Dialect::same`].
    fn differs(&self, left: &str, right: &str) -> String;

    /// A pattern that finds the text of an expression anywhere. NULL where that is longer than the
    /// engine compares: an error would tell of rows that the rest of a condition leaves out.
    fn pattern_around(&self, text: &str) -> String;

    /// Whether text matches a pattern of `%` and `_`, ASCII letters in any case; `\\` escapes.
    fn like(&self, text: &str, pattern: &str) -> String;

    /// The opposite of [`Dialect::like`]; NULL where that is NULL.
    fn not_like(&self, text: &str, pattern: &str) -> String;

    /// ASCII letters in lower case, the rest as it is.
    fn lower(&self, text: &str) -> String;

    /// Kilometres between two points: longitude and latitude of the one, then of the other.
    fn geo_distance(&self, arguments: [&str; 4]) -> String;

    /// A moment as text: format, moment and modifiers as SQLite's `strftime` reads them. Empty text
    /// for what is no moment.
    fn strftime(&self, arguments: &[String]) -> String;

    /// The place of a row in its table, growing as rows are added.
    fn row_id(&self, alias: &str) -> String;

    /// A key that puts text in the order of people: letters, then accents, then case, after the
    /// root of the Unicode collation. Readers know it, tables do not: no index may be made of it.
    fn in_unicode_order(&self, text: &str) -> String;

    /// A key that puts rows in no order.
    fn random(&self) -> &'static str;

    /// A query: bytes of the database that hold something, and bytes of its file.
    fn sizes(&self) -> &'static str;

    /// Statements that leave the engine with the plans it is best at: what it does about what it
    /// knows of the tables' contents.
    fn tend_statistics(&self) -> &'static str;
}
