//! View collections: their fields follow from their query, and they follow the collections behind
//! them (contract §4.7).

use std::sync::Arc;

use crate::codes::Code;
use crate::collections::change::SchemaChange;
use crate::error::{Error, Issue, Result};
use crate::query::{self, ReadPlan};
use crate::schema::view_query::{self, ViewQuery};
use crate::schema::{Collection, CollectionKind, Field, Schema, cast, validate};
use crate::sql::{TableChange, quotes};
use crate::store::{StoreError, Tx};

/// Rows whose ids are looked at before a view is made.
const SAMPLE: usize = 10;

impl SchemaChange<'_, '_> {
    /// Gives a view the fields of its query, or none and the reason why not.
    pub fn infer(&self, collection: &mut Collection) -> Result<Option<Issue>> {
        let CollectionKind::View { query } = &collection.kind else { return Ok(None) };
        if query.is_empty() {
            collection.fields.clear();
            return Ok(None);
        }
        let inferred = match ViewQuery::parse(query) {
            Ok(mut query) => check(self.tx, &mut query)?.map(|()| query.fields(&self.schema)),
            Err(reason) => Err(reason),
        };
        Ok(match inferred {
            Ok(fields) => {
                collection.fields = fields;
                validate::check_view_fields(collection, &self.schema).err().map(|why| invalid(&why))
            }
            Err(reason) => {
                collection.fields.clear();
                Some(invalid(&reason))
            }
        })
    }

    /// Brings the views up to date that show `collection`, whose name was `old_name`, and those
    /// that show these. A view that cannot follow stays as it is.
    pub fn refresh_views(&mut self, collection: &Collection, old_name: &str) -> Result<()> {
        let mut changed = vec![collection.name.clone()];
        if old_name != collection.name {
            changed.push(old_name.to_owned());
        }
        // Engines refuse views that show each other, so this ends.
        while let Some(name) = changed.pop() {
            for view in self.views_of(&name, &collection.id) {
                let mut next = Collection::clone(&view);
                match self.infer(&mut next)? {
                    Some(issue) => {
                        let (view, reason) = (&view.name, &issue.message);
                        tracing::warn!(view, %reason, "view not refreshed");
                    }
                    None if is_alike(&next.fields, &view.fields) => {}
                    None => {
                        let next = Arc::new(next);
                        changed.push(next.name.clone());
                        self.write(&next, Some(&view))?;
                        self.schema = self.schema.with(next);
                    }
                }
            }
        }
        Ok(())
    }

    /// The views, but for the one of an id, that a name stands in.
    fn views_of(&self, name: &str, but: &str) -> Vec<Arc<Collection>> {
        let mentions = |view: &Arc<Collection>| match &view.kind {
            CollectionKind::View { query } => view_query::mentions(query, name),
            _ => false,
        };
        let others = self.schema.collections().iter().filter(|other| other.id != but);
        others.filter(|other| mentions(other)).cloned().collect()
    }

    /// Fails when a view cannot be read any more.
    pub fn require_views_whole(&self, gone: &str) -> Result<()> {
        self.views_of(gone, "").iter().try_for_each(|view| self.require_readable(view))
    }

    /// Fails when the engine cannot make sense of a view, such as one that shows itself.
    pub fn require_readable(&self, view: &Arc<Collection>) -> Result<()> {
        require_readable(self.tx, view)
    }
}

/// As the method, with all columns: what one of them calls may be forbidden in a view.
pub(super) fn require_readable(tx: &Tx<'_>, view: &Arc<Collection>) -> Result<()> {
    let columns = view.fields.iter().map(|field| field.name.clone()).collect();
    let mut plan = ReadPlan::new(Arc::clone(view), columns);
    plan.limit = Some(0);
    tx.query(&query::select(&plan, tx.dialect()), |_| Ok(()))?;
    Ok(())
}

/// The views that PocketBase made and the engine does not read as we set it up: those with a text
/// in double quotes.
pub(super) fn misquoted(
    tx: &Tx<'_>,
    collections: &[Arc<Collection>],
) -> Result<Vec<Arc<Collection>>> {
    let mut found = Vec::new();
    for collection in collections {
        let CollectionKind::View { query } = &collection.kind else { continue };
        let read = if query.contains('"') { require_readable(tx, collection) } else { Ok(()) };
        if read.err().and_then(|error| quoted_text(&error)).is_some() {
            found.push(Arc::clone(collection));
        }
    }
    Ok(found)
}

/// Makes such views anew; their definitions stay as they are.
pub(super) fn requote(tx: &Tx<'_>, views: &[Arc<Collection>], schema: &Schema) -> Result<()> {
    for view in views {
        let name = view.name.as_str();
        let made = tx.savepoint(|tx| {
            let dialect = tx.dialect();
            let gone = TableChange::DropView { view: view.name.clone() };
            tx.execute_script(&gone.statement(dialect))?;
            tx.execute_script(&create(tx, view, schema)?.statement(dialect))?;
            require_readable(tx, view)
        });
        match made {
            Ok(()) => tracing::info!(view = name, "texts in double quotes were made plain ones"),
            // It cannot be listed, as before; its collection can be mended.
            Err(error) => tracing::warn!(view = name, %error, "a view cannot be read"),
        }
    }
    Ok(())
}

fn invalid(reason: &str) -> Issue {
    Issue::with_message(Code::InvalidViewQuery, format!("Invalid query - {reason}"))
}

/// The same fields but for the random ids of copies.
fn is_alike(a: &[Field], b: &[Field]) -> bool {
    let without_id = |field: &Field| Field { id: String::new(), ..field.clone() };
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| without_id(a) == without_id(b))
}

/// The statement that makes the view.
pub(super) fn create(tx: &Tx<'_>, collection: &Collection, schema: &Schema) -> Result<TableChange> {
    let CollectionKind::View { query } = &collection.kind else {
        return Err(Error::internal(format!("{} is no view", collection.name)));
    };
    let mut query = ViewQuery::parse(query).map_err(Error::internal)?;
    if query.text.contains('"') {
        // What is wrong beyond quotes, reading the view tells.
        let _ = read_rows(tx, &mut query, 0)?;
    }
    Ok(TableChange::CreateView {
        view: collection.name.clone(),
        columns: query.names().into_iter().map(str::to_owned).collect(),
        casts_id: query.has_foreign_id(schema),
        query: query.text,
    })
}

/// Runs the query for some rows. The inner error is for the person who wrote it.
fn check(tx: &Tx<'_>, query: &mut ViewQuery) -> Result<Result<(), String>> {
    Ok(read_rows(tx, query, SAMPLE)?.and_then(view_query::check_ids))
}

/// The ids of some rows; all columns are read. Words in double quotes that name nothing become the
/// texts that PocketBase's engine takes them for.
fn read_rows(
    tx: &Tx<'_>,
    query: &mut ViewQuery,
    limit: usize,
) -> Result<Result<Vec<String>, String>> {
    let others = query.names().into_iter().filter(|name| *name != "id");
    let columns: Vec<String> = std::iter::once("id").chain(others).map(str::to_owned).collect();
    // Each turn but the last makes one word a text.
    loop {
        let mut ids: Vec<String> = Vec::new();
        let read = tx.query(&query.sample(tx.dialect(), &columns, limit), |row| {
            ids.push(cast::text_of(row.get(0)).into_owned());
            Ok(())
        });
        let Err(error) = read else { return Ok(Ok(ids)) };
        if let Some(word) = quoted_text(&error) {
            let text = quotes::as_texts(&query.text, |name| name != word);
            if text != query.text {
                query.text = text;
                continue;
            }
        }
        return match StoreError::below(&error) {
            Some(StoreError::Sql { message }) => Ok(Err(format!("{message}."))),
            _ => Err(error),
        };
    }
}

/// The word in double quotes that the engine takes for a text somebody meant.
fn quoted_text(error: &Error) -> Option<String> {
    let Some(StoreError::Sql { message }) = StoreError::below(error) else { return None };
    let (_, rest) = message.split_once("no such column: \"")?;
    let (word, _) = rest.split_once("\" - should this be a string literal")?;
    Some(word.to_owned())
}
