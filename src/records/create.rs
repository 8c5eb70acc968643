//! Makes a record: the rule judges the row to be, then the fields are checked, then it is written.

use std::sync::Arc;

use crate::changes::Action;
use crate::clock::DateTime;
use crate::crypto::{self, Secret};
use crate::error::{Error, FieldErrors, Result};
use crate::query::{Access, ExpandNode, RequestContext, Source};
use crate::records::auth_form::{self, Passwords};
use crate::records::checks::{self, Proposal};
use crate::records::input::{as_cast, cast_into, resolve_modifiers, without_hidden};
use crate::records::load::{Record, Scope};
use crate::records::owners::check_owner;
use crate::records::parts::Records;
use crate::records::save::{
    check_auth_id, check_fields, check_own_id, check_relations, is_manager, passes, refused, row,
    stamp, with_body,
};
use crate::records::typed::Typed;
use crate::records::uploads::{Input, Sent, Uploads, check_files};
use crate::schema::{Collection, FieldType, RuleSlot, Schema};
use crate::sql::{Value, write};
use crate::store::{Cost, Tx};

/// Ids of this pattern are ordered by time, which halves the cost of a write.
const DEFAULT_ID_PATTERN: &str = "[a-z0-9]{15}";
const FAILED: &str = "Failed to create record.";
/// Stands for the id while the create rule is judged, when the client sent none.
const ID_TO_BE: &str = "__gr_id_to_be__";

/// A record that is about to be made.
#[derive(Clone)]
pub(crate) struct Draft {
    records: Records,
    schema: Arc<Schema>,
    collection: Arc<Collection>,
    cx: RequestContext,
    /// In the order of the collection's fields.
    values: Vec<Value>,
    has_own_id: bool,
    /// Made early where files must be put in place before the row is written.
    early_id: Option<String>,
    uploads: Uploads,
    passwords: Passwords,
    hashes: Vec<(usize, String)>,
    /// What stands in place of moments that the server sets.
    moments: Vec<(usize, Value)>,
    vouched: Option<String>,
    typed: Typed,
}

impl Records {
    /// Makes a record and answers its JSON.
    ///
    /// # Errors
    /// 403 where the create rule is for superusers only; 400 when the rule refuses the row (without
    /// data) or fields are at fault (with data).
    pub async fn create(
        &self,
        schema: Arc<Schema>,
        collection: Arc<Collection>,
        input: impl Into<Input>,
        expand: Vec<ExpandNode>,
        cx: RequestContext,
    ) -> Result<Vec<u8>> {
        let sent = Uploads::take(&collection, input.into());
        let attempt = async |schema: Arc<Schema>, collection: Arc<Collection>| {
            let draft = self.draft(Arc::clone(&schema), collection, sent.clone(), cx.clone())?;
            if !draft.passwords.is_empty() || !draft.uploads.is_empty() {
                // Hashing and storing are dear: first see whether the rest would pass.
                let tried = draft.clone();
                let check = move |tx: &Tx<'_>| tried.clone().checked(tx).map(drop);
                self.store.read(Cost::Bounded, check).await?;
            }
            let (draft, expand) = (draft.hashed().await?.placed().await?, expand.clone());
            self.write_under(&schema, move |tx| draft.write(tx, &expand)).await
        };
        self.under_one_schema(schema, collection, attempt).await
    }

    /// What a body makes of a new record, before any row is looked at.
    pub(crate) fn draft(
        &self,
        schema: Arc<Schema>,
        collection: Arc<Collection>,
        (body, uploads): Sent,
        cx: RequestContext,
    ) -> Result<Draft> {
        if collection.is_view() {
            return Err(Error::bad_request("Unsupported collection type."));
        }
        if !cx.caller.is_superuser() && collection.rule(RuleSlot::Create).is_none() {
            return Err(Error::superusers_only());
        }
        let zero = |field: &crate::schema::Field| field.kind.zero();
        let body = without_hidden(&collection, body, cx.caller.is_superuser());
        let body = resolve_modifiers(&collection, zero, body);
        let mut values: Vec<Value> = collection.fields.iter().map(zero).collect();
        cast_into(&collection, &body, &mut values);
        let id = collection.fields.iter().position(|field| field.name == "id");
        let has_own_id = id.is_some_and(|id| !values[id].text().is_empty());
        let early_id = match id {
            Some(id) if !has_own_id && !uploads.is_empty() => {
                uploads.early_id(|| made_text(&collection, id, cx.now))
            }
            _ => None,
        };
        let passwords = auth_form::sent_passwords(&collection, &body);
        let body = as_cast(&collection, body, &values);
        Ok(Draft {
            records: self.clone(),
            schema,
            collection,
            cx: with_body(cx, body),
            values,
            has_own_id,
            early_id,
            uploads,
            passwords,
            hashes: Vec::new(),
            moments: Vec::new(),
            vouched: None,
            typed: Typed::default(),
        })
    }

    /// Hashes what [`auth_form::sent_passwords`] found, in its order.
    pub(crate) async fn hash_all(&self, passwords: &Passwords) -> Result<Vec<(usize, String)>> {
        let mut hashes = Vec::with_capacity(passwords.len());
        for (field, plain) in passwords {
            hashes.push((*field, self.passwords.hash(Secret::clone(plain)).await?));
        }
        Ok(hashes)
    }
}

impl Draft {
    /// The draft among other changes of one transaction.
    pub(crate) fn among(self, typed: &Typed) -> Self {
        Self { typed: typed.clone(), ..self }
    }

    /// The draft with these hashes of its passwords.
    pub(crate) fn with_hashes(self, hashes: Vec<(usize, String)>) -> Self {
        Self { hashes, ..self }
    }

    /// The draft with these values of fields that the server sets otherwise.
    pub(crate) fn keeping(self, moments: Vec<(usize, Value)>) -> Self {
        Self { moments, ..self }
    }

    /// True when there is something to hash.
    pub(crate) fn has_passwords(&self) -> bool {
        !self.passwords.is_empty()
    }

    /// The draft with its passwords hashed.
    pub(crate) async fn hashed(mut self) -> Result<Self> {
        self.hashes = self.records.hash_all(&self.passwords).await?;
        Ok(self)
    }

    /// The draft with its files where those of the record will be.
    pub(crate) async fn placed(self) -> Result<Self> {
        let id = self.early_id.as_deref().unwrap_or_else(|| self.text("id"));
        self.uploads.place(&self.collection, id).await?;
        Ok(self)
    }

    /// Judges the row to be, fills in what the server makes, and checks every field.
    pub(crate) fn checked(mut self, tx: &Tx<'_>) -> Result<Self> {
        let scope = Scope { schema: &self.schema, cx: &self.cx };
        let access = scope.access(&self.collection, RuleSlot::Create)?;
        let stand_in = || Source::Values(self.stand_in());
        let is_let_in = match access {
            Access::Allow => true,
            Access::Deny => false,
            access @ Access::Where(_) => {
                passes(tx, &self.collection, access, stand_in(), ID_TO_BE)?
            }
        };
        if !is_let_in {
            return Err(Error::bad_request(FAILED));
        }
        let is_manager = is_manager(tx, scope, &self.collection, stand_in(), ID_TO_BE)?;
        self.fill_in();
        auth_form::check_form(
            &self.collection,
            &self.cx.body,
            &self.values,
            None,
            is_manager,
            None,
        )
        .into_result(FAILED)?;
        let mut errors = FieldErrors::default();
        check_files(&self.collection, &self.uploads, None, &self.values, &mut errors);
        check_fields(&self.collection, &self.values, &mut errors);
        auth_form::check_passwords(&self.collection, &self.passwords, None, &mut errors);
        check_relations(tx, &self.schema, &self.collection, None, &self.values, &mut errors)?;
        if self.has_own_id {
            check_own_id(tx, &self.collection, self.text("id"), &mut errors)?;
            check_auth_id(tx, &self.schema, &self.collection, self.text("id"), &mut errors)?;
        }
        check_owner(tx, &self.schema, &self.collection, &self.values, &mut errors)?;
        let (schema, collection) = (&self.schema, &self.collection);
        let proposal = Proposal { schema, collection, before: None, values: &self.values };
        checks::run(&self.records.checks, proposal, &mut errors);
        errors.into_result(FAILED)?;
        Ok(self)
    }

    /// The draft of an auth record for whom another service vouches: with that address, or with
    /// none where the service tells none, it is verified from the start.
    pub(crate) fn vouched(mut self, email: &str) -> Self {
        self.vouched = Some(email.to_owned());
        self
    }

    /// Checks and writes the record, and answers its JSON.
    pub(crate) fn write(self, tx: &Tx<'_>, expand: &[ExpandNode]) -> Result<Vec<u8>> {
        let draft = self.written(tx)?;
        let scope = Scope { schema: &draft.schema, cx: &draft.cx };
        let record = draft.record(scope);
        draft.records.present_one(tx, scope, record, expand)
    }

    /// Checks and writes the record.
    pub(crate) fn written(self, tx: &Tx<'_>) -> Result<Self> {
        let mut draft = self.checked(tx)?;
        for (field, hash) in std::mem::take(&mut draft.hashes) {
            draft.values[field] = Value::Text(hash);
        }
        draft.verify();
        let insert = write::insert(
            tx.dialect(),
            &draft.collection.name,
            &row(&draft.collection, &draft.values),
        );
        tx.execute(&insert).map_err(|failure| refused(&draft.collection, failure, FAILED))?;
        auth_form::after_create(tx, &draft.collection, draft.text("email"))?;
        draft.typed.note(&draft.collection, draft.text("id"), &draft.passwords);
        let files = &draft.records.files;
        draft.uploads.settle(tx, files, &draft.collection, None, &draft.values)?;
        draft.records.changes.written(
            tx,
            &draft.schema,
            &draft.collection,
            draft.text("id"),
            Action::Create,
            || draft.values.clone(),
        )?;
        Ok(draft)
    }

    fn verify(&mut self) {
        let is_own = self.vouched.as_deref().is_some_and(|email| email == self.text("email"));
        let verified = self.collection.fields.iter().position(|field| field.name == "verified");
        if let Some(verified) = verified.filter(|_| is_own) {
            self.values[verified] = Value::from(true);
        }
    }

    /// The row as the create rule sees it: what was sent, before the server fills in the rest.
    fn stand_in(&self) -> Vec<(String, Value)> {
        let is_auth = self.collection.auth().is_some();
        let columns = self.collection.fields.iter().zip(&self.values).map(|(field, value)| {
            let seen = match field.name.as_str() {
                "id" if value.text().is_empty() => Value::from(ID_TO_BE),
                "verified" if is_auth => Value::from(false),
                _ => value.clone(),
            };
            (field.name.clone(), seen)
        });
        columns.collect()
    }

    fn fill_in(&mut self) {
        let now = self.cx.now;
        let is_superusers = self.collection.name == "_superusers";
        for (i, (field, value)) in self.collection.fields.iter().zip(&mut self.values).enumerate() {
            match &field.kind {
                FieldType::Text(_) if value.text().is_empty() => {
                    let early = self.early_id.take_if(|_| field.name == "id");
                    if let Some(made) = early.or_else(|| made_text(&self.collection, i, now)) {
                        *value = Value::Text(made);
                    }
                }
                FieldType::Bool(_) if is_superusers && field.name == "verified" => {
                    *value = Value::from(true);
                }
                _ => {}
            }
        }
        stamp(&self.collection, &mut self.values, now, true);
        for (field, moment) in std::mem::take(&mut self.moments) {
            self.values[field] = moment;
        }
    }

    /// The values, in the order of the collection's fields.
    pub(crate) fn values(&self) -> &[Value] {
        &self.values
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        let field = self.collection.fields.iter().position(|field| field.name == name);
        field.map_or("", |i| self.values[i].text())
    }

    /// The record as it stands in the table now, in the shape the caller may see.
    fn record(&self, scope: Scope<'_>) -> Record {
        let shape = self.records.shape(&self.collection, scope.audience());
        Record::from_values(&shape, &self.values)
    }
}

/// The text that the server makes for a field, if it makes one.
fn made_text(collection: &Collection, field: usize, now: DateTime) -> Option<String> {
    let field = &collection.fields[field];
    let FieldType::Text(text) = &field.kind else { return None };
    if field.name == "id" && text.autogenerate_pattern == DEFAULT_ID_PATTERN {
        return Some(crypto::ordered_id(now));
    }
    (!text.autogenerate_pattern.is_empty()).then(|| text.autogenerate())
}
