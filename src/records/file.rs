//! Which stored file a request means, and whether it may have it (contract §3.6).

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::files::FileKey;
use crate::query::{Access, RequestContext, Source};
use crate::records::expand::listed;
use crate::records::load::{Record, Scope, find};
use crate::records::parts::Records;
use crate::records::save::passes;
use crate::records::shape::Audience;
use crate::schema::view_query::ViewQuery;
use crate::schema::{Collection, CollectionKind, Field, FieldType, RuleSlot, Schema};
use crate::sql::write;
use crate::store::{Cost, Tx};

/// Views behind a view that are looked through.
const MAX_VIEWS: usize = 5;

/// A file that the caller may have.
#[derive(Debug)]
pub struct StoredFile {
    /// Where it lies.
    pub key: FileKey,
    /// The sizes of thumbs that its field offers.
    pub thumbs: Vec<String>,
    /// Whether only some may have it.
    pub is_protected: bool,
}

impl Records {
    /// The file that a record names, hidden and protected ones only for whom they are open: `cx`
    /// holds who a file token says is calling.
    ///
    /// # Errors
    /// 404, whatever the reason.
    pub async fn file(
        &self,
        schema: Arc<Schema>,
        collection: Arc<Collection>,
        id: String,
        name: String,
        cx: RequestContext,
    ) -> Result<StoredFile> {
        let shape = self.shape(&collection, Audience::Internal);
        let work = move |tx: &Tx<'_>| {
            let record = find(tx, &shape, &id, Vec::new())?.ok_or_else(Error::not_found)?;
            let field = field_of(&record, &name).ok_or_else(Error::not_found)?;
            if field.hidden && !cx.caller.is_superuser() {
                return Err(Error::not_found());
            }
            let is_protected = matches!(&field.kind, FieldType::File(file) if file.protected);
            if is_protected && !is_open(tx, &schema, &collection, &cx, &id)? {
                return Err(Error::not_found());
            }
            let (field, key) =
                place(tx, &schema, &collection, field, &id, &name)?.ok_or_else(Error::not_found)?;
            let FieldType::File(options) = &field.kind else { return Err(Error::not_found()) };
            let is_protected = is_protected || options.protected || field.hidden;
            Ok(StoredFile { key, thumbs: options.thumbs.clone(), is_protected })
        };
        self.store.read(Cost::Bounded, work).await
    }
}

/// The field in which the record names the file now.
fn field_of<'r>(record: &'r Record, name: &str) -> Option<&'r Field> {
    let is_named = |field: &&Field| {
        matches!(field.kind, FieldType::File(_))
            && listed(record.text(&field.name)).iter().any(|stored| stored == name)
    };
    record.shape.collection.fields.iter().find(is_named)
}

fn is_open(
    tx: &Tx<'_>,
    schema: &Schema,
    collection: &Arc<Collection>,
    cx: &RequestContext,
    id: &str,
) -> Result<bool> {
    let access = Scope { schema, cx }.access(collection, RuleSlot::View)?;
    match access {
        Access::Deny => Ok(false),
        access => passes(tx, collection, access, Source::Table, id),
    }
}

/// Where the file lies, and of which field it is. A view names files of the records it was made
/// from.
fn place<'s>(
    tx: &Tx<'_>,
    schema: &'s Schema,
    collection: &'s Arc<Collection>,
    field: &'s Field,
    id: &str,
    name: &str,
) -> Result<Option<(&'s Field, FileKey)>> {
    if !collection.is_view() {
        return Ok(FileKey::new(&collection.id, id, name).map(|key| (field, key)));
    }
    let (mut collection, mut field) = (collection, field);
    for _ in 0..MAX_VIEWS {
        let CollectionKind::View { query } = &collection.kind else { break };
        let Ok(query) = ViewQuery::parse(query) else { return Ok(None) };
        let Some(origin) = query.origin(&field.name, schema) else { return Ok(None) };
        (collection, field) = origin;
    }
    if collection.is_view() {
        return Ok(None);
    }
    let is_multiple = field.kind.is_multiple();
    let (dialect, table) = (tx.dialect(), collection.name.as_str());
    let statement = write::select_referrers(dialect, table, &field.name, is_multiple, name, 1);
    let owner = tx.query_one(&statement, |row| Ok(row.get(0).text().to_owned()))?;
    let key = owner.and_then(|owner| FileKey::new(&collection.id, &owner, name));
    Ok(key.map(|key| (field, key)))
}
