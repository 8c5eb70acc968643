//! Sign-in with a password. An identity that does not exist costs what one that does costs.

use std::hash::BuildHasher as _;
use std::sync::Arc;

use serde::Deserialize;

use crate::auth::auth_record::{COLUMNS, StoredAuth};
use crate::auth::methods::AuthMethod;
use crate::auth::parts::Auth;
use crate::auth::sign_in::{Attempt, SignIn};
use crate::codes::Code;
use crate::crypto::{KEY_ALPHABET, Secret};
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::schema::index::Index;
use crate::schema::{AuthOptions, Collection, Schema, address};
use crate::sql::{Statement, find, write};
use crate::store::{Cost, Tx};

/// See [`Auth::with_password`].
pub const METHOD: AuthMethod =
    AuthMethod { name: "password", is_enabled: |options| options.password_auth.enabled };

/// Longest identity and longest password that are looked at.
const MAX_LENGTH: usize = 255;
/// Characters with which the search for a stand-in begins.
const STAND_IN_LENGTH: usize = 8;

/// The body of `auth-with-password`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PasswordForm {
    /// The value of an identity field.
    pub identity: String,
    /// The password.
    pub password: Secret,
    /// The one field to look at; empty for all.
    pub identity_field: String,
}

impl PasswordForm {
    /// The names of the form.
    pub const NAMES: &'static [&'static str] = &["identity", "password", "identityField"];

    fn check(&self, identity_fields: &[String]) -> Result<()> {
        let mut errors = FieldErrors::default();
        for (name, text) in [("identity", &*self.identity), ("password", self.password.reveal())] {
            if text.is_empty() {
                errors.add(name, Issue::new(Code::Required));
            } else if text.chars().count() > MAX_LENGTH {
                let message = "The length must be between 1 and 255.";
                let issue = Issue::with_message(Code::LengthOutOfRange, message);
                errors.add(name, issue.param("max", MAX_LENGTH).param("min", 1));
            }
        }
        let field = &self.identity_field;
        if !field.is_empty() && !identity_fields.contains(field) {
            errors.add("identityField", Issue::new(Code::InInvalid));
        }
        errors.into_result("An error occurred while validating the submitted data.")
    }
}

/// The row an identity was found in, and the hash of someone else for when it was not.
struct Candidate {
    found: Option<StoredAuth>,
    stand_in: Option<Secret>,
}

impl Auth {
    /// The options of a collection whose records may sign in with a password.
    ///
    /// # Errors
    /// 403 when they may not.
    pub fn require_password_auth<'c>(&self, collection: &'c Collection) -> Result<&'c AuthOptions> {
        collection.auth().filter(|options| (METHOD.is_enabled)(options)).ok_or_else(|| {
            Error::forbidden("The collection is not configured to allow password authentication.")
        })
    }

    /// Signs a record of `collection` in with identity and password.
    ///
    /// # Errors
    /// 403 when the collection does not offer this method or its auth rule refuses the record, 400
    /// for a wrong identity or password, 429 when too many sign in at once or too many tries
    /// failed.
    pub async fn with_password(
        &self,
        schema: Arc<Schema>,
        collection: Arc<Collection>,
        form: PasswordForm,
        attempt: &Attempt,
    ) -> Result<SignIn> {
        let options = self.require_password_auth(&collection)?;
        form.check(&options.password_auth.identity_fields)?;
        let (name, ip) = (&collection.id, &attempt.device.ip);
        let turn = self.brake.begin(name, &form.identity, ip, self.clock.now())?;
        let candidate = self.candidate(&collection, &form).await?;
        let Some(record) = self.matching(candidate, &form.password).await? else {
            turn.failed(self.clock.now());
            return Err(Error::bad_request("Failed to authenticate."));
        };
        turn.succeeded();
        let outcome = self.finish(&schema, &collection, &record, METHOD.name, attempt).await?;
        if matches!(outcome, SignIn::Done(_)) {
            self.renew_hash(&collection, &record, form.password).await;
        }
        Ok(outcome)
    }

    /// Reads the record of an identity, and a stand-in whether or not there is one.
    async fn candidate(
        &self,
        collection: &Arc<Collection>,
        form: &PasswordForm,
    ) -> Result<Candidate> {
        let dialect = self.store.dialect();
        let lookups: Vec<Statement> = identity_fields(collection, form)
            .into_iter()
            .map(|field| {
                let any_case = ignores_case(collection, field);
                let table = &collection.name;
                find::select_by_value(dialect, table, &COLUMNS, field, &form.identity, any_case)
            })
            .collect();
        // Token keys are random, have an index and are at no one's choice: the first one from an
        // arbitrary point on is an even draw among the records.
        let from = self.stand_in_point(&form.identity);
        let stand_ins = [from.as_str(), ""].map(|from| {
            find::select_from(dialect, &collection.name, &["password"], "tokenKey", from)
        });
        let read = move |tx: &Tx<'_>| {
            let hash = |row: &dyn crate::sql::Row| Ok(Secret::new(row.get(0).text()));
            let mut stand_in = None;
            for statement in &stand_ins {
                stand_in = stand_in.or(tx.query_one(statement, hash)?);
            }
            let mut found = None;
            for statement in &lookups {
                found = found.or(tx.query_one(statement, StoredAuth::from_row)?);
            }
            Ok(Candidate { found, stand_in })
        };
        self.store.read(Cost::Bounded, read).await
    }

    /// The record if the password is its own. Verifies one hash in every case: the hash of a
    /// stand-in for an unknown identity, which may be of either kind just as that of a known one.
    async fn matching(
        &self,
        candidate: Candidate,
        password: &Secret,
    ) -> Result<Option<StoredAuth>> {
        let usable = |hash: &Secret| !hash.is_empty();
        let own = candidate.found.filter(|record| usable(&record.password_hash));
        let hash = own.as_ref().map(|record| &record.password_hash);
        match hash.or(candidate.stand_in.as_ref().filter(|hash| usable(hash))) {
            Some(hash) => {
                let fits = self.passwords.verify(password.clone(), hash.reveal()).await?;
                Ok(own.filter(|_| fits))
            }
            None => {
                self.passwords.verify_nobody(password.clone()).await?;
                Ok(None)
            }
        }
    }

    /// A point between token keys: the same for the same identity until the next start.
    fn stand_in_point(&self, identity: &str) -> String {
        let mut rest = self.stand_ins.hash_one(identity);
        let mut draw = || {
            let letter = KEY_ALPHABET[(rest % KEY_ALPHABET.len() as u64) as usize];
            rest /= KEY_ALPHABET.len() as u64;
            char::from(letter)
        };
        (0..STAND_IN_LENGTH).map(|_| draw()).collect()
    }

    /// Replaces a hash of another kind, or of weaker parameters, by one of ours, now that the
    /// password is known. The token key stays: nobody else learned anything. A failure only means
    /// that the next sign-in tries again.
    async fn renew_hash(
        &self,
        collection: &Arc<Collection>,
        record: &StoredAuth,
        password: Secret,
    ) {
        if !self.passwords.needs_rehash(record.password_hash.reveal()) {
            return;
        }
        let renewed = async {
            let hash = self.passwords.hash(password).await?;
            let dialect = self.store.dialect();
            let id = record.id.as_str();
            let present = write::select_by_id(dialect, &collection.name, &["password"], id);
            let update = write::update(dialect, &collection.name, id, &[("password", hash.into())]);
            let before = record.password_hash.clone();
            let swap = move |tx: &Tx<'_>| {
                let now = tx.query_one(&present, |row| Ok(Secret::new(row.get(0).text())))?;
                if now.is_some_and(|now| now == before) {
                    tx.execute(&update)?;
                }
                Ok(())
            };
            self.store.write(swap).await
        };
        if let Err(error) = renewed.await {
            tracing::warn!(%error, collection = collection.name, "a hash could not be renewed");
        }
    }
}

/// The fields to look the identity up in: the wanted one, else the address first if it can be one.
fn identity_fields<'c>(collection: &'c Collection, form: &PasswordForm) -> Vec<&'c str> {
    let Some(options) = collection.auth() else { return Vec::new() };
    let all = options.password_auth.identity_fields.iter().map(String::as_str);
    if !form.identity_field.is_empty() {
        return all.filter(|field| *field == form.identity_field).collect();
    }
    let is_address = address::is_email(&form.identity);
    let mut fields: Vec<&str> = all.filter(|field| *field != "email" || is_address).collect();
    fields.sort_by_key(|field| *field != "email");
    fields
}

/// Whether the unique index of a field takes `Ada` and `ada` for one.
pub(in crate::auth) fn ignores_case(collection: &Collection, field: &str) -> bool {
    let indexes = collection.indexes.iter().filter_map(|text| Index::parse(text));
    let mut own = indexes.filter(|index| index.is_unique && index.unique_column() == Some(field));
    own.any(|index| index.columns[0].collation.eq_ignore_ascii_case("NOCASE"))
}

#[cfg(test)]
mod tests;
