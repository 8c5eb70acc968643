//! Verification: a mailed link proves that an address is the record's own.

use std::sync::Arc;

use serde::Deserialize;

use crate::auth::claims::TokenType;
use crate::auth::errands::Errand;
use crate::auth::mailed::{EmailForm, bad_token};
use crate::auth::parts::Auth;
use crate::auth::token;
use crate::codes::Code;
use crate::crypto::{KEY_ALPHABET, Secret, random_text};
use crate::error::{Error, Result};
use crate::schema::system::SUPERUSERS;
use crate::schema::{Collection, Schema};
use crate::sql::Value;

/// Characters of a password that nobody is to know.
const UNKNOWN_PASSWORD: usize = 30;

/// The body of `confirm-verification`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct VerificationForm {
    /// What was mailed.
    pub token: Secret,
}

impl VerificationForm {
    /// The names of the form.
    pub const NAMES: &'static [&'static str] = &["token"];
}

impl Auth {
    /// Refuses a collection whose records need no verification.
    ///
    /// # Errors
    /// 400 for superusers.
    pub fn require_verification(&self, collection: &Collection) -> Result<()> {
        if collection.name == SUPERUSERS {
            return Err(Error::bad_request("All superusers are verified by default."));
        }
        Ok(())
    }

    /// Has a link mailed that verifies the record of an address.
    ///
    /// # Errors
    /// 400 for what is no address, 503 when too much is queued.
    pub async fn request_verification(
        &self,
        collection: &Collection,
        form: EmailForm,
    ) -> Result<()> {
        form.check()?;
        let (collection, email) = (collection.id.clone(), form.email);
        self.send_on(&Errand::Verification { collection, email }).await
    }

    /// Marks the record of a mailed token as verified. Who made the record may have been somebody
    /// else: where a password is of no use for signing in, it is replaced by one nobody knows.
    ///
    /// # Errors
    /// 400 for a token that proves nothing.
    pub async fn confirm_verification(
        &self,
        schema: Arc<Schema>,
        collection: Arc<Collection>,
        form: VerificationForm,
    ) -> Result<()> {
        let token = form.token.reveal();
        if token.is_empty() {
            return Err(bad_token(Code::Required));
        }
        let email = token::peek(token).and_then(|claims| claims.email);
        if email.is_none_or(|email| email.is_empty()) {
            return Err(bad_token(Code::InvalidTokenClaims));
        }
        let proof = self.proof(&schema, &collection, token, TokenType::Verification).await?;
        let record = proof.map_err(bad_token)?.record;
        if record.verified {
            return Ok(());
        }
        let mut changes = vec![("verified", Value::from(true))];
        if collection.auth().is_some_and(|options| !options.password_auth.enabled) {
            let password = Secret::new(random_text(UNKNOWN_PASSWORD, KEY_ALPHABET));
            changes.push(("password", self.passwords.hash(password).await?.into()));
        }
        self.amend_proved(schema, collection, &record, changes).await
    }
}
