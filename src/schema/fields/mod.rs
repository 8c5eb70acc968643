//! One file per field kind, and the list of them.

mod autodate;
mod bool;
mod date;
mod editor;
mod email;
mod file;
mod geo_point;
mod json;
mod number;
mod password;
mod relation;
mod select;
mod text;
mod url;

pub use autodate::Autodate;
pub use bool::Bool;
pub use date::Date;
pub use editor::Editor;
pub use email::Email;
pub use file::File;
pub use geo_point::{GeoPoint, Point};
pub use json::Json;
pub use number::Number;
pub use password::Password;
pub use relation::Relation;
pub use select::Select;
pub use text::{Collation, Text};
pub use url::Url;

/// The words of all kinds on the wire; one file of this folder each.
pub const FIELD_KINDS: &[&str] = &[
    "autodate", "bool", "date", "editor", "email", "file", "geoPoint", "json", "number",
    "password", "relation", "select", "text", "url",
];

#[cfg(test)]
mod testing;
