//! What a collection is: its fields, rules and indexes as data. Pure: no I/O, no clock.

pub mod auth_defaults;
mod auth_options;
pub mod address;
pub mod cast;
pub mod checks;
mod collection;
mod collection_json;
pub mod date_text;
pub mod diff;
mod field;
mod field_json;
pub mod field_list;
pub mod fields;
pub mod index;
pub mod names;
pub mod normalize;
pub mod oauth2_services;
pub mod patterns;
mod session_options;
mod snapshot;
pub mod system;
pub mod url_text;
pub mod validate;
mod validate_auth;
pub mod view_query;

pub use auth_options::{
    AuthAlert, AuthOptions, EmailTemplate, MfaOptions, OAuth2MappedFields, OAuth2Options,
    OAuth2Provider, OtpOptions, PasswordAuth, TokenOptions, TotpOptions,
};
pub use collection::{Collection, CollectionKind, RuleSlot, Rules};
pub use collection_json::Draft;
pub use field::{Field, FieldKind, FieldType, Place};
pub use field_json::Malformed;
pub use session_options::{PasswordPolicy, SessionOptions};
pub use snapshot::{Schema, SchemaCache};
