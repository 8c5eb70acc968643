//! Superusers without a request: for the command line, the first start and the set-up link.

use std::sync::Arc;
use std::time::Duration;

use crate::auth::auth_record::{COLUMNS, StoredAuth};
use crate::auth::claims::Claims;
use crate::auth::{one_time_code, token};
use crate::changes::Action;
use crate::clock::{Clock, DateTime};
use crate::codes::Code;
use crate::crypto::{self, KEY_ALPHABET, PasswordPool, Secret};
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::records::{INSTALLER_EMAIL, Records, check_policy, forget_sessions};
use crate::schema::system::{AUTH_ORIGINS, MFAS, OTPS, SUPERUSERS, TOTP};
use crate::schema::{Collection, Field, FieldType, Schema, SchemaCache, address};
use crate::sql::{Value, find, write};
use crate::store::{Cost, Store, StoreError, Tx};

/// How long a set-up link works.
const SET_UP_LIFETIME: Duration = Duration::from_secs(30 * 60);
const TOKEN_KEY_LENGTH: usize = 50;
const INSTALLER_PASSWORD_LENGTH: usize = 30;

/// Makes, changes and deletes superusers.
#[derive(Clone)]
pub struct Superusers {
    store: Store,
    schema: Arc<SchemaCache>,
    clock: Clock,
    passwords: PasswordPool,
    records: Records,
}

/// A one-time password, shown once.
pub struct OneTimePassword {
    /// Names it at sign-in.
    pub id: String,
    /// The digits.
    pub password: Secret,
    /// Seconds it is valid.
    pub duration_secs: i64,
}

/// What one write does; made before the write is queued.
#[derive(Clone)]
struct Draft {
    records: Records,
    schema: Arc<Schema>,
    collection: Arc<Collection>,
    email: String,
    hash: Secret,
    now: DateTime,
}

impl Superusers {
    /// Superusers of `store`.
    pub fn new(
        store: Store,
        schema: Arc<SchemaCache>,
        clock: Clock,
        passwords: PasswordPool,
        records: Records,
    ) -> Self {
        Self { store, schema, clock, passwords, records }
    }

    /// Makes a superuser.
    ///
    /// # Errors
    /// 400 with the fields at fault: no address, taken, or a password against the rules.
    pub async fn create(&self, email: &str, password: Secret) -> Result<()> {
        let draft = self.draft(email, password).await?;
        self.store.write(move |tx| draft.create(tx)).await
    }

    /// Changes the password of a superuser, which ends all their tokens.
    ///
    /// # Errors
    /// 404 when there is no such superuser, 400 for a password against the rules.
    pub async fn update(&self, email: &str, password: Secret) -> Result<()> {
        if self.find(email).await?.is_none() {
            return Err(missing(email));
        }
        let draft = self.draft(email, password).await?;
        let changed = self.store.write(move |tx| draft.update(tx)).await?;
        if changed { Ok(()) } else { Err(missing(email)) }
    }

    /// Makes a superuser, or changes the password of the one there is.
    ///
    /// # Errors
    /// 400 with the fields at fault.
    pub async fn upsert(&self, email: &str, password: Secret) -> Result<()> {
        let draft = self.draft(email, password).await?;
        let save = move |tx: &Tx<'_>| {
            if draft.update(tx)? { Ok(()) } else { draft.create(tx) }
        };
        self.store.write(save).await
    }

    /// Deletes a superuser; false when there is none of this address.
    ///
    /// # Errors
    /// 400 for the last one.
    pub async fn delete(&self, email: &str) -> Result<bool> {
        let (schema, collection) = self.collection()?;
        let email = email.to_owned();
        let records = self.records.clone();
        let delete = move |tx: &Tx<'_>| {
            let Some(id) = find_id(tx, &email)? else { return Ok(false) };
            let other = find::select_other(tx.dialect(), SUPERUSERS, &["id"], "id", &id);
            if tx.query_one(&other, |_| Ok(()))?.is_none() {
                let message = "You can't delete the only existing superuser.";
                return Err(Error::bad_request(message));
            }
            records.delete_in(tx, &schema, &collection, &id)?;
            Ok(true)
        };
        self.store.write(delete).await
    }

    /// Makes a one-time password for a superuser.
    ///
    /// # Errors
    /// 404 when there is no such superuser, 400 when one-time passwords are off.
    pub async fn one_time_password(&self, email: &str) -> Result<OneTimePassword> {
        let record = self.find(email).await?.ok_or_else(|| missing(email))?;
        let (_, collection) = self.collection()?;
        let options = collection.auth().map(|options| &options.otp).filter(|otp| otp.enabled);
        let options = options.ok_or_else(|| {
            Error::bad_request("OTP auth is not enabled for the _superusers collection")
        })?;
        let password = one_time_code::draw(options.length);
        let hash = self.passwords.hash(password.clone()).await?;
        let (id, now) = (crypto::random_id(), self.clock.now());
        let row = one_time_code::row(&id, &collection.id, &record.id, &hash, "", now);
        let dialect = self.store.dialect();
        let insert = write::insert(dialect, OTPS, &row);
        self.store.write(move |tx| Ok(tx.execute(&insert).map(drop)?)).await?;
        Ok(OneTimePassword { id, password, duration_secs: options.duration })
    }

    /// Removes the authenticator app of a superuser; false when there is none.
    ///
    /// # Errors
    /// 404 when there is no such superuser.
    pub async fn remove_app(&self, email: &str) -> Result<bool> {
        let record = self.find(email).await?.ok_or_else(|| missing(email))?;
        let (_, collection) = self.collection()?;
        let owner = [
            ("collectionRef", Value::from(collection.id.as_str())),
            ("recordRef", Value::from(record.id)),
        ];
        let delete = write::delete_where(self.store.dialect(), TOTP, &owner);
        self.store.write(move |tx| Ok(tx.execute(&delete)? > 0)).await
    }

    /// True when anybody but the set-up account is a superuser.
    ///
    /// # Errors
    /// The store fails.
    pub async fn any(&self) -> Result<bool> {
        let dialect = self.store.dialect();
        let other = find::select_other(dialect, SUPERUSERS, &["id"], "email", INSTALLER_EMAIL);
        let read = move |tx: &Tx<'_>| Ok(tx.query_one(&other, |_| Ok(()))?.is_some());
        self.store.read(Cost::Bounded, read).await
    }

    /// Makes the first superuser where there is none; true when it did.
    ///
    /// # Errors
    /// 400 with the fields at fault.
    pub async fn create_first(&self, email: &str, password: Secret) -> Result<bool> {
        if self.any().await? {
            return Ok(false);
        }
        self.create(email, password).await.map(|()| true)
    }

    /// A token for the set-up page while there is no superuser; `None` once there is one.
    ///
    /// It signs the set-up account in for half an hour, cannot be refreshed, and makes any link
    /// that was given out before worthless.
    ///
    /// # Errors
    /// The store fails.
    pub async fn set_up_token(&self) -> Result<Option<Secret>> {
        if self.any().await? {
            return Ok(None);
        }
        let password = crypto::random_text(INSTALLER_PASSWORD_LENGTH, KEY_ALPHABET);
        let draft = self.draft(INSTALLER_EMAIL, Secret::new(password)).await?;
        let collection = Arc::clone(&draft.collection);
        let renew = move |tx: &Tx<'_>| {
            if !draft.update(tx)? {
                draft.create(tx)?;
            }
            find_record(tx, INSTALLER_EMAIL)?.ok_or_else(Error::not_found)
        };
        let record = self.store.write(renew).await?;
        let expires = self.clock.now().after(SET_UP_LIFETIME);
        let claims = Claims::sign_in(&collection.id, &record.id, expires, false);
        let token = token::sign(&claims, &collection, record.token_key.reveal())?;
        Ok(Some(Secret::new(token)))
    }

    fn collection(&self) -> Result<(Arc<Schema>, Arc<Collection>)> {
        let schema = self.schema.load();
        let collection = schema.find_by_name(SUPERUSERS).cloned();
        let collection =
            collection.ok_or_else(|| Error::internal("the _superusers collection is missing"))?;
        Ok((schema, collection))
    }

    async fn find(&self, email: &str) -> Result<Option<StoredAuth>> {
        let email = email.to_owned();
        self.store.read(Cost::Bounded, move |tx| find_record(tx, &email)).await
    }

    /// Checks address and password, then hashes.
    async fn draft(&self, email: &str, password: Secret) -> Result<Draft> {
        let (schema, collection) = self.collection()?;
        check(&collection, email, &password)?;
        let hash = Secret::new(self.passwords.hash(password).await?);
        let (records, now) = (self.records.clone(), self.clock.now());
        Ok(Draft { records, schema, collection, email: email.to_owned(), hash, now })
    }
}

impl Draft {
    fn create(&self, tx: &Tx<'_>) -> Result<()> {
        let id = crypto::ordered_id(self.now);
        let values: Vec<(&str, Value)> = self
            .collection
            .fields
            .iter()
            .map(|field| (field.name.as_str(), self.value(field, &id)))
            .collect();
        let insert = write::insert(tx.dialect(), SUPERUSERS, &values);
        tx.execute(&insert).map_err(refused)?;
        if self.email != INSTALLER_EMAIL {
            let key = [("email", Value::from(INSTALLER_EMAIL))];
            tx.execute(&write::delete_where(tx.dialect(), SUPERUSERS, &key))?;
        }
        self.tell(tx, &id, Action::Create)
    }

    fn tell(&self, tx: &Tx<'_>, id: &str, action: Action) -> Result<()> {
        self.records.tell_written(tx, &self.schema, &self.collection, id, action)
    }

    fn value(&self, field: &Field, id: &str) -> Value {
        match (field.name.as_str(), &field.kind) {
            ("id", _) => Value::from(id),
            ("email", _) => Value::from(self.email.as_str()),
            ("verified", _) => Value::from(true),
            ("password", _) => Value::from(self.hash.reveal()),
            ("tokenKey", _) => Value::from(new_token_key()),
            (_, FieldType::Autodate(auto)) if auto.on_create => Value::from(self.now.to_string()),
            (_, kind) => kind.zero(),
        }
    }

    /// Sets the password; false when there is no such superuser.
    fn update(&self, tx: &Tx<'_>) -> Result<bool> {
        let Some(id) = find_id(tx, &self.email)? else { return Ok(false) };
        let mut changes = vec![
            ("password", Value::from(self.hash.reveal())),
            ("tokenKey", Value::from(new_token_key())),
        ];
        for field in &self.collection.fields {
            if matches!(&field.kind, FieldType::Autodate(auto) if auto.on_update) {
                changes.push((field.name.as_str(), Value::from(self.now.to_string())));
            }
        }
        tx.execute(&write::update(tx.dialect(), SUPERUSERS, &id, &changes))?;
        for name in [MFAS, AUTH_ORIGINS, OTPS] {
            if self.schema.find_by_name(name).is_some() {
                let key = [
                    ("collectionRef", Value::from(self.collection.id.as_str())),
                    ("recordRef", Value::from(id.as_str())),
                ];
                tx.execute(&write::delete_where(tx.dialect(), name, &key))?;
            }
        }
        forget_sessions(tx, &self.collection, &id)?;
        self.tell(tx, &id, Action::Update)?;
        Ok(true)
    }
}

fn new_token_key() -> String {
    crypto::random_text(TOKEN_KEY_LENGTH, KEY_ALPHABET)
}

fn check(collection: &Collection, email: &str, password: &Secret) -> Result<()> {
    let mut errors = FieldErrors::default();
    if !address::is_email(email) {
        errors.add("email", Issue::new(Code::IsEmail));
    }
    let field = collection.field("password");
    if let Some(Err(issue)) = field.map(|field| field.validate(&Value::from(password.reveal()))) {
        errors.add("password", issue);
    }
    if let Err(issue) = check_policy(collection, password.reveal()) {
        errors.add("password", issue);
    }
    errors.into_result("Failed to save the superuser.")
}

fn refused(failure: StoreError) -> Error {
    if matches!(failure, StoreError::Unique { .. }) {
        let errors = FieldErrors::one("email", Issue::new(Code::NotUnique));
        return Error::invalid("Failed to save the superuser.", errors).with_source(failure);
    }
    failure.into()
}

fn missing(email: &str) -> Error {
    let message = format!("superuser with email \"{email}\" doesn't exist");
    Error::new(crate::error::Kind::NotFound, message)
}

fn find_record(tx: &Tx<'_>, email: &str) -> Result<Option<StoredAuth>> {
    let statement =
        find::select_by_value(tx.dialect(), SUPERUSERS, &COLUMNS, "email", email, false);
    tx.query_one(&statement, StoredAuth::from_row)
}

fn find_id(tx: &Tx<'_>, email: &str) -> Result<Option<String>> {
    Ok(find_record(tx, email)?.map(|record| record.id))
}

#[cfg(test)]
mod tests;
