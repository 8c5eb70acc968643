//! What two engines write differently, as named operations.

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

    /// The type, default and constraint of a column, as they follow its name in a definition.
    fn column_definition(&self, column: ColumnType) -> &'static str;

    /// An expression: the JSON list that holds just the text of `column`, or nothing when that is
    /// empty. A list stays as it is.
    fn list_of_text(&self, column: &str) -> String;

    /// An expression: the last text of the JSON list in `column`, or `''`. Text that is no list
    /// stays as it is.
    fn last_of_list(&self, column: &str) -> String;
}
