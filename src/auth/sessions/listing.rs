//! Sessions as their owners and superusers see them, and their end.

use serde::Serialize;

use crate::auth::claims::Claims;
use crate::auth::parts::Auth;
use crate::auth::sessions::session::Session;
use crate::auth::sessions::table;
use crate::auth::{caller::bearer, token};
use crate::error::{Error, Result};
use crate::query::Page;
use crate::schema::Collection;
use crate::store::{Cost, Tx};

/// A session as it is shown.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionEntry {
    id: String,
    record: String,
    user_agent: String,
    ip: String,
    created: String,
    last_used: String,
    expires: String,
    /// The one the request itself belongs to.
    current: bool,
}

/// A page of sessions, those that were used last first.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionPage {
    items: Vec<SessionEntry>,
    page: u64,
    per_page: u64,
    total_items: i64,
    total_pages: u64,
}

impl SessionEntry {
    fn new(session: Session, current: Option<&str>) -> Self {
        Self {
            current: current == Some(session.id.as_str()),
            id: session.id,
            record: session.record_id,
            user_agent: session.device.user_agent,
            ip: session.device.ip,
            created: session.created.to_string(),
            last_used: session.used.to_string(),
            expires: session.ends.to_string(),
        }
    }
}

impl Auth {
    /// The session that a header's token belongs to. To be asked only for a header that was
    /// already found to be somebody's.
    pub fn session_of(&self, header: Option<&str>) -> Option<String> {
        token::peek(header.map(bearer)?).and_then(|claims: Claims| claims.session_id)
    }

    /// The sessions of a collection, or of one record.
    ///
    /// # Errors
    /// The store fails.
    pub async fn sessions(
        &self,
        collection: &Collection,
        record_id: &str,
        page: Page,
        current: Option<&str>,
    ) -> Result<SessionPage> {
        let (collection_id, record_id) = (collection.id.clone(), record_id.to_owned());
        let (now, part) = (self.clock.now(), (page.per_page, page.offset()));
        let read = move |tx: &Tx<'_>| table::page(tx, &collection_id, &record_id, now, part);
        let (sessions, total_items) = self.store.read(Cost::Unbounded, read).await?;
        Ok(SessionPage {
            items: sessions.into_iter().map(|s| SessionEntry::new(s, current)).collect(),
            page: page.page,
            per_page: page.per_page,
            total_items,
            total_pages: page.pages_of(u64::try_from(total_items).unwrap_or(0)),
        })
    }

    /// Ends a session of a collection; of `record_id` only, where one is given.
    ///
    /// # Errors
    /// 404 when there is none.
    pub async fn end_session(
        &self,
        collection: &Collection,
        record_id: Option<&str>,
        id: &str,
    ) -> Result<()> {
        let (auth, collection_id, id) = (self.clone(), collection.id.clone(), id.to_owned());
        let record_id = record_id.map(str::to_owned);
        let end = move |tx: &Tx<'_>| {
            let session = table::find(tx, &id)?.filter(|session| {
                session.collection_id == collection_id
                    && record_id.is_none_or(|record_id| record_id == session.record_id)
            });
            let session = session.ok_or_else(Error::not_found)?;
            table::delete(tx, &session.id)?;
            auth.end_at_commit(tx, vec![session.id]);
            Ok(())
        };
        self.store.write(end).await
    }

    /// Ends all sessions of a record but for one.
    ///
    /// # Errors
    /// The store fails.
    pub async fn end_other_sessions(
        &self,
        collection: &Collection,
        record_id: &str,
        kept: Option<String>,
    ) -> Result<()> {
        let auth = self.clone();
        let (collection_id, record_id) = (collection.id.clone(), record_id.to_owned());
        let end = move |tx: &Tx<'_>| {
            let kept = kept.unwrap_or_default();
            let gone = table::delete_others(tx, &collection_id, &record_id, &kept)?;
            auth.end_at_commit(tx, gone);
            Ok(())
        };
        self.store.write(end).await
    }

    /// Deletes sessions that are over; tells how many.
    ///
    /// # Errors
    /// The store fails.
    pub async fn delete_expired_sessions(&self) -> Result<usize> {
        let mut gone = 0;
        loop {
            let now = self.clock.now();
            if !self.store.read(Cost::Bounded, move |tx| table::is_any_over(tx, now)).await? {
                return Ok(gone);
            }
            gone += self.store.write(move |tx| table::delete_over(tx, now)).await?;
        }
    }
}
