//! From an `Authorization` header to a [`Caller`]. A bad token makes a guest.

use crate::auth::auth_record::{StoredAuth, select_by_id};
use crate::auth::caller_cache::Era;
use crate::auth::claims::{Claims, TokenType};
use crate::auth::parts::Auth;
use crate::auth::{sessions, token};
use crate::clock::DateTime;
use crate::error::Result;
use crate::query::Caller;
use crate::schema::Schema;
use crate::store::{Cost, Tx};

const PREFIX: &str = "Bearer ";

impl Auth {
    /// Who sends this header. Never fails: whatever is no valid sign-in token makes a guest.
    pub async fn caller(&self, header: Option<&str>) -> Caller {
        let Some(token) = header.map(bearer).filter(|token| !token.is_empty()) else {
            return Caller::Guest;
        };
        let (schema, now) = (self.schema.load(), self.clock.now());
        // Taken before the read: a commit in between makes the remembered answer stale at once.
        let era = Era { commits: self.store.commits(), schema_version: schema.version() };
        if let Some(caller) = self.callers.find(token, era, now) {
            return caller;
        }
        match self.verify(&schema, token, TokenType::Auth, now).await {
            Ok(Some((caller, claims))) => {
                self.callers.remember(token, caller.clone(), claims.expires(), era, now);
                caller
            }
            Ok(None) => Caller::Guest,
            Err(error) => {
                tracing::warn!(%error, "the record of a token could not be read");
                Caller::Guest
            }
        }
    }

    /// Whom a token of type `wanted` belongs to, and what it says; `None` unless it is valid.
    pub(super) async fn verify(
        &self,
        schema: &Schema,
        token: &str,
        wanted: TokenType,
        now: DateTime,
    ) -> Result<Option<(Caller, Claims)>> {
        let Some(claims) = token::peek(token).filter(|claims| claims.token_type == wanted) else {
            return Ok(None);
        };
        let collection = schema.find_by_id(&claims.collection_id);
        let Some(collection) = collection.filter(|collection| collection.auth().is_some()) else {
            return Ok(None);
        };
        let statement = select_by_id(self.store.dialect(), collection, &claims.id);
        let session = claims.session_id.map(|id| (id, claims.collection_id, claims.id));
        let read = move |tx: &Tx<'_>| {
            if let Some((id, collection_id, record_id)) = &session
                && !sessions::is_open(tx, id, collection_id, record_id)?
            {
                return Ok(None);
            }
            tx.query_one(&statement, StoredAuth::from_row)
        };
        let Some(stored) = self.store.read(Cost::Bounded, read).await? else { return Ok(None) };
        let key = stored.token_key.reveal();
        let claims = token::verify(token, wanted, collection, &stored.id, key, now);
        Ok(claims.ok().map(|claims| (stored.caller(collection), claims)))
    }
}

/// The token of a header: all of it, but for `Bearer` in any case and one space.
pub(super) fn bearer(header: &str) -> &str {
    match header.get(..PREFIX.len()) {
        Some(start) if start.eq_ignore_ascii_case(PREFIX) => &header[PREFIX.len()..],
        _ => header,
    }
}

#[cfg(test)]
mod tests;
