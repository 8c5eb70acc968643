//! What two engines write differently, as named operations.

/// How an engine spells what the query language and the schema mean.
pub trait Dialect: Send + Sync {
    /// `name` quoted so that it is an identifier whatever it holds.
    fn quote(&self, name: &str) -> String;

    /// A sub-select of the items of a JSON list, one text column: `list` is a column or parameter.
    /// Text that is no JSON list yields itself as the only item; empty text yields nothing.
    fn list_items(&self, list: &str) -> String;
}
