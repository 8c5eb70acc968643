//! Whose record somebody from another service is: linked before, signed in already, of the same
//! proved address, or nobody's yet.

use std::sync::Arc;

use crate::auth::auth_record::{COLUMNS, StoredAuth, select_by_id};
use crate::auth::oauth2::profile::Profile;
use crate::changes::Action;
use crate::clock::DateTime;
use crate::codes::Code;
use crate::crypto::{self, KEY_ALPHABET, Secret};
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::records::{Records, forget_sessions};
use crate::schema::system::{AUTH_ORIGINS, EXTERNAL_AUTHS, MFAS, OTPS, TOTP};
use crate::schema::{Collection, FieldType, Schema};
use crate::sql::{Value, find, write};
use crate::store::{StoreError, Tx};

const TOKEN_KEY_LENGTH: usize = 50;
const FAILED: &str = "Failed to authenticate.";

/// Somebody of a service who wants to sign in to a collection.
#[derive(Clone)]
pub struct Visitor {
    /// Where records are made.
    pub records: Records,
    /// The schema that holds `collection`.
    pub schema: Arc<Schema>,
    /// Where they sign in.
    pub collection: Arc<Collection>,
    /// The service.
    pub provider: &'static str,
    /// Who they are there.
    pub profile: Arc<Profile>,
    /// The record of the collection that is signed in already.
    pub signed_in: Option<String>,
    /// When they came.
    pub now: DateTime,
}

/// The record a visitor has, and how that shows.
pub struct Owned {
    record: StoredAuth,
    /// The row that links it to the service's account.
    link: Option<String>,
}

/// What signing in changes of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Upgrade {
    record: String,
    /// The link there is.
    link: Option<String>,
    /// Its first address.
    email: Option<String>,
    becomes_verified: bool,
    /// Whoever made the account did not prove its address: their password must not work on.
    pub takes_password: bool,
    /// Whoever linked other services did not prove it either.
    drops_links: bool,
}

impl Upgrade {
    /// The record that changes.
    pub fn record(&self) -> &str {
        &self.record
    }
}

impl Visitor {
    /// Looks for the visitor's record.
    pub fn find(&self, tx: &Tx<'_>) -> Result<Option<Owned>> {
        let (dialect, collection) = (tx.dialect(), &self.collection);
        let by_id =
            |id: &str| tx.query_one(&select_by_id(dialect, collection, id), StoredAuth::from_row);
        let key = [
            ("collectionRef", Value::from(collection.id.as_str())),
            ("provider", Value::from(self.provider)),
            ("providerId", Value::from(self.profile.id.as_str())),
        ];
        let links = find::select_where(dialect, EXTERNAL_AUTHS, &["id", "recordRef"], &key);
        let link = tx.query_one(&links, |row| {
            Ok((row.get(0).text().to_owned(), row.get(1).text().to_owned()))
        })?;
        if let Some((link, id)) = link
            && let Some(record) = by_id(&id)?
        {
            return Ok(Some(Owned { record, link: Some(link) }));
        }
        if let Some(id) = &self.signed_in {
            let record = by_id(id)?.ok_or_else(|| Error::bad_request(FAILED))?;
            return Ok(Some(Owned { record, link: None }));
        }
        let email = self.profile.email.as_str();
        if email.is_empty() {
            return Ok(None);
        }
        let name = &collection.name;
        let same = find::select_by_value(dialect, name, &COLUMNS, "email", email, false);
        let record = tx.query_one(&same, StoredAuth::from_row)?;
        Ok(record.map(|record| Owned { record, link: None }))
    }

    /// What signing in to this record changes of it.
    pub fn upgrade(&self, owned: &Owned) -> Upgrade {
        let Owned { record, link } = owned;
        let email = self.profile.email.as_str();
        let is_self = self.signed_in.as_ref() == Some(&record.id);
        let has_proved = !email.is_empty() && record.email == email;
        let becomes_verified = !record.verified && (has_proved || record.email.is_empty());
        Upgrade {
            record: record.id.clone(),
            link: link.clone(),
            email: (record.email.is_empty() && !email.is_empty()).then(|| email.to_owned()),
            becomes_verified,
            takes_password: !record.verified && has_proved && !is_self,
            drops_links: !record.verified && (becomes_verified || link.is_none()),
        }
    }

    /// Does what [`Visitor::upgrade`] said, unless the record is another by now: then false.
    pub fn apply(&self, tx: &Tx<'_>, planned: &Upgrade, password: Option<&Secret>) -> Result<bool> {
        let now = self.find(tx)?.map(|owned| self.upgrade(&owned));
        if now.as_ref() != Some(planned) {
            return Ok(false);
        }
        let has_dropped = planned.drops_links && self.drop_links(tx, planned)?;
        if planned.link.is_none() {
            self.link(tx, &planned.record)?;
        }
        self.change(tx, planned, password, has_dropped)?;
        Ok(true)
    }

    /// Links a record to the service's account.
    pub fn link(&self, tx: &Tx<'_>, record: &str) -> Result<()> {
        let links = self.links()?;
        let (id, now) = (crypto::ordered_id(self.now), self.now.to_string());
        let row = [
            ("id", Value::from(id.as_str())),
            ("collectionRef", Value::from(self.collection.id.as_str())),
            ("recordRef", Value::from(record)),
            ("provider", Value::from(self.provider)),
            ("providerId", Value::from(self.profile.id.as_str())),
            ("created", Value::from(now.as_str())),
            ("updated", Value::from(now.as_str())),
        ];
        // A row that a record left behind would stand in the way for ever.
        let stale = [row[1].clone(), row[3].clone(), row[4].clone()];
        tx.execute(&write::delete_where(tx.dialect(), EXTERNAL_AUTHS, &stale))?;
        tx.execute(&write::insert(tx.dialect(), EXTERNAL_AUTHS, &row)).map_err(taken)?;
        self.records.tell_written(tx, &self.schema, links, &id, Action::Create)
    }

    fn links(&self) -> Result<&Arc<Collection>> {
        let found = self.schema.find_by_name(EXTERNAL_AUTHS);
        found.ok_or_else(|| Error::internal("the _externalAuths collection is missing"))
    }

    /// Removes the record's links, but for the one it is signed in by; true when there were any.
    fn drop_links(&self, tx: &Tx<'_>, planned: &Upgrade) -> Result<bool> {
        let links = self.links()?;
        let key = [
            ("collectionRef", Value::from(self.collection.id.as_str())),
            ("recordRef", Value::from(planned.record.as_str())),
        ];
        let all = find::select_where(tx.dialect(), EXTERNAL_AUTHS, &["id"], &key);
        let mut ids = Vec::new();
        tx.query(&all, |row| {
            ids.push(row.get(0).text().to_owned());
            Ok(())
        })?;
        ids.retain(|id| planned.link.as_ref() != Some(id));
        for id in &ids {
            self.records.delete_in(tx, &self.schema, links, id)?;
        }
        Ok(!ids.is_empty())
    }

    fn change(
        &self,
        tx: &Tx<'_>,
        planned: &Upgrade,
        password: Option<&Secret>,
        has_dropped: bool,
    ) -> Result<()> {
        let mut changes: Vec<(&str, Value)> = Vec::new();
        if let Some(email) = &planned.email {
            changes.push(("email", Value::from(email.as_str())));
        }
        if planned.becomes_verified {
            changes.push(("verified", Value::from(true)));
        }
        if planned.takes_password {
            let hash = password.ok_or_else(|| Error::internal("the password was not made"))?;
            changes.push(("password", Value::from(hash.reveal())));
        }
        let was_hijacked = planned.becomes_verified && has_dropped;
        let rotates = planned.takes_password || planned.email.is_some() || was_hijacked;
        if rotates {
            let key = crypto::random_text(TOKEN_KEY_LENGTH, KEY_ALPHABET);
            changes.push(("tokenKey", Value::Text(key)));
        }
        if changes.is_empty() {
            return Ok(());
        }
        for field in &self.collection.fields {
            if matches!(&field.kind, FieldType::Autodate(auto) if auto.on_update) {
                changes.push((field.name.as_str(), Value::from(self.now.to_string())));
            }
        }
        let update = write::update(tx.dialect(), &self.collection.name, &planned.record, &changes);
        tx.execute(&update).map_err(taken)?;
        // An authenticator app of whoever held the account would keep its owner out.
        let void: [(bool, &[&str]); 2] =
            [(planned.takes_password, &[MFAS, AUTH_ORIGINS, TOTP]), (rotates, &[OTPS])];
        for name in void.iter().filter(|(is_void, _)| *is_void).flat_map(|(_, names)| *names) {
            let key = [
                ("collectionRef", Value::from(self.collection.id.as_str())),
                ("recordRef", Value::from(planned.record.as_str())),
            ];
            tx.execute(&write::delete_where(tx.dialect(), name, &key))?;
        }
        if rotates {
            forget_sessions(tx, &self.collection, &planned.record)?;
        }
        let (schema, collection) = (&self.schema, &self.collection);
        self.records.tell_written(tx, schema, collection, &planned.record, Action::Update)
    }
}

/// What a unique index refuses: another account of the service is linked, or another record has the
/// address.
fn taken(failure: StoreError) -> Error {
    let StoreError::Unique { columns, .. } = &failure else { return failure.into() };
    let mut errors = FieldErrors::default();
    for (_, column) in columns {
        errors.add(column.clone(), Issue::new(Code::NotUnique));
    }
    Error::invalid(FAILED, errors).with_source(failure)
}
