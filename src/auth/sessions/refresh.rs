//! A refresh token for the next one and an access token.

use std::sync::Arc;

use crate::auth::auth_record::{StoredAuth, select_by_id};
use crate::auth::parts::Auth;
use crate::auth::sessions::begin::{of_session, session_options};
use crate::auth::sessions::refresh_token::{Key, RefreshToken};
use crate::auth::sessions::rotation::Verdict;
use crate::auth::sessions::session::{self, Session};
use crate::auth::sessions::table;
use crate::auth::sign_in::{Device, SignedIn};
use crate::clock::DateTime;
use crate::crypto::Secret;
use crate::error::{Error, Kind, Result};
use crate::query::RequestContext;
use crate::schema::{Collection, Schema};
use crate::sql::Statement;
use crate::store::{Cost, Tx};

/// What became of a refresh in the store.
enum Outcome {
    Renewed(Box<Session>, Key),
    Refused,
    Reused(Box<Session>),
}

/// What a refresh works with, here and on the writer's thread.
#[derive(Clone)]
struct Request {
    auth: Auth,
    collection: Arc<Collection>,
    shown: Arc<RefreshToken>,
    /// Reads the record that the session belonged to when it was looked up.
    record: Statement,
    device: session::Device,
    now: DateTime,
}

impl Auth {
    /// New tokens for a refresh token, which is spent by that.
    ///
    /// # Errors
    /// 401 for a token that is none, or none any more; 403 when the auth rule refuses the record.
    pub async fn refresh_session(
        &self,
        schema: &Schema,
        collection: &Arc<Collection>,
        token: &Secret,
        device: &Device,
        mut cx: RequestContext,
    ) -> Result<SignedIn> {
        let shown = RefreshToken::parse(token.reveal()).ok_or_else(refused)?;
        let id = shown.session_id.clone();
        let find = move |tx: &Tx<'_>| table::find(tx, &id);
        let session = self.store.read(Cost::Bounded, find).await?.ok_or_else(refused)?;
        let request = Request {
            auth: self.clone(),
            collection: Arc::clone(collection),
            shown: Arc::new(shown),
            record: select_by_id(self.store.dialect(), collection, &session.record_id),
            device: session::Device::of(device),
            now: self.clock.now(),
        };
        let look = request.clone();
        let look = move |tx: &Tx<'_>| look.judged(tx);
        let (record, verdict, session) =
            self.store.read(Cost::Bounded, look).await?.ok_or_else(refused)?;
        if matches!(verdict, Verdict::Refused) {
            return Err(refused());
        }
        if !matches!(verdict, Verdict::Reused) {
            cx.caller = record.caller(collection);
            self.require_auth_rule(schema, collection, &record.id, cx).await?;
        }
        let now = request.now;
        let outcome = match verdict {
            // What was told to others is told again: there is nothing to write.
            Verdict::Repeat(key) => Outcome::Renewed(Box::new(session), key),
            _ => self.store.write(move |tx| request.spend(tx)).await?,
        };
        match outcome {
            Outcome::Renewed(session, key) => {
                let options = session_options(collection);
                let signed_in = of_session(collection, &record, &session, &options, now)?;
                let refresh_token = Some(session.token(key).to_text());
                Ok(SignedIn { refresh_token, ..signed_in })
            }
            Outcome::Refused => Err(refused()),
            Outcome::Reused(session) => Err(reused(collection, &session, device)),
        }
    }

    /// Another access token of a session, for an access token that is still valid. The session
    /// itself lives no longer for that.
    pub(in crate::auth) async fn renew_access(
        &self,
        collection: &Arc<Collection>,
        record: &StoredAuth,
        session_id: String,
    ) -> Result<SignedIn> {
        let find = move |tx: &Tx<'_>| table::find(tx, &session_id);
        let session = self.store.read(Cost::Bounded, find).await?;
        let (options, now) = (session_options(collection), self.clock.now());
        let session = session.filter(|session| !session.is_over(&options, now));
        let session = session.ok_or_else(Error::sign_in_required)?;
        of_session(collection, record, &session, &options, now)
    }

    /// Ends the session of a refresh token, whether the token is spent or not.
    ///
    /// # Errors
    /// The store fails.
    pub async fn end_session_of(&self, collection: &Collection, token: &Secret) -> Result<bool> {
        let Some(shown) = RefreshToken::parse(token.reveal()) else { return Ok(false) };
        let (auth, collection_id) = (self.clone(), collection.id.clone());
        let end = move |tx: &Tx<'_>| {
            let session = table::find(tx, &shown.session_id)?;
            let is_own = |s: &Session| s.collection_id == collection_id && shown.is_of(&s.salt);
            let Some(session) = session.filter(is_own) else { return Ok(false) };
            table::delete(tx, &session.id)?;
            auth.end_at_commit(tx, vec![session.id]);
            Ok(true)
        };
        self.store.write(end).await
    }
}

impl Request {
    /// The record, what its session says to the token, and the session; `None` when there is none
    /// of the collection, or it is over.
    fn judged(&self, tx: &Tx<'_>) -> Result<Option<(StoredAuth, Verdict, Session)>> {
        let options = session_options(&self.collection);
        let Some(session) = table::find(tx, &self.shown.session_id)? else { return Ok(None) };
        let Some(record) = tx.query_one(&self.record, StoredAuth::from_row)? else {
            return Ok(None);
        };
        let is_over = session.is_over(&options, self.now);
        if is_over || !session.is_of(&self.collection, &record) {
            return Ok(None);
        }
        let verdict = session.judge(&self.shown, &options, self.now);
        Ok(Some((record, verdict, session)))
    }

    /// Judges again, on the writer's thread, and acts by it.
    fn spend(&self, tx: &Tx<'_>) -> Result<Outcome> {
        let Some((_, verdict, mut session)) = self.judged(tx)? else {
            return Ok(Outcome::Refused);
        };
        match verdict {
            Verdict::Refused => Ok(Outcome::Refused),
            Verdict::Repeat(key) => Ok(Outcome::Renewed(Box::new(session), key)),
            Verdict::Rotate => {
                let options = session_options(&self.collection);
                let key = session.rotate(&self.shown, &options, &self.device, self.now);
                table::update(tx, &session)?;
                Ok(Outcome::Renewed(Box::new(session), key))
            }
            Verdict::Reused => {
                table::delete(tx, &session.id)?;
                self.auth.end_at_commit(tx, vec![session.id.clone()]);
                Ok(Outcome::Reused(Box::new(session)))
            }
        }
    }
}

fn refused() -> Error {
    Error::new(Kind::Unauthorized, "The refresh token is invalid or expired.")
}

/// Two have the token, and one of them should not: both lose it.
fn reused(collection: &Collection, session: &Session, device: &Device) -> Error {
    tracing::warn!(
        collection = collection.name,
        record = session.record_id,
        session = session.id,
        ip = device.ip,
        last_ip = session.device.ip,
        "a refresh token that was spent came again: its session is ended"
    );
    Error::new(Kind::Unauthorized, "The refresh token was used before: its session is ended.")
}
