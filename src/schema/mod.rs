//! What a collection is: its fields, rules and indexes as data. Pure: no I/O, no clock.

mod auth_options;
pub mod address;
pub mod cast;
mod collection;
pub mod date_text;
mod field;
mod field_json;
pub mod fields;
pub mod patterns;
mod snapshot;

pub use auth_options::{
    AuthAlert, AuthOptions, EmailTemplate, MfaOptions, OAuth2MappedFields, OAuth2Options,
    OAuth2Provider, OtpOptions, PasswordAuth, TokenOptions,
};
pub use collection::{Collection, CollectionKind, RuleSlot, Rules};
pub use field::{Field, FieldKind, FieldType};
pub use snapshot::{Schema, SchemaCache};
