//! What was mailed and comes back: a token proves that who sends it reads the mail of an address.

use std::sync::Arc;

use serde::Deserialize;

use crate::auth::auth_record::{StoredAuth, select_by_id};
use crate::auth::claims::{Claims, TokenType};
use crate::auth::parts::Auth;
use crate::auth::token;
use crate::codes::Code;
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::schema::{Collection, Schema, address};
use crate::sql::Value;
use crate::store::{Cost, Tx};

/// Characters of an address.
const MAX_EMAIL: usize = 255;

/// The body of a request for a letter.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct EmailForm {
    /// Whom to write to.
    pub email: String,
}

impl EmailForm {
    /// The names of the form.
    pub const NAMES: &'static [&'static str] = &["email"];

    pub(super) fn check(&self) -> Result<()> {
        match email_issue(&self.email) {
            Some(issue) => Err(invalid(FieldErrors::one("email", issue))),
            None => Ok(()),
        }
    }
}

/// What is wrong with an address that was sent, if anything.
pub(super) fn email_issue(email: &str) -> Option<Issue> {
    if email.is_empty() {
        Some(Issue::new(Code::Required))
    } else if email.chars().count() > MAX_EMAIL {
        Some(out_of_range(MAX_EMAIL))
    } else {
        (!address::is_email(email)).then(|| Issue::new(Code::IsEmail))
    }
}

/// A text that is longer than `max`.
pub(super) fn out_of_range(max: usize) -> Issue {
    let message = format!("The length must be between 1 and {max}.");
    Issue::with_message(Code::LengthOutOfRange, message).param("max", max).param("min", 1)
}

/// 400: fields of a form are at fault.
pub(super) fn invalid(errors: FieldErrors) -> Error {
    Error::invalid("An error occurred while validating the submitted data.", errors)
}

/// A mailed token that holds, and whose it is.
pub(super) struct Proof {
    pub record: StoredAuth,
    pub claims: Claims,
}

impl Auth {
    /// What a mailed token proves of a record of `collection`, or why it does not. It was sent for
    /// the address that the record has now, or it proves nothing.
    pub(super) async fn proof(
        &self,
        schema: &Schema,
        collection: &Collection,
        token: &str,
        kind: TokenType,
    ) -> Result<std::result::Result<Proof, Code>> {
        let named = token::peek(token).filter(|claims| claims.token_type == kind);
        let owner = named.and_then(|claims| {
            let owner = schema.find_by_id(&claims.collection_id)?;
            owner.auth().map(|_| (Arc::clone(owner), claims.id))
        });
        let Some((owner, id)) = owner else { return Ok(Err(Code::InvalidToken)) };
        let Some(record) = self.find(&owner, &id).await? else {
            return Ok(Err(Code::InvalidToken));
        };
        let (key, now) = (record.token_key.reveal(), self.clock.now());
        let Ok(claims) = token::verify(token, kind, &owner, &id, key, now) else {
            return Ok(Err(Code::InvalidToken));
        };
        if owner.id != collection.id {
            return Ok(Err(Code::TokenCollectionMismatch));
        }
        if claims.email.as_deref() != Some(&record.email) {
            return Ok(Err(Code::TokenEmailMismatch));
        }
        Ok(Ok(Proof { record, claims }))
    }

    /// Changes the record that a token proved, unless that was used up meanwhile: of two who come
    /// with the same token one is too late.
    pub(super) async fn amend_proved(
        &self,
        schema: Arc<Schema>,
        collection: Arc<Collection>,
        proved: &StoredAuth,
        changes: Vec<(&'static str, Value)>,
    ) -> Result<()> {
        let (id, key, email) = (&proved.id, &proved.token_key, &proved.email);
        let attempt = async |schema: Arc<Schema>, collection: Arc<Collection>| {
            let (records, changes) = (self.records.clone(), changes.clone());
            let (id, key, email) = (id.clone(), key.clone(), email.clone());
            let asked = Arc::clone(&schema);
            let write = move |tx: &Tx<'_>| {
                let read = select_by_id(tx.dialect(), &collection, &id);
                let now = tx.query_one(&read, StoredAuth::from_row)?;
                if !now.is_some_and(|now| now.token_key == key && now.email == email) {
                    return Err(bad_token(Code::InvalidToken));
                }
                records.amend(tx, &schema, &collection, &id, changes).map(drop)
            };
            self.records.write_under(&asked, write).await
        };
        self.records.under_one_schema(schema, collection, attempt).await
    }

    /// The record with this id.
    pub(super) async fn find(
        &self,
        collection: &Collection,
        id: &str,
    ) -> Result<Option<StoredAuth>> {
        let statement = select_by_id(self.store.dialect(), collection, id);
        let read = move |tx: &Tx<'_>| tx.query_one(&statement, StoredAuth::from_row);
        self.store.read(Cost::Bounded, read).await
    }
}

/// 400: the token is at fault.
pub(super) fn bad_token(code: Code) -> Error {
    invalid(FieldErrors::one("token", Issue::new(code)))
}
