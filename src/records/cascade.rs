//! What goes along with a record, and what is mended after it (contract §4.8).
//!
//! A record's referrers are handled one after the other, each with its own referrers before the
//! next one: whether a required relation stops a delete depends on that order.

use std::sync::Arc;

use crate::changes::{Action, Going};
use crate::error::{Error, Result};
use crate::files::FileKey;
use crate::records::auth_form::forget_sessions;
use crate::records::expand::listed;
use crate::records::parts::Records;
use crate::records::save::AUTH_SATELLITES;
use crate::records::uploads::stored_files;
use crate::schema::system::AUTH_TABLES;
use crate::schema::{Collection, Field, FieldType, Schema};
use crate::sql::{Value, write};
use crate::store::Tx;

/// References that are read at a time.
const BATCH: u32 = 1000;
/// The most records one delete may take along.
const MAX_CASCADE: usize = 1_000_000;
/// The longest chain of records that each take the next one along.
const MAX_DEPTH: usize = 100_000;

/// What a delete takes along.
pub(crate) struct Gone<'a> {
    service: &'a Records,
    schema: &'a Arc<Schema>,
    /// Records deleted so far.
    count: usize,
    files: Vec<FileKey>,
}

impl<'a> Gone<'a> {
    /// Nothing yet.
    pub fn new(service: &'a Records, schema: &'a Arc<Schema>) -> Self {
        Self { service, schema, count: 0, files: Vec::new() }
    }

    /// Deletes a record, if it is still there, and what refers to it, or takes it out of that.
    ///
    /// # Errors
    /// 400 when a required relation would lose its last id, or too many records would go.
    pub fn remove(&mut self, tx: &Tx<'_>, collection: &Arc<Collection>, id: String) -> Result<()> {
        let before = self.count;
        let mut stack: Vec<Frame<'a>> = self.delete(tx, collection, id)?.into_iter().collect();
        while let Some(frame) = stack.last_mut() {
            if let Some(referrer) = frame.next(tx, self.count)? {
                let below = self.release(tx, &frame.id, referrer)?;
                stack.extend(below);
            } else if let Some(frame) = stack.pop() {
                // What a record takes along is told before the record.
                self.service.changes.deleted(tx, frame.going)?;
            }
            if self.count - before > MAX_CASCADE || stack.len() > MAX_DEPTH {
                return Err(Error::bad_request("Too many records would be deleted with this one."));
            }
        }
        Ok(())
    }

    /// Lets the commit remove the files.
    pub fn settle(self, tx: &Tx<'_>) {
        if !self.files.is_empty() {
            let (files, gone) = (self.service.files.clone(), self.files);
            tx.on_commit(move || files.remove(gone));
        }
    }

    /// Deletes one row. It goes before its referrers are looked for, so a ring of references ends
    /// by itself.
    fn delete(
        &mut self,
        tx: &Tx<'_>,
        collection: &Arc<Collection>,
        id: String,
    ) -> Result<Option<Frame<'a>>> {
        let Some(record) = self.service.stored(tx, collection, &id)? else { return Ok(None) };
        self.files.extend(stored_files(tx, collection, &id)?);
        let (changes, values) = (&self.service.changes, record.into_values());
        let going = changes.before_delete(tx, self.schema, collection, &id, values);
        tx.execute(&write::delete(tx.dialect(), &collection.name, &id))?;
        if collection.auth().is_some() {
            self.forget_sign_ins(tx, collection, &id)?;
        }
        self.count += 1;
        Ok(Some(Frame::new(self.schema, &collection.id, id, going, self.count)))
    }

    fn forget_sign_ins(&self, tx: &Tx<'_>, collection: &Collection, id: &str) -> Result<()> {
        let key = [
            ("collectionRef", Value::from(collection.id.as_str())),
            ("recordRef", Value::from(id)),
        ];
        let satellites = AUTH_SATELLITES.into_iter();
        let satellites = satellites.filter(|name| self.schema.find_by_name(name).is_some());
        for name in satellites.chain(AUTH_TABLES) {
            tx.execute(&write::delete_where(tx.dialect(), name, &key))?;
        }
        forget_sessions(tx, collection, id)
    }

    /// Takes `id` out of one referrer, which goes too when it is left with nothing to cling to.
    fn release(
        &mut self,
        tx: &Tx<'_>,
        id: &str,
        referrer: Referrer<'a>,
    ) -> Result<Option<Frame<'a>>> {
        let Referrer { link, id: referrer, value } = referrer;
        let rest: Vec<String> = listed(&value).into_iter().filter(|item| item != id).collect();
        if rest.is_empty() && link.cascades {
            return self.delete(tx, link.collection, referrer);
        }
        if rest.is_empty() && link.field.required {
            return Err(Error::bad_request(
                "Failed to delete record. Make sure that the record is not part of a required \
                 relation reference.",
            ));
        }
        let value = if link.field.kind.is_multiple() {
            serde_json::to_string(&rest).map_err(Error::internal)?
        } else {
            rest.into_iter().next_back().unwrap_or_default()
        };
        self.mend(tx, &link, &referrer, Value::Text(value))?;
        Ok(None)
    }

    /// Writes a relation that lost an id, and tells of it.
    fn mend(&self, tx: &Tx<'_>, link: &Link<'_>, id: &str, value: Value) -> Result<()> {
        let now = self.service.changes.now().to_string();
        let mut changes = vec![(link.field.name.as_str(), value)];
        let stamps =
            link.collection.fields.iter().filter(
                |field| matches!(&field.kind, FieldType::Autodate(stamp) if stamp.on_update),
            );
        changes.extend(stamps.map(|field| (field.name.as_str(), Value::from(now.as_str()))));
        tx.execute(&write::update(tx.dialect(), &link.collection.name, id, &changes))?;
        self.service.tell_written(tx, self.schema, link.collection, id, Action::Update)
    }
}

/// A relation field that points to a collection.
#[derive(Clone, Copy)]
struct Link<'a> {
    collection: &'a Arc<Collection>,
    field: &'a Field,
    cascades: bool,
}

/// A row with a relation that names a deleted record.
struct Referrer<'a> {
    link: Link<'a>,
    id: String,
    value: String,
}

/// A deleted record whose referrers are being handled.
struct Frame<'a> {
    id: String,
    /// What is told when all of it is done.
    going: Going,
    /// Links to look at, the next one last. The last one is looked at until it has no more rows.
    links: Vec<Link<'a>>,
    /// Referrers that were read, the next one last.
    rows: Vec<(String, String)>,
    /// Whether there may be more rows behind those that were read.
    has_more: bool,
    /// How many records were gone when the rows were read.
    seen: usize,
}

impl<'a> Frame<'a> {
    fn new(schema: &'a Schema, collection_id: &str, id: String, going: Going, seen: usize) -> Self {
        let mut links: Vec<Link<'a>> = schema
            .references_to(collection_id)
            .filter_map(|(collection, field)| match &field.kind {
                FieldType::Relation(relation) => {
                    Some(Link { collection, field, cascades: relation.cascade_delete })
                }
                _ => None,
            })
            .collect();
        links.sort_by(|a, b| a.collection.name.cmp(&b.collection.name));
        links.reverse();
        Self { id, going, has_more: !links.is_empty(), links, rows: Vec::new(), seen }
    }

    /// The next referrer, as it is now.
    fn next(&mut self, tx: &Tx<'_>, count: usize) -> Result<Option<Referrer<'a>>> {
        loop {
            let Some(&link) = self.links.last() else { return Ok(None) };
            while let Some((id, value)) = self.rows.pop() {
                // What went meanwhile may have taken this row along, or changed it.
                let value =
                    if self.seen == count { Some(value) } else { self.read_again(tx, link, &id)? };
                if let Some(value) = value {
                    return Ok(Some(Referrer { link, id, value }));
                }
            }
            if self.has_more {
                self.read(tx, link, count)?;
            } else {
                self.links.pop();
                self.has_more = !self.links.is_empty();
            }
        }
    }

    fn read(&mut self, tx: &Tx<'_>, link: Link<'_>, count: usize) -> Result<()> {
        let statement = write::select_referrers(
            tx.dialect(),
            &link.collection.name,
            &link.field.name,
            link.field.kind.is_multiple(),
            &self.id,
            BATCH,
        );
        tx.query(&statement, |row| {
            self.rows.push((row.get(0).text().to_owned(), row.get(1).text().to_owned()));
            Ok(())
        })?;
        self.has_more = self.rows.len() >= BATCH as usize;
        self.seen = count;
        self.rows.reverse();
        Ok(())
    }

    fn read_again(&self, tx: &Tx<'_>, link: Link<'_>, id: &str) -> Result<Option<String>> {
        let columns = [link.field.name.as_str()];
        let statement = write::select_by_id(tx.dialect(), &link.collection.name, &columns, id);
        let value = tx.query_one(&statement, |row| Ok(row.get(0).text().to_owned()))?;
        Ok(value.filter(|value| listed(value).contains(&self.id)))
    }
}
