//! Deletes a record and mends or deletes what refers to it (contract §4.8).

use std::sync::Arc;

use crate::changes::{Action, Going};
use crate::error::{Error, Result};
use crate::files::FileKey;
use crate::query::{Access, Predicate, RequestContext, Source};
use crate::records::expand::listed;
use crate::records::load::Scope;
use crate::records::parts::Records;
use crate::records::save::{AUTH_SATELLITES, passes};
use crate::records::uploads::stored_files;
use crate::schema::{Collection, Field, FieldType, RuleSlot, Schema};
use crate::sql::{Value, write};
use crate::store::Tx;

/// References that are read at a time.
const BATCH: u32 = 1000;
/// The most records one delete may take along.
const MAX_CASCADE: usize = 1_000_000;

impl Records {
    /// Deletes one record.
    ///
    /// # Errors
    /// 403 where the delete rule is for superusers only; 404 when the record is missing or hidden
    /// by the rule; 400 when a required relation points to it.
    pub async fn delete(
        &self,
        schema: Arc<Schema>,
        collection: Arc<Collection>,
        id: String,
        cx: RequestContext,
    ) -> Result<()> {
        let attempt = async |schema: Arc<Schema>, collection: Arc<Collection>| {
            let removal = self.removal(Arc::clone(&schema), collection, id.clone(), &cx)?;
            self.write_under(&schema, move |tx| removal.write(tx)).await
        };
        self.under_one_schema(schema, collection, attempt).await
    }

    /// A delete that is about to happen, before any row is looked at.
    pub(crate) fn removal(
        &self,
        schema: Arc<Schema>,
        collection: Arc<Collection>,
        id: String,
        cx: &RequestContext,
    ) -> Result<Removal> {
        if collection.is_view() {
            return Err(Error::bad_request("Unsupported collection type."));
        }
        let access = Scope { schema: &schema, cx }.access(&collection, RuleSlot::Delete)?;
        if matches!(access, Access::Deny) {
            return Err(Error::superusers_only());
        }
        Ok(Removal { records: self.clone(), schema, collection, id, access })
    }
}

/// A delete that is about to happen.
#[derive(Clone)]
pub(crate) struct Removal {
    records: Records,
    schema: Arc<Schema>,
    collection: Arc<Collection>,
    id: String,
    access: Access,
}

impl Removal {
    /// Deletes the record if it is there and the rule opens it.
    pub(crate) fn write(self, tx: &Tx<'_>) -> Result<()> {
        let Self { records, schema, collection, id, access } = self;
        let access = match access {
            // Without a rule the row must still be there.
            Access::Allow => Access::Where(Predicate::by_id(&id)),
            other => other,
        };
        if !passes(tx, &collection, access, Source::Table, &id)? {
            return Err(Error::not_found());
        }
        keep_last_superuser(tx, &collection)?;
        records.delete_in(tx, &schema, &collection, &id)
    }
}

fn keep_last_superuser(tx: &Tx<'_>, collection: &Collection) -> Result<()> {
    if collection.name != "_superusers" {
        return Ok(());
    }
    let mut others = 0;
    tx.query(&write::select_ids(tx.dialect(), &collection.name, 2), |_| {
        others += 1;
        Ok(())
    })?;
    if others < 2 {
        return Err(Error::bad_request("You can't delete the only existing superuser."));
    }
    Ok(())
}

impl Records {
    /// Deletes a record that exists, with all that follows, inside the caller's savepoint.
    ///
    /// # Errors
    /// 400 when a required relation would lose its last id.
    pub fn delete_in(
        &self,
        tx: &Tx<'_>,
        schema: &Arc<Schema>,
        collection: &Arc<Collection>,
        id: &str,
    ) -> Result<()> {
        let mut gone = Gone::new(self, schema);
        gone.delete(tx, collection, id.to_owned())?;
        gone.follow(tx)?;
        gone.settle(tx);
        Ok(())
    }
}

/// What a delete takes along.
pub(crate) struct Gone<'a> {
    service: &'a Records,
    schema: &'a Arc<Schema>,
    /// Records whose referrers were not looked for yet.
    records: Vec<(Arc<Collection>, String)>,
    /// What is not told yet: what a record takes along is told before the record.
    going: Vec<Going>,
    files: Vec<FileKey>,
}

impl<'a> Gone<'a> {
    /// Nothing yet.
    pub fn new(service: &'a Records, schema: &'a Arc<Schema>) -> Self {
        Self { service, schema, records: Vec::new(), going: Vec::new(), files: Vec::new() }
    }

    /// Deletes one row.
    pub fn delete(&mut self, tx: &Tx<'_>, collection: &Arc<Collection>, id: String) -> Result<()> {
        self.files.extend(stored_files(tx, collection, &id)?);
        if let Some(record) = self.service.stored(tx, collection, &id)? {
            let (changes, values) = (&self.service.changes, record.into_values());
            self.going.push(changes.before_delete(self.schema, collection, &id, values));
        }
        tx.execute(&write::delete(tx.dialect(), &collection.name, &id))?;
        self.records.push((Arc::clone(collection), id));
        Ok(())
    }

    /// Deletes or mends what refers to the rows that went.
    pub fn follow(&mut self, tx: &Tx<'_>) -> Result<()> {
        follow(tx, self)?;
        let going = std::mem::take(&mut self.going);
        going.into_iter().rev().try_for_each(|gone| self.service.changes.deleted(tx, gone))
    }

    /// Writes a relation that lost an id, and tells of it.
    fn mend(
        &self,
        tx: &Tx<'_>,
        referrer: &Arc<Collection>,
        id: &str,
        change: (&str, Value),
    ) -> Result<()> {
        tx.execute(&write::update(tx.dialect(), &referrer.name, id, &[change]))?;
        self.service.tell_written(tx, self.schema, referrer, id, Action::Update)
    }

    /// Lets the commit remove the files.
    pub fn settle(self, tx: &Tx<'_>) {
        if !self.files.is_empty() {
            let (files, gone) = (self.service.files.clone(), self.files);
            tx.on_commit(move || files.remove(gone));
        }
    }
}

fn follow(tx: &Tx<'_>, gone: &mut Gone<'_>) -> Result<()> {
    let schema = gone.schema;
    let mut count = 0;
    // Rows go before their referrers are looked for, so a ring of references ends by itself.
    while let Some((collection, id)) = gone.records.pop() {
        count += 1;
        if count > MAX_CASCADE {
            return Err(Error::bad_request("Too many records would be deleted with this one."));
        }
        if collection.auth().is_some() {
            forget_sign_ins(tx, schema, &collection, &id)?;
        }
        let mut references: Vec<(&Arc<Collection>, &Field)> =
            schema.references_to(&collection.id).collect();
        references.sort_by(|a, b| a.0.name.cmp(&b.0.name));
        for (referrer, field) in references {
            release(tx, referrer, field, &id, gone)?;
        }
    }
    Ok(())
}

fn forget_sign_ins(tx: &Tx<'_>, schema: &Schema, collection: &Collection, id: &str) -> Result<()> {
    for name in AUTH_SATELLITES {
        if schema.find_by_name(name).is_some() {
            let key = [
                ("collectionRef", Value::from(collection.id.as_str())),
                ("recordRef", Value::from(id)),
            ];
            tx.execute(&write::delete_where(tx.dialect(), name, &key))?;
        }
    }
    Ok(())
}

/// Takes `id` out of one relation field wherever it stands.
fn release(
    tx: &Tx<'_>,
    referrer: &Arc<Collection>,
    field: &Field,
    id: &str,
    gone: &mut Gone<'_>,
) -> Result<()> {
    let FieldType::Relation(relation) = &field.kind else { return Ok(()) };
    let is_multiple = field.kind.is_multiple();
    loop {
        let statement = write::select_referrers(
            tx.dialect(),
            &referrer.name,
            &field.name,
            is_multiple,
            id,
            BATCH,
        );
        let mut rows: Vec<(String, String)> = Vec::new();
        tx.query(&statement, |row| {
            rows.push((row.get(0).text().to_owned(), row.get(1).text().to_owned()));
            Ok(())
        })?;
        let was_last = rows.len() < BATCH as usize;
        for (referrer_id, value) in rows {
            let rest: Vec<String> = listed(&value).into_iter().filter(|item| item != id).collect();
            if rest.is_empty() && relation.cascade_delete {
                gone.delete(tx, referrer, referrer_id)?;
                continue;
            }
            if rest.is_empty() && field.required {
                return Err(Error::bad_request(
                    "Failed to delete record. Make sure that the record is not part of a required \
                     relation reference.",
                ));
            }
            let value = if is_multiple {
                serde_json::to_string(&rest).map_err(Error::internal)?
            } else {
                rest.into_iter().next_back().unwrap_or_default()
            };
            let change = (field.name.as_str(), Value::Text(value));
            gone.mend(tx, referrer, &referrer_id, change)?;
        }
        if was_last {
            return Ok(());
        }
    }
}
