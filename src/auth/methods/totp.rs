//! Sign-in with an authenticator app, always as the second of two methods.

use std::sync::Arc;
use std::time::Duration;

use crate::auth::auth_record::{StoredAuth, select_by_id};
use crate::auth::methods::AuthMethod;
use crate::auth::mfa::{Half, half_lifetime_of};
use crate::auth::parts::Auth;
use crate::auth::sign_in::{Attempt, SignIn};
use crate::auth::totp::{self, ProofForm, Stored};
use crate::codes::Code;
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::schema::{Collection, Schema};
use crate::store::{Cost, Tx};

/// See [`Auth::with_totp`].
pub const METHOD: AuthMethod =
    AuthMethod { name: "totp", is_enabled: |options| options.totp.enabled };

impl Auth {
    /// Completes a sign-in with a code of the record's authenticator app, or a recovery code.
    ///
    /// # Errors
    /// 403 when the collection does not offer this, 400 for a half-done sign-in that is not there
    /// any more and for a wrong code, 429 after too many tries.
    pub async fn with_totp(
        &self,
        schema: Arc<Schema>,
        collection: Arc<Collection>,
        form: ProofForm,
        attempt: &Attempt,
    ) -> Result<SignIn> {
        self.require_totp(&collection)?;
        if attempt.mfa_id.is_empty() {
            let errors = FieldErrors::one("mfaId", Issue::new(Code::Required));
            let message = "An error occurred while validating the submitted data.";
            return Err(Error::invalid(message, errors));
        }
        form.proof()?;
        let now = self.clock.now();
        let id =
            self.half_done(&collection, &attempt.mfa_id, half_lifetime_of(&collection)).await?;
        let message = "Too many attempts, please try again later.";
        self.attempts.take(&totp::attempts_of(&id), &attempt.device.ip, now, message)?;
        let (settings, of) = (self.settings.clone(), Arc::clone(&collection));
        let prove = move |tx: &Tx<'_>| {
            let stored = Stored::find(tx, &settings, &of.id, &id)?;
            let Some(mut stored) = stored.filter(Stored::is_confirmed) else { return Ok(None) };
            if !stored.accept(form.proof()?, now)? {
                return Ok(None);
            }
            stored.save(tx, &settings)?;
            tx.query_one(&select_by_id(tx.dialect(), &of, &id), StoredAuth::from_row)
        };
        let record = self.store.write(prove).await?.ok_or_else(totp::refused)?;
        self.finish(&schema, &collection, &record, METHOD.name, attempt).await
    }

    /// Whose the first half of a sign-in is.
    async fn half_done(
        &self,
        collection: &Collection,
        mfa_id: &str,
        lifetime: Duration,
    ) -> Result<String> {
        let (mfa_id, now) = (mfa_id.to_owned(), self.clock.now());
        let half = self.store.read(Cost::Bounded, move |tx| Half::find(tx, &mfa_id)).await?;
        let is_usable =
            |half: &Half| half.collection_id == collection.id && half.lives(lifetime, now);
        let half = half.filter(is_usable);
        let half = half.ok_or_else(|| Error::bad_request("Invalid or expired MFA session."))?;
        Ok(half.record_id)
    }
}
