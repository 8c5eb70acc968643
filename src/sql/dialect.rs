//! What two engines write differently, as named operations.

/// How an engine spells what the query language and the schema mean.
pub trait Dialect: Send + Sync {
    /// `name` quoted so that it is an identifier whatever it holds.
    fn quote(&self, name: &str) -> String;
}
