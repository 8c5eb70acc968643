//! Changes a record: stored row, modifiers, rule, checks and write, all in one savepoint.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::changes::Action;
use crate::clock::DateTime;
use crate::codes::Code;
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::query::{Access, ExpandNode, RequestContext, Source};
use crate::records::auth_form::{self, Passwords};
use crate::records::checks::{self, Proposal};
use crate::records::input::{as_cast, cast_into, resolve_modifiers, without_hidden};
use crate::records::load::{Record, Scope, find};
use crate::records::owners::check_owner;
use crate::records::parts::Records;
use crate::records::save::{
    check_fields, check_relations, is_manager, passes, refused, stamp, with_body,
};
use crate::records::shape::Audience;
use crate::records::typed::Typed;
use crate::records::uploads::{Input, Sent, Uploads, check_files};
use crate::schema::{Collection, FieldType, RuleSlot, Schema};
use crate::sql::{Value, write};
use crate::store::{Cost, Tx};

const FAILED: &str = "Failed to update record.";

/// An update that is about to be made.
#[derive(Clone)]
pub(crate) struct Change {
    records: Records,
    schema: Arc<Schema>,
    collection: Arc<Collection>,
    id: String,
    body: Map<String, Json>,
    cx: RequestContext,
    uploads: Uploads,
    passwords: Passwords,
    hashed: Hashed,
    typed: Typed,
}

/// What hashing found out before the write was queued.
#[derive(Clone, Default)]
struct Hashed {
    /// The stored hash that the old password was tried against.
    against: Option<String>,
    old_password_fits: bool,
    hashes: Vec<(usize, String)>,
}

/// A row that the update rule opens, what is to become of it, and the request as rules see it.
struct Allowed {
    before: Vec<Value>,
    values: Vec<Value>,
    cx: RequestContext,
}

/// The row before and after, all checks passed.
struct Checked {
    before: Vec<Value>,
    values: Vec<Value>,
}

impl Records {
    /// Changes a record and answers its JSON.
    ///
    /// # Errors
    /// 403 where the update rule is for superusers only; 404 when the record is missing or hidden
    /// by the rule; 400 when fields are at fault.
    pub async fn update(
        &self,
        schema: Arc<Schema>,
        collection: Arc<Collection>,
        id: String,
        input: impl Into<Input>,
        expand: Vec<ExpandNode>,
        cx: RequestContext,
    ) -> Result<Vec<u8>> {
        let sent = Uploads::take(&collection, input.into());
        let attempt = async |schema: Arc<Schema>, collection: Arc<Collection>| {
            let (sent, cx) = (sent.clone(), cx.clone());
            let change = self.change(Arc::clone(&schema), collection, id.clone(), sent, cx)?;
            let change = change.proved().await?;
            if !change.passwords.is_empty() || !change.uploads.is_empty() {
                // Hashing and storing are dear: first see whether the rest would pass.
                let tried = change.clone();
                let check = move |tx: &Tx<'_>| tried.checked(tx).map(drop);
                self.store.read(Cost::Bounded, check).await?;
            }
            let (change, expand) = (change.hashed().await?.placed().await?, expand.clone());
            self.write_under(&schema, move |tx| change.write(tx, &expand)).await
        };
        self.under_one_schema(schema, collection, attempt).await
    }

    /// What a body asks of a stored record, before any row is looked at.
    pub(crate) fn change(
        &self,
        schema: Arc<Schema>,
        collection: Arc<Collection>,
        id: String,
        (body, uploads): Sent,
        cx: RequestContext,
    ) -> Result<Change> {
        if collection.is_view() {
            return Err(Error::bad_request("Unsupported collection type."));
        }
        if !cx.caller.is_superuser() && collection.rule(RuleSlot::Update).is_none() {
            return Err(Error::superusers_only());
        }
        let body = without_hidden(&collection, body, cx.caller.is_superuser());
        let passwords = auth_form::sent_passwords(&collection, &body);
        let (records, hashed, typed) = (self.clone(), Hashed::default(), Typed::default());
        Ok(Change { records, schema, collection, id, body, cx, uploads, passwords, hashed, typed })
    }
}

impl Change {
    /// The change among others of one transaction.
    pub(crate) fn among(self, typed: &Typed) -> Self {
        Self { typed: typed.clone(), ..self }
    }

    /// True when there is something to hash.
    pub(crate) fn has_passwords(&self) -> bool {
        !self.passwords.is_empty()
    }

    /// The change with the old password tried, if one was sent. A record that is not there, or
    /// not open to the caller, leaves it unproved; the write will say so.
    pub(crate) async fn proved(mut self) -> Result<Self> {
        let old = auth_form::old_password(&self.body).filter(|_| self.collection.auth().is_some());
        let Some(old) = old else { return Ok(self) };
        let asking = self.clone();
        let stored = self
            .records
            .store
            .read(Cost::Bounded, move |tx| {
                let allowed = asking.allowed(tx)?;
                Ok(asking.password_of(&allowed.before).map(str::to_owned))
            })
            .await;
        let Ok(Some(stored)) = stored else { return Ok(self) };
        self.hashed.old_password_fits = self.records.passwords.verify(old, stored.as_str()).await?;
        self.hashed.against = Some(stored);
        Ok(self)
    }

    /// The change with these hashes of its passwords.
    pub(crate) fn with_hashes(mut self, hashes: Vec<(usize, String)>) -> Self {
        self.hashed.hashes = hashes;
        self
    }

    /// The change with its new passwords hashed.
    pub(crate) async fn hashed(mut self) -> Result<Self> {
        self.hashed.hashes = self.records.hash_all(&self.passwords).await?;
        Ok(self)
    }

    /// The change with its files where those of the record are.
    pub(crate) async fn placed(self) -> Result<Self> {
        self.uploads.place(&self.collection, &self.id).await?;
        Ok(self)
    }

    /// The stored record, if there is one that the update rule opens, and what it would become.
    fn allowed(&self, tx: &Tx<'_>) -> Result<Allowed> {
        let shape = self.records.shape(&self.collection, Audience::Internal);
        let record = find(tx, &shape, &self.id, Vec::new())?.ok_or_else(Error::not_found)?;
        let body = self.resolved(&record);
        let before = record.into_values();
        let mut values = before.clone();
        cast_into(&self.collection, &body, &mut values);
        let cx = with_body(self.cx.clone(), as_cast(&self.collection, body, &values));
        let access =
            Scope { schema: &self.schema, cx: &cx }.access(&self.collection, RuleSlot::Update)?;
        let opens = match access {
            Access::Allow => true,
            Access::Deny => return Err(Error::superusers_only()),
            access @ Access::Where(_) => {
                passes(tx, &self.collection, access, Source::Table, &self.id)?
            }
        };
        if opens { Ok(Allowed { before, values, cx }) } else { Err(Error::not_found()) }
    }

    fn resolved(&self, record: &Record) -> Map<String, Json> {
        let stored = |field: &crate::schema::Field| {
            record.get(&field.name).cloned().unwrap_or_else(|| field.kind.zero())
        };
        resolve_modifiers(&self.collection, stored, self.body.clone())
    }

    fn checked(&self, tx: &Tx<'_>) -> Result<Checked> {
        let Allowed { before, mut values, cx } = self.allowed(tx)?;
        let scope = Scope { schema: &self.schema, cx: &cx };
        let manages = is_manager(tx, scope, &self.collection, Source::Table, &self.id)?;
        clear_passwords(&self.collection, &cx.body, &mut values);
        auth_form::keep_superusers_verified(&self.collection, &mut values);
        let old_fits = Some(self.still_fits(&before));
        auth_form::check_form(
            &self.collection,
            &cx.body,
            &values,
            Some(&before),
            manages,
            old_fits,
        )
        .into_result(FAILED)?;
        let mut errors = FieldErrors::default();
        check_files(&self.collection, &self.uploads, Some(&before), &values, &mut errors);
        check_fields(&self.collection, &values, &mut errors);
        auth_form::check_passwords(&self.collection, &self.passwords, Some(&values), &mut errors);
        if let Some(id) = self.collection.fields.iter().position(|field| field.name == "id")
            && before[id] != values[id]
        {
            errors = FieldErrors::one("id", Issue::new(Code::PkChange));
        }
        check_relations(tx, &self.schema, &self.collection, Some(&before), &values, &mut errors)?;
        check_owner(tx, &self.schema, &self.collection, &values, &mut errors)?;
        let (schema, collection, stored) = (&self.schema, &self.collection, Some(&*before));
        let proposal = Proposal { schema, collection, before: stored, values: &values };
        checks::run(&self.records.checks, proposal, &mut errors);
        errors.into_result(FAILED)?;
        Ok(Checked { before, values })
    }

    /// What was found out about the old password holds only for the hash it was tried against.
    fn still_fits(&self, before: &[Value]) -> bool {
        if let Some(typed) = self.typed.find(&self.collection, &self.id) {
            return auth_form::old_password(&self.body).is_some_and(|old| old == typed);
        }
        let stored = self.password_of(before);
        self.hashed.old_password_fits && stored == self.hashed.against.as_deref()
    }

    /// The stored hash of a record that signs in.
    fn password_of<'v>(&self, values: &'v [Value]) -> Option<&'v str> {
        let position = self.collection.fields.iter().position(|field| field.name == "password");
        position.map(|i| values[i].text())
    }

    /// Checks and writes the change, and answers the record's JSON.
    pub(crate) fn write(mut self, tx: &Tx<'_>, expand: &[ExpandNode]) -> Result<Vec<u8>> {
        let values = self.written(tx)?;
        let scope = Scope { schema: &self.schema, cx: &self.cx };
        let shape = self.records.shape(&self.collection, scope.audience());
        let record = Record::from_values(&shape, &values);
        self.records.present_one(tx, scope, record, expand)
    }

    /// Checks and writes the change, and answers the values that are stored now.
    pub(crate) fn written(&mut self, tx: &Tx<'_>) -> Result<Vec<Value>> {
        let Checked { before, mut values } = self.checked(tx)?;
        for (field, hash) in std::mem::take(&mut self.hashed.hashes) {
            values[field] = Value::Text(hash);
        }
        store_changed(tx, &self.schema, &self.collection, &before, &mut values, self.cx.now)?;
        self.typed.note(&self.collection, &self.id, &self.passwords);
        let files = &self.records.files;
        self.uploads.settle(tx, files, &self.collection, Some(&before), &values)?;
        let (changes, action) = (&self.records.changes, Action::Update);
        changes.written(tx, &self.schema, &self.collection, &self.id, action, || values.clone())?;
        Ok(values)
    }
}

/// Writes what differs between the two rows, and what follows from it for those who signed in.
pub(crate) fn store_changed(
    tx: &Tx<'_>,
    schema: &Schema,
    collection: &Collection,
    before: &[Value],
    values: &mut [Value],
    now: DateTime,
) -> Result<()> {
    auth_form::rotate_token_key(collection, before, values);
    auth_form::on_verified(tx, schema, collection, before, values)?;
    stamp(collection, values, now, false);
    let names = collection.fields.iter().map(|field| field.name.as_str());
    let changes: Vec<(&str, Value)> = names
        .zip(values.iter())
        .zip(before)
        .filter(|((_, value), before)| value != before)
        .map(|((name, value), _)| (name, value.clone()))
        .collect();
    let id = collection.fields.iter().position(|field| field.name == "id");
    if let Some(id) = id.filter(|_| !changes.is_empty()) {
        let update = write::update(tx.dialect(), &collection.name, before[id].text(), &changes);
        tx.execute(&update).map_err(|failure| refused(collection, failure, FAILED))?;
    }
    auth_form::after_update(tx, schema, collection, before, values)
}

/// An empty password clears its field, which a required one then refuses.
fn clear_passwords(collection: &Collection, body: &Map<String, Json>, values: &mut [Value]) {
    for (field, value) in collection.fields.iter().zip(values) {
        let clears = matches!(field.kind, FieldType::Password(_))
            && body.get(&field.name).is_some_and(|sent| field.kind.cast(sent).text().is_empty());
        if clears {
            *value = Value::from("");
        }
    }
}
