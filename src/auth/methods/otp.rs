//! Sign-in with a one-time code. Whoever has the code that was mailed has the address.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use crate::auth::auth_record::{StoredAuth, select_by_id};
use crate::auth::methods::AuthMethod;
use crate::auth::one_time_code::StoredCode;
use crate::auth::parts::Auth;
use crate::auth::sign_in::{Attempt, SignIn};
use crate::codes::Code;
use crate::crypto::Secret;
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::schema::system::{OTPS, TOTP};
use crate::schema::{Collection, OtpOptions, Schema};
use crate::sql::{Value, write};
use crate::store::{Cost, Tx};

/// See [`Auth::with_otp`].
pub const METHOD: AuthMethod =
    AuthMethod { name: "otp", is_enabled: |options| options.otp.enabled };

/// Longest id and longest code that are looked at.
const MAX_ID: usize = 255;
const MAX_CODE: usize = 71;

/// The body of `auth-with-otp`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OtpForm {
    /// Names the code.
    pub otp_id: String,
    /// The code.
    pub password: Secret,
}

impl OtpForm {
    /// The names of the form.
    pub const NAMES: &'static [&'static str] = &["otpId", "password"];

    fn check(&self) -> Result<()> {
        let mut errors = FieldErrors::default();
        for (name, text, most) in
            [("otpId", &*self.otp_id, MAX_ID), ("password", self.password.reveal(), MAX_CODE)]
        {
            if text.is_empty() {
                errors.add(name, Issue::new(Code::Required));
            } else if text.chars().count() > most {
                let message = format!("The length must be between 1 and {most}.");
                let issue = Issue::with_message(Code::LengthOutOfRange, message);
                errors.add(name, issue.param("max", most).param("min", 1));
            }
        }
        errors.into_result("An error occurred while validating the submitted data.")
    }
}

/// The end of a code that was right.
struct Redemption {
    auth: Auth,
    schema: Arc<Schema>,
    collection: Arc<Collection>,
    otp_id: String,
    code: StoredCode,
    /// What takes the place of the password, if the address is proved by this only now.
    lost_password: String,
}

impl Auth {
    /// The options of a collection whose records may sign in with a one-time code.
    ///
    /// # Errors
    /// 403 when they may not.
    pub fn require_otp_auth<'c>(&self, collection: &'c Collection) -> Result<&'c OtpOptions> {
        let options = collection.auth().filter(|options| (METHOD.is_enabled)(options));
        options.map(|options| &options.otp).ok_or_else(|| {
            Error::forbidden("The collection is not configured to allow OTP authentication.")
        })
    }

    /// Signs a record of `collection` in with a one-time code, which is used up.
    ///
    /// # Errors
    /// 403 when the collection does not offer this method or its auth rule refuses the record, 400
    /// for a wrong or expired code, 429 after too many tries.
    pub async fn with_otp(
        &self,
        schema: Arc<Schema>,
        collection: Arc<Collection>,
        form: OtpForm,
        attempt: &Attempt,
    ) -> Result<SignIn> {
        let options = self.require_otp_auth(&collection)?;
        form.check()?;
        let lifetime = Duration::from_secs(options.duration.try_into().unwrap_or(0));
        let id = form.otp_id.clone();
        let find = move |tx: &Tx<'_>| StoredCode::find(tx, &id);
        let code = self.store.read(Cost::Bounded, find).await?.ok_or_else(refused)?;
        let now = self.clock.now();
        if code.collection_id != collection.id || !code.lives(lifetime, now) {
            return Err(refused());
        }
        let message = "Too many attempts, please try again later with a new OTP.";
        self.attempts.take(&code.record_id, &attempt.device.ip, now, message)?;
        if !self.passwords.verify(form.password, code.hash.reveal()).await? || code.is_decoy {
            return Err(refused());
        }
        let redemption = Redemption {
            auth: self.clone(),
            schema: Arc::clone(&schema),
            collection: Arc::clone(&collection),
            otp_id: form.otp_id,
            code,
            lost_password: self.passwords.unmatchable_hash()?,
        };
        let record = self.store.write(move |tx| redemption.redeem(tx)).await?;
        let record = record.ok_or_else(refused)?;
        self.finish(&schema, &collection, &record, METHOD.name, attempt).await
    }
}

impl Redemption {
    /// Uses the code up; `None` when somebody else was faster, or the record is gone.
    fn redeem(&self, tx: &Tx<'_>) -> Result<Option<StoredAuth>> {
        if tx.execute(&write::delete(tx.dialect(), OTPS, &self.otp_id))? == 0 {
            return Ok(None);
        }
        let id = &self.code.record_id;
        let select = select_by_id(tx.dialect(), &self.collection, id);
        let Some(record) = tx.query_one(&select, StoredAuth::from_row)? else { return Ok(None) };
        let sent_to = &self.code.sent_to;
        if record.verified || sent_to.is_empty() || *sent_to != record.email {
            return Ok(Some(record));
        }
        let mut changes = vec![("verified", Value::from(true))];
        // Who knows the password signed up with an address that was not proved to be theirs.
        if self.collection.auth().is_some_and(|options| !options.mfa.enabled) {
            changes.push(("password", Value::from(self.lost_password.as_str())));
            // An authenticator app of theirs would keep the owner out.
            let owner = [
                ("collectionRef", Value::from(self.collection.id.as_str())),
                ("recordRef", Value::from(id.as_str())),
            ];
            tx.execute(&write::delete_where(tx.dialect(), TOTP, &owner))?;
        }
        self.auth.records.amend(tx, &self.schema, &self.collection, id, changes)?;
        tx.query_one(&select, StoredAuth::from_row)
    }
}

fn refused() -> Error {
    Error::bad_request("Invalid or expired OTP.")
}

#[cfg(test)]
mod tests;
