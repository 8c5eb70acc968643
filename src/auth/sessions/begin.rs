//! How a sign-in ends where it begins a session, and where it does not.

use std::sync::Arc;

use crate::auth::auth_record::StoredAuth;
use crate::auth::claims::Claims;
use crate::auth::parts::Auth;
use crate::auth::sessions::session::Session;
use crate::auth::sessions::table;
use crate::auth::sign_in::{Attempt, SignedIn};
use crate::auth::token;
use crate::clock::DateTime;
use crate::error::Result;
use crate::schema::{Collection, SessionOptions};
use crate::store::Tx;

/// The parameter with which a sign-in asks for a session.
const PARAMETER: &str = "session";

impl Auth {
    /// A token for a record that proved who it is: of a session where the collection or the
    /// request wants one.
    pub(in crate::auth) async fn admitted(
        &self,
        collection: &Arc<Collection>,
        record: &StoredAuth,
        attempt: &Attempt,
    ) -> Result<SignedIn> {
        let options = session_options(collection);
        let asked = attempt.cx.query.iter().find(|(name, _)| name == PARAMETER);
        let asks = asked.is_some_and(|(_, value)| matches!(&**value, "1" | "true" | "cookie"));
        if !options.enabled && !asks {
            return self.proved(collection, record);
        }
        let now = self.clock.now();
        let (session, key) = Session::begin(collection, record, &options, &attempt.device, now);
        let refresh_token = session.token(key).to_text();
        let signed_in = of_session(collection, record, &session, &options, now)?;
        let auth = self.clone();
        let add = move |tx: &Tx<'_>| {
            let surplus = table::insert(tx, &session)?;
            auth.end_at_commit(tx, surplus);
            Ok(())
        };
        self.store.write(add).await?;
        Ok(SignedIn { refresh_token: Some(refresh_token), ..signed_in })
    }

    /// Lets open connections of these sessions know, once their end is committed.
    pub(super) fn end_at_commit(&self, tx: &Tx<'_>, session_ids: Vec<String>) {
        if !session_ids.is_empty() {
            let ended = Arc::clone(&self.ended);
            tx.on_commit(move || session_ids.iter().for_each(|id| ended.end(id)));
        }
    }
}

/// An access token of a session.
pub(super) fn of_session(
    collection: &Arc<Collection>,
    record: &StoredAuth,
    session: &Session,
    options: &SessionOptions,
    now: DateTime,
) -> Result<SignedIn> {
    let expires = session.access_until(options, now);
    let has_apps = collection.auth().is_some_and(|options| options.totp.enabled);
    let claims = Claims {
        auth_time: has_apps.then(|| session.created.unix_secs()),
        session_id: Some(session.id.clone()),
        ..Claims::sign_in(&collection.id, &record.id, expires, true)
    };
    let token = token::sign(&claims, collection, record.token_key.reveal())?;
    Ok(SignedIn {
        collection: Arc::clone(collection),
        id: record.id.clone(),
        caller: record.caller(collection),
        token,
        refresh_token: None,
    })
}

/// What a collection says of its sessions.
pub(super) fn session_options(collection: &Collection) -> SessionOptions {
    collection.auth().map(|options| options.session.clone()).unwrap_or_default()
}
