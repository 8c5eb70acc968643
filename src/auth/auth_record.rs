//! An auth record as signing in needs it: read by a short, fixed list of columns.

use std::sync::Arc;

use crate::changes::Image;
use crate::crypto::Secret;
use crate::error::Result;
use crate::query::{AuthRecord, Caller};
use crate::schema::Collection;
use crate::schema::system::SUPERUSERS;
use crate::sql::{Dialect, Row, Statement, Value, write};

/// The columns of [`StoredAuth`], in the order in which it reads them.
pub(super) const COLUMNS: [&str; 6] =
    ["id", "email", "emailVisibility", "verified", "tokenKey", "password"];

/// What the store knows of someone who signs in.
pub(super) struct StoredAuth {
    pub id: String,
    pub email: String,
    pub email_visibility: bool,
    pub verified: bool,
    pub token_key: Secret,
    pub password_hash: Secret,
}

impl StoredAuth {
    /// Reads a row of [`COLUMNS`].
    pub fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(Self {
            id: row.get(0).text().to_owned(),
            email: row.get(1).text().to_owned(),
            email_visibility: row.get(2).is_true(),
            verified: row.get(3).is_true(),
            token_key: Secret::new(row.get(4).text()),
            password_hash: Secret::new(row.get(5).text()),
        })
    }

    /// The record as rules see it.
    pub fn caller(&self, collection: &Collection) -> Caller {
        let record = Arc::new(AuthRecord {
            collection_id: collection.id.clone(),
            collection_name: collection.name.clone(),
            id: self.id.clone(),
            email: self.email.clone(),
            email_visibility: self.email_visibility,
            verified: self.verified,
        });
        if collection.name == SUPERUSERS {
            Caller::Superuser(record)
        } else {
            Caller::Record(record)
        }
    }

    /// The record as it was at a change.
    pub fn from_image(image: &Image) -> Self {
        let text = |name: &str| image.get(name).map_or("", Value::text);
        let is_true = |name: &str| image.get(name).is_some_and(|value| value.as_ref().is_true());
        Self {
            id: image.id.clone(),
            email: text("email").to_owned(),
            email_visibility: is_true("emailVisibility"),
            verified: is_true("verified"),
            token_key: Secret::new(text("tokenKey")),
            password_hash: Secret::new(text("password")),
        }
    }
}

/// Reads the auth record with this id.
pub(super) fn select_by_id(dialect: &dyn Dialect, collection: &Collection, id: &str) -> Statement {
    write::select_by_id(dialect, &collection.name, &COLUMNS, id)
}
