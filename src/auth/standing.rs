//! Who is at the other end of a connection that stays open. A sign-in that ends meanwhile, however
//! it ends, leaves a guest.

use std::fmt;
use std::sync::Arc;

use crate::auth::auth_record::{StoredAuth, select_by_id};
use crate::auth::caller::bearer;
use crate::auth::claims::TokenType;
use crate::auth::parts::Auth;
use crate::auth::sessions::{self, Watch};
use crate::auth::token;
use crate::changes::{Action, Event};
use crate::clock::DateTime;
use crate::crypto::Secret;
use crate::error::Result;
use crate::query::Caller;
use crate::schema::{Collection, Schema};
use crate::store::Tx;

/// A caller, and what it takes to tell whether that still holds.
#[derive(Clone, Default)]
pub struct Standing {
    caller: Caller,
    name: Option<Arc<str>>,
    token: Option<Secret>,
    expires: Option<DateTime>,
    session: Option<(String, Watch)>,
}

impl fmt::Debug for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Standing").field("caller", &self.caller).finish_non_exhaustive()
    }
}

impl Standing {
    /// The caller of this moment.
    pub fn caller(&self, now: DateTime) -> Caller {
        if self.is_guest(now) { Caller::Guest } else { self.caller.clone() }
    }

    /// Names the record that it stands for at this moment, for comparing; nothing for nobody.
    pub fn name(&self, now: DateTime) -> Option<&Arc<str>> {
        self.name.as_ref().filter(|_| !self.is_guest(now))
    }

    /// True when the two stand for the same record, or both for nobody.
    pub fn is_same(&self, other: &Self) -> bool {
        self.name == other.name
    }

    /// True when nobody is signed in at this moment.
    pub fn is_guest(&self, now: DateTime) -> bool {
        self.caller.record().is_none()
            || self.expires.is_some_and(|end| end <= now)
            || self.session.as_ref().is_some_and(|(_, watch)| watch.has_ended())
    }

    /// True when a superuser is signed in at this moment.
    pub fn is_superuser(&self, now: DateTime) -> bool {
        self.caller.is_superuser() && !self.is_guest(now)
    }

    /// What is left of it after a change; `None` when the change does not concern it.
    pub fn after(&self, event: &Event, now: DateTime) -> Option<Self> {
        let record = self.caller.record()?;
        let collection = &event.image.collection;
        if record.collection_id != collection.id || record.id != event.image.id {
            return None;
        }
        if event.action == Action::Delete {
            return Some(Self::default());
        }
        Some(self.proved(collection, &StoredAuth::from_image(&event.image), now))
    }

    /// The same sign-in against the record as it is now.
    fn proved(&self, collection: &Collection, stored: &StoredAuth, now: DateTime) -> Self {
        let Some(token) = &self.token else { return Self::default() };
        let (kind, key) = (TokenType::Auth, stored.token_key.reveal());
        match token::verify(token.reveal(), kind, collection, &stored.id, key, now) {
            Ok(_) => Self { caller: stored.caller(collection), ..self.clone() },
            Err(_) => Self::default(),
        }
    }

    /// What is left of it under another schema.
    ///
    /// # Errors
    /// The store fails.
    pub fn under(&self, tx: &Tx<'_>, schema: &Schema, now: DateTime) -> Result<Self> {
        let Some(record) = self.caller.record() else { return Ok(self.clone()) };
        let collection = schema.find_by_id(&record.collection_id);
        let Some(collection) = collection.filter(|collection| collection.auth().is_some()) else {
            return Ok(Self::default());
        };
        if let Some((id, _)) = &self.session
            && !sessions::is_open(tx, id, &collection.id, &record.id)?
        {
            return Ok(Self::default());
        }
        let statement = select_by_id(tx.dialect(), collection, &record.id);
        let stored = tx.query_one(&statement, StoredAuth::from_row)?;
        Ok(stored.map_or_else(Self::default, |stored| self.proved(collection, &stored, now)))
    }
}

impl Auth {
    /// Who sends this header, to be remembered for as long as a connection lasts.
    pub async fn standing(&self, header: Option<&str>) -> Standing {
        // Before the look at the store: an end that it does not see yet is told to the watch.
        let session = self.session_of(header).map(|id| (id.clone(), self.ended.watch(&id)));
        let caller = self.caller(header).await;
        let Some(token) = header.map(bearer).filter(|_| caller.record().is_some()) else {
            return Standing::default();
        };
        let expires = token::peek(token).and_then(|claims| claims.expires());
        let name = caller.record().map(|r| format!("{}/{}", r.collection_id, r.id).into());
        Standing { caller, name, token: Some(Secret::new(token)), expires, session }
    }
}
