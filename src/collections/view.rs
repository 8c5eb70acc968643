//! View collections: their fields follow from their query, and they follow the collections behind
//! them (contract §4.7).

use std::sync::Arc;

use crate::codes::Code;
use crate::collections::change::SchemaChange;
use crate::error::{Error, Issue, Result};
use crate::query::{self, Predicate, ReadPlan};
use crate::schema::view_query::{self, ViewQuery};
use crate::schema::{Collection, CollectionKind, Field, Schema, cast};
use crate::sql::TableChange;
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
            Ok(query) => check(self.tx, &query)?.map(|()| query.fields(&self.schema)),
            Err(reason) => Err(reason),
        };
        Ok(match inferred {
            Ok(fields) => {
                collection.fields = fields;
                None
            }
            Err(reason) => {
                collection.fields.clear();
                let message = format!("Invalid query - {reason}");
                Some(Issue::with_message(Code::InvalidViewQuery, message))
            }
        })
    }

    /// Brings the views up to date that show `collection`, whose name was `old_name`. A view that
    /// cannot follow stays as it is.
    pub fn refresh_views(&mut self, collection: &Collection, old_name: &str) -> Result<()> {
        let views: Vec<Arc<Collection>> =
            self.schema.collections().iter().filter(|other| other.is_view()).cloned().collect();
        for view in views {
            let CollectionKind::View { query } = &view.kind else { continue };
            let Ok(query) = ViewQuery::parse(query) else { continue };
            if !query.mentions(old_name) && !query.mentions(&collection.name) {
                continue;
            }
            let mut next = Collection::clone(&view);
            match self.infer(&mut next)? {
                Some(issue) => {
                    tracing::warn!(view = view.name, reason = %issue.message, "view not refreshed");
                }
                None if is_alike(&next.fields, &view.fields) => {}
                None => {
                    self.write(&next, Some(&view))?;
                    self.schema = self.schema.with(Arc::new(next));
                }
            }
        }
        Ok(())
    }

    /// Fails when a view cannot be read any more.
    pub fn require_views_whole(&self, gone: &str) -> Result<()> {
        for view in self.schema.collections().iter().filter(|other| other.is_view()) {
            let CollectionKind::View { query } = &view.kind else { continue };
            if !ViewQuery::parse(query).is_ok_and(|query| query.mentions(gone)) {
                continue;
            }
            let mut plan = ReadPlan::new(Arc::clone(view), vec!["id".to_owned()]);
            plan.predicates.push(Predicate::by_id(""));
            self.tx.query(&query::select(&plan, self.tx.dialect()), |_| Ok(()))?;
        }
        Ok(())
    }
}

/// The same fields but for the random ids of copies.
fn is_alike(a: &[Field], b: &[Field]) -> bool {
    let without_id = |field: &Field| Field { id: String::new(), ..field.clone() };
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| without_id(a) == without_id(b))
}

/// The statement that makes the view.
pub(super) fn create(collection: &Collection, schema: &Schema) -> Result<TableChange> {
    let CollectionKind::View { query } = &collection.kind else {
        return Err(Error::internal(format!("{} is no view", collection.name)));
    };
    let query = ViewQuery::parse(query).map_err(Error::internal)?;
    Ok(TableChange::CreateView {
        view: collection.name.clone(),
        columns: query.names().into_iter().map(str::to_owned).collect(),
        casts_id: query.has_foreign_id(schema),
        query: query.text,
    })
}

/// Runs the query for some ids. The inner error is for the person who wrote it.
fn check(tx: &Tx<'_>, query: &ViewQuery) -> Result<Result<(), String>> {
    let mut ids: Vec<String> = Vec::new();
    let read = tx.query(&query.sample(tx.dialect(), &["id".to_owned()], SAMPLE), |row| {
        ids.push(cast::text_of(row.get(0)).into_owned());
        Ok(())
    });
    match read {
        Ok(()) => Ok(view_query::check_ids(ids)),
        Err(error) => match StoreError::below(&error) {
            Some(StoreError::Sql { message }) => Ok(Err(format!("{message}."))),
            _ => Err(error),
        },
    }
}
