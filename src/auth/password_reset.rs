//! Password reset: a mailed link sets a new password.

use std::sync::Arc;

use serde::Deserialize;

use crate::auth::claims::TokenType;
use crate::auth::errands::Errand;
use crate::auth::mailed::{EmailForm, bad_token, invalid};
use crate::auth::parts::Auth;
use crate::codes::Code;
use crate::crypto::Secret;
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::records::Records;
use crate::schema::{Collection, Schema};
use crate::sql::Value;

/// The body of `confirm-password-reset`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PasswordResetForm {
    /// What was mailed.
    pub token: Secret,
    /// The new password.
    pub password: Secret,
    /// The same once more.
    pub password_confirm: Secret,
}

impl PasswordResetForm {
    /// The names of the form.
    pub const NAMES: &'static [&'static str] = &["token", "password", "passwordConfirm"];

    fn check(&self, collection: &Collection) -> FieldErrors {
        let mut errors = FieldErrors::default();
        if self.password.is_empty() {
            errors.add("password", Issue::new(Code::Required));
        } else {
            errors.merge(Records::check_new_password(collection, &self.password));
        }
        if self.password_confirm.is_empty() {
            errors.add("passwordConfirm", Issue::new(Code::Required));
        } else if self.password_confirm != self.password {
            errors.add("passwordConfirm", Issue::new(Code::ValuesMismatch));
        }
        errors
    }
}

impl Auth {
    /// Refuses a collection whose records have no use for a password.
    ///
    /// # Errors
    /// 400.
    pub fn require_password_reset(&self, collection: &Collection) -> Result<()> {
        let options = collection.auth().filter(|options| options.password_auth.enabled);
        options.map(drop).ok_or_else(|| {
            Error::bad_request("The collection is not configured to allow password authentication.")
        })
    }

    /// Has a link mailed that sets a new password for the record of an address.
    ///
    /// # Errors
    /// 400 for what is no address, 503 when too much is queued.
    pub async fn request_password_reset(
        &self,
        collection: &Collection,
        form: EmailForm,
    ) -> Result<()> {
        form.check()?;
        let (collection, email) = (collection.id.clone(), form.email);
        self.send_on(&Errand::PasswordReset { collection, email }).await
    }

    /// Sets a new password for the record of a mailed token, which ends all its other tokens. Who
    /// reads the mail of the address has verified it, too.
    ///
    /// # Errors
    /// 400 for a token that proves nothing, or a password the collection refuses.
    pub async fn confirm_password_reset(
        &self,
        schema: Arc<Schema>,
        collection: Arc<Collection>,
        form: PasswordResetForm,
    ) -> Result<()> {
        let mut errors = form.check(&collection);
        let proof = match form.token.reveal() {
            "" => Err(Code::Required),
            token => self.proof(&schema, &collection, token, TokenType::PasswordReset).await?,
        };
        let proof = match proof {
            Ok(proof) if errors.is_empty() => proof,
            Ok(_) => return Err(invalid(errors)),
            Err(code) if errors.is_empty() => return Err(bad_token(code)),
            Err(code) => {
                errors.add("token", Issue::new(code));
                return Err(invalid(errors));
            }
        };
        let hash = self.passwords.hash(form.password).await?;
        let changes = vec![("password", hash.into()), ("verified", Value::from(true))];
        self.amend_proved(schema, collection, &proof.record, changes).await
    }
}
