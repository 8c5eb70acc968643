//! What the language sees of a request: who asks, how, and with what.

use std::sync::Arc;

use crate::clock::DateTime;

/// Who sent a request.
#[derive(Debug, Clone, Default)]
pub enum Caller {
    /// Nobody who signed in; a bad token counts as none.
    #[default]
    Guest,
    /// A record of an auth collection.
    Record(Arc<AuthRecord>),
    /// A record of `_superusers`, who passes every rule.
    Superuser(Arc<AuthRecord>),
}

/// What the language knows of a signed-in record without asking the store.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AuthRecord {
    /// Its collection's id.
    pub collection_id: String,
    /// Its collection's name.
    pub collection_name: String,
    /// Its id.
    pub id: String,
    /// Its e-mail address.
    pub email: String,
    /// Whether others may see the address.
    pub email_visibility: bool,
    /// Whether the address was proved.
    pub verified: bool,
}

impl Caller {
    /// The record that signed in, superuser or not.
    pub fn record(&self) -> Option<&Arc<AuthRecord>> {
        match self {
            Self::Guest => None,
            Self::Record(record) | Self::Superuser(record) => Some(record),
        }
    }

    /// True for a superuser.
    pub fn is_superuser(&self) -> bool {
        matches!(self, Self::Superuser(_))
    }
}

/// A request as rules and filters see it (contract §2.3).
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// Who asks.
    pub caller: Caller,
    /// `GET`, `POST`, `PATCH` or `DELETE`.
    pub method: &'static str,
    /// `default`, `expand`, `realtime`, `protectedFile`, `batch`, `oauth2`, `otp` or `password`.
    pub context: &'static str,
    /// Query parameters; of a repeated name the first counts.
    pub query: Vec<(String, String)>,
    /// Headers, with names like `x_key`.
    pub headers: Vec<(String, String)>,
    /// The body after its modifiers were resolved.
    pub body: serde_json::Map<String, serde_json::Value>,
    /// When the request began, for `@now` and its kin.
    pub now: DateTime,
    /// True where columns and macros are all that may be named: tables of the program's own.
    pub columns_only: bool,
}

impl RequestContext {
    /// A plain request by `caller` at `now`.
    pub fn new(caller: Caller, method: &'static str, now: DateTime) -> Self {
        Self {
            caller,
            method,
            context: "default",
            query: Vec::new(),
            headers: Vec::new(),
            body: serde_json::Map::new(),
            now,
            columns_only: false,
        }
    }

    /// The same request within another context, such as `expand`.
    #[must_use]
    pub fn within(&self, context: &'static str) -> Self {
        Self { context, ..self.clone() }
    }
}
