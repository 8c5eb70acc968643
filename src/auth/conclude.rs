//! What a proven identity comes to: half a sign-in where a second method must follow, else a whole
//! one, which the places of the record are told of. One transaction, and none where nothing is
//! to be kept.

use std::net::IpAddr;
use std::sync::Arc;

use crate::auth::auth_record::StoredAuth;
use crate::auth::methods::totp;
use crate::auth::mfa::{Outcome, Step, half_lifetime_of};
use crate::auth::origins::Visit;
use crate::auth::parts::Auth;
use crate::auth::sign_in::{Attempt, Device};
use crate::error::{Error, Result};
use crate::query::RequestContext;
use crate::schema::system::SUPERUSERS;
use crate::schema::{Collection, Schema};
use crate::settings::networks_contain;
use crate::store::Tx;

/// What the end of a sign-in writes down.
struct Conclusion {
    auth: Auth,
    collection: Arc<Collection>,
    /// Whether the record has an address.
    can_be_told: bool,
    step: Option<Step>,
    visit: Option<Visit>,
}

impl Conclusion {
    fn is_empty(&self) -> bool {
        self.step.is_none() && self.visit.is_none()
    }

    fn keep(&self, tx: &Tx<'_>) -> Result<Outcome> {
        if let Some(step) = &self.step {
            let outcome = step.take(tx)?;
            if outcome != Outcome::Proven {
                return Ok(outcome);
            }
        }
        if let Some(visit) = &self.visit
            && visit.note(tx)?
            && self.can_be_told
        {
            self.alert(tx, visit);
        }
        Ok(Outcome::Proven)
    }

    /// Tells the owner of a place that is new. Nobody is kept out because that cannot be told.
    fn alert(&self, tx: &Tx<'_>, visit: &Visit) {
        let told = tx.savepoint(|tx| {
            let Some(options) = self.collection.auth() else { return Ok(()) };
            let own = [("ALERT_INFO", &*visit.told())];
            let (id, template) = (&visit.record_id, &options.auth_alert.email_template);
            match self.auth.letter(tx, &self.collection, id, template, &own)? {
                Some(letter) => self.auth.mail.queue(tx, &letter),
                None => Ok(()),
            }
        });
        if let Err(error) = told {
            tracing::warn!(%error, "a sign-in from a new place could not be told");
        }
    }
}

impl Auth {
    /// The id with which another method must follow; `None` when the sign-in is complete.
    ///
    /// # Errors
    /// 400 for an unknown or expired `mfa_id`, one of another record, or the same method again.
    pub(super) async fn conclude(
        &self,
        schema: &Schema,
        collection: &Arc<Collection>,
        record: &StoredAuth,
        method: &'static str,
        attempt: &Attempt,
        cx: &RequestContext,
    ) -> Result<Option<String>> {
        let now = self.clock.now();
        let has_app = self.has_app(collection, &record.id).await?;
        let lifetime = match has_app {
            true => Some(half_lifetime_of(collection)),
            false => self.half_lifetime(schema, collection, &record.id, cx).await?,
        };
        let step = lifetime.map(|lifetime| Step {
            must_end_with: has_app.then_some(totp::METHOD.name),
            collection_id: collection.id.clone(),
            record_id: record.id.clone(),
            method,
            mfa_id: attempt.mfa_id.clone(),
            lifetime,
            now,
        });
        let is_watched = collection.auth().is_some_and(|options| options.auth_alert.enabled);
        let visit = is_watched.then(|| Visit {
            collection_id: collection.id.clone(),
            record_id: record.id.clone(),
            device: attempt.device.clone(),
            now,
        });
        let (auth, collection) = (self.clone(), Arc::clone(collection));
        let can_be_told = !record.email.is_empty();
        let conclusion = Conclusion { auth, collection, can_be_told, step, visit };
        if conclusion.is_empty() {
            return Ok(None);
        }
        self.store.write(move |tx| conclusion.keep(tx)).await?.into_half()
    }

    /// # Errors
    /// 403 for a superuser at an address that is not on the list, while there is one.
    pub(super) fn require_place(&self, collection: &Collection, device: &Device) -> Result<()> {
        let allowed = &self.settings.load().superuser_ips;
        if collection.name != SUPERUSERS || allowed.is_empty() {
            return Ok(());
        }
        let address: Option<IpAddr> = device.ip.parse().ok();
        if address.is_some_and(|address| networks_contain(allowed, address)) {
            return Ok(());
        }
        Err(Error::forbidden("You are not allowed to perform this request."))
    }
}
