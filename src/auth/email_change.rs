//! E-mail change: a link mailed to the new address, and the password, make it the record's own.

use std::sync::Arc;

use serde::Deserialize;

use crate::auth::auth_record::StoredAuth;
use crate::auth::claims::{Claims, TokenType};
use crate::auth::mailed::{Proof, email_issue, invalid, out_of_range};
use crate::auth::parts::Auth;
use crate::auth::sign_in::require_of_collection;
use crate::auth::token;
use crate::codes::Code;
use crate::crypto::Secret;
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::query::Caller;
use crate::schema::system::SUPERUSERS;
use crate::schema::{Collection, Schema};
use crate::sql::Value;
use crate::store::Tx;

/// Characters of a password that is looked at.
const MAX_PASSWORD: usize = 100;

/// The body of `request-email-change`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NewEmailForm {
    /// The address that is to be the record's.
    pub new_email: String,
}

impl NewEmailForm {
    /// The names of the form.
    pub const NAMES: &'static [&'static str] = &["newEmail"];
}

/// The body of `confirm-email-change`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct EmailChangeForm {
    /// What was mailed.
    pub token: Secret,
    /// The record's password.
    pub password: Secret,
}

impl EmailChangeForm {
    /// The names of the form.
    pub const NAMES: &'static [&'static str] = &["token", "password"];
}

impl Auth {
    /// Refuses a caller of another collection, and a collection whose records change their
    /// addresses by themselves.
    ///
    /// # Errors
    /// 403, and 400 for superusers.
    pub fn require_email_change(&self, collection: &Collection, caller: &Caller) -> Result<()> {
        require_of_collection(caller, collection)?;
        self.require_confirmed_email(collection)
    }

    /// Refuses a collection whose records change their addresses by themselves.
    ///
    /// # Errors
    /// 400 for superusers.
    pub fn require_confirmed_email(&self, collection: &Collection) -> Result<()> {
        if collection.name == SUPERUSERS {
            let message = "All superusers can change their emails directly.";
            return Err(Error::bad_request(message));
        }
        Ok(())
    }

    /// Has a link mailed to the new address of the caller.
    ///
    /// # Errors
    /// 400 for what is no address, or one that a record has; 503 when too much is queued.
    pub async fn request_email_change(
        &self,
        collection: Arc<Collection>,
        caller: &Caller,
        form: NewEmailForm,
    ) -> Result<()> {
        let caller = caller.record().ok_or_else(Error::sign_in_required)?;
        let refused = |issue: Issue| Err(invalid(FieldErrors::one("newEmail", issue)));
        let new = form.new_email;
        if let Some(issue) = email_issue(&new) {
            return refused(issue);
        }
        if new == caller.email {
            return refused(Issue::with_message(Code::NotInInvalid, "Must not be in list."));
        }
        if self.find_by_email(&collection, &new).await?.is_some() {
            return refused(Issue::new(Code::InvalidNewEmail));
        }
        let Some(record) = self.find(&collection, &caller.id).await? else {
            return Err(Error::sign_in_required());
        };
        let Some(options) = collection.auth() else { return Err(Error::missing_collection()) };
        let expires = self.expiry(&options.email_change_token);
        let kind = TokenType::EmailChange;
        let mut claims = Claims::new(kind, &collection.id, &record.id, expires);
        (claims.email, claims.new_email) = (Some(record.email.clone()), Some(new.clone()));
        let token = token::sign(&claims, &collection, record.token_key.reveal())?;
        let template = options.confirm_email_change_template.clone();
        let auth = self.clone();
        let queue = move |tx: &Tx<'_>| {
            let own = [("TOKEN", token.as_str())];
            let letter = auth.letter(tx, &collection, &record.id, &template, &own)?;
            let letter = letter.ok_or_else(Error::sign_in_required)?;
            auth.mail.queue(tx, &letter.to(new).until(expires))
        };
        self.store.write(queue).await
    }

    /// Gives the record of a mailed token its new address, which is verified by that. Without a
    /// good token every password is a wrong one. `ip` is where the request came from.
    ///
    /// # Errors
    /// 400 for a token that proves nothing, a wrong password, or an address that was taken since;
    /// 429 when too many passwords were wrong.
    pub async fn confirm_email_change(
        &self,
        schema: Arc<Schema>,
        collection: Arc<Collection>,
        form: EmailChangeForm,
        ip: &str,
    ) -> Result<()> {
        let mut errors = FieldErrors::default();
        let change = match self.new_address(&schema, &collection, form.token.reveal()).await? {
            Ok(change) => Some(change),
            Err(code) => {
                errors.add("token", Issue::new(code));
                None
            }
        };
        let record = change.as_ref().map(|(proof, _)| &proof.record);
        let length = form.password.reveal().chars().count();
        if length == 0 {
            errors.add("password", Issue::new(Code::Required));
        } else if length > MAX_PASSWORD {
            errors.add("password", out_of_range(MAX_PASSWORD));
        } else {
            let fits = match record {
                Some(record) => self.knows(&collection, record, form.password, ip).await?,
                None => false,
            };
            if !fits {
                errors.add("password", Issue::new(Code::InvalidPassword));
            }
        }
        match change {
            Some((proof, new)) if errors.is_empty() => {
                let changes = vec![("email", new.into()), ("verified", Value::from(true))];
                self.amend_proved(schema, collection, &proof.record, changes).await
            }
            _ => Err(invalid(errors)),
        }
    }

    /// Whether the password is the record's own. Who took over a sign-in may not guess here what
    /// could not be guessed at the sign-in.
    async fn knows(
        &self,
        collection: &Collection,
        record: &StoredAuth,
        password: Secret,
        ip: &str,
    ) -> Result<bool> {
        if record.password_hash.is_empty() {
            return Ok(false);
        }
        let turn = self.brake.begin(&collection.id, &record.email, ip, self.clock.now())?;
        let fits = self.passwords.verify(password, record.password_hash.reveal()).await?;
        if fits {
            turn.succeeded();
        } else {
            turn.failed(self.clock.now());
        }
        Ok(fits)
    }

    /// The proof and the address that a token carries, or why it is not good.
    async fn new_address(
        &self,
        schema: &Schema,
        collection: &Collection,
        token: &str,
    ) -> Result<std::result::Result<(Proof, String), Code>> {
        if token.is_empty() {
            return Ok(Err(Code::Required));
        }
        let new = token::peek(token).and_then(|claims| claims.new_email);
        if new.is_none_or(|new| new.is_empty()) {
            return Ok(Err(Code::InvalidTokenPayload));
        }
        let proof = match self.proof(schema, collection, token, TokenType::EmailChange).await? {
            Ok(proof) => proof,
            Err(code) => return Ok(Err(code)),
        };
        let new = proof.claims.new_email.clone().unwrap_or_default();
        if self.find_by_email(collection, &new).await?.is_some() {
            return Ok(Err(Code::InvalidTokenEmail));
        }
        Ok(Ok((proof, new)))
    }
}
