//! All records that a list would show, one after the other, whatever their number: the same rule,
//! filter and sort, and the same door out.

use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::query::{self, RequestContext};
use crate::records::ListQuery;
use crate::records::list::ListRead;
use crate::records::load::{Record, Scope, manages_some, of_view};
use crate::records::parts::{Records, overtaken};
use crate::records::present::{self, EmailPolicy};
use crate::schema::{Collection, Schema};
use crate::store::Tx;

/// Records that are in memory at a time where something must look at them first.
const CHUNK: usize = 200;

/// A decided read of many records.
pub struct Export {
    read: ListRead,
}

impl Records {
    /// Decides how to read all records that the caller may list; the page of `input` is not asked.
    ///
    /// # Errors
    /// 403 where the list rule is for superusers only, 400 for a filter or sort that means nothing.
    pub fn export(
        &self,
        schema: Arc<Schema>,
        collection: &Arc<Collection>,
        input: ListQuery,
        cx: RequestContext,
    ) -> Result<Export> {
        let mut read = self.plan_list(schema, collection, input, cx)?;
        (read.plan.limit, read.plan.offset) = (None, 0);
        Ok(Export { read })
    }
}

impl Export {
    /// The names of the fields that are shown, in the order of the collection.
    pub fn fields(&self) -> Vec<String> {
        let shape = &self.read.shape;
        let names = shape.collection.fields.iter().map(|field| &field.name);
        names.filter(|name| shape.column(name).is_some()).cloned().collect()
    }

    /// The collection that is read.
    pub fn collection(&self) -> &Arc<Collection> {
        &self.read.shape.collection
    }

    /// Whether relations were asked for.
    pub fn expands(&self) -> bool {
        !self.read.expand.is_empty()
    }

    /// Shows the JSON of each record to `each`, all of one snapshot that is held for `limit` at
    /// most. Blocks, and holds a few records at a time.
    ///
    /// # Errors
    /// What `each` says; 503 when the time is up, when too many do this, and when the collection
    /// was changed meanwhile.
    pub fn run(&self, limit: Duration, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let Self { read } = self;
        let is_plain =
            read.expand.is_empty() && !manages_some(&read.shape.collection, &read.cx.caller);
        let done = read.records.store.read_aside(limit, |tx| {
            if is_plain { self.stream(tx, &mut each) } else { self.in_chunks(tx, &mut each) }
        });
        if done.is_ok() || read.records.schema().version() == read.schema.version() {
            let broken = || Error::bad_request("The view cannot be read.");
            return done.map_err(|error| of_view(&read.shape.collection, error, broken));
        }
        Err(overtaken())
    }

    fn stream(&self, tx: &Tx<'_>, each: &mut impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let Self { read } = self;
        let emails = EmailPolicy::new(&read.cx.caller, &read.shape.collection.id);
        let mut json = Vec::with_capacity(1024);
        tx.query(&query::select(&read.plan, tx.dialect()), |row| {
            json.clear();
            present::write_row(&mut json, &read.shape, |column| row.get(column), &emails);
            each(&json)
        })
    }

    fn in_chunks(&self, tx: &Tx<'_>, each: &mut impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut records = Vec::with_capacity(CHUNK);
        tx.query(&query::select(&self.read.plan, tx.dialect()), |row| {
            records.push(Record::from_row(&self.read.shape, row));
            if records.len() < CHUNK {
                return Ok(());
            }
            self.show(tx, &mut records, each)
        })?;
        self.show(tx, &mut records, each)
    }

    /// Shows these records with their relations, and forgets them.
    fn show(
        &self,
        tx: &Tx<'_>,
        records: &mut Vec<Record>,
        each: &mut impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let Self { read } = self;
        let scope = Scope { schema: &read.schema, cx: &read.cx };
        let emails = scope.emails(tx, &read.shape.collection, || {
            records.iter().map(|record| record.id().to_owned()).collect()
        })?;
        read.records.expand(tx, scope, records, &read.expand)?;
        let mut json = Vec::with_capacity(1024);
        for record in records.drain(..) {
            json.clear();
            present::write_record(&mut json, &record, &emails);
            each(&json)?;
        }
        Ok(())
    }
}
