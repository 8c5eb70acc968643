//! Many collections at once, as an export holds them: all of them change, or none.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::codes::Code;
use crate::collections::catalog::Collections;
use crate::collections::change::{SchemaChange, settled, validated};
use crate::collections::table_sync;
use crate::error::{Error, FieldError, FieldErrors, Issue, Kind, Result};
use crate::schema::{Collection, Draft, Field, FieldType, Schema};
use crate::store::StoreError;

/// What a client reads when nothing was imported.
const FAILED: &str = "Failed to import collections.";
/// More collections than any one body needs.
const MAX_COLLECTIONS: usize = 5000;

/// One collection of an import: what it is to be, and what it is.
struct Planned {
    draft: Draft,
    old: Option<Arc<Collection>>,
}

impl Collections {
    /// Makes the listed collections what the list says. A collection is found by its id, or by its
    /// name where the list gives no id; fields it has and the list has not stay, unless
    /// `delete_missing`.
    ///
    /// # Errors
    /// 400 that names the first collection at fault.
    pub async fn import(&self, list: Vec<Map<String, Json>>, delete_missing: bool) -> Result<()> {
        if list.is_empty() {
            let data = FieldErrors::one("collections", Issue::new(Code::Required));
            return Err(Error::invalid(
                "An error occurred while validating the submitted data.",
                data,
            ));
        }
        if list.len() > MAX_COLLECTIONS {
            return Err(failure(&format!("more than {MAX_COLLECTIONS} collections")));
        }
        self.change(move |change| change.import(&list, delete_missing)).await
    }
}

impl SchemaChange<'_, '_> {
    fn import(&mut self, list: &[Map<String, Json>], delete_missing: bool) -> Result<()> {
        let planned: Vec<Planned> =
            list.iter().map(|body| self.plan(body, delete_missing)).collect::<Result<_>>()?;
        let is_listed = |c: &Collection| planned.iter().any(|p| p.draft.collection.id == c.id);
        let missing: Vec<Arc<Collection>> = if delete_missing {
            let all = self.schema.collections().iter();
            all.filter(|other| !other.system && !is_listed(other)).cloned().collect()
        } else {
            Vec::new()
        };
        // First all of them as they are to be: they may point to each other.
        let proposed = self.proposed(&planned, &missing)?;
        for plan in planned.iter().filter(|plan| !plan.draft.collection.is_view()) {
            require_valid(plan, &proposed, &proposed)?;
        }
        for collection in &missing {
            self.delete(collection).map_err(|error| refused(&collection.name, error))?;
        }
        // Views come last: they look at what the others became. Meanwhile none stands in the way.
        let (views, tables): (Vec<Planned>, Vec<Planned>) =
            planned.into_iter().partition(|plan| plan.draft.collection.is_view());
        for old in views.iter().filter_map(|plan| plan.old.as_ref()) {
            table_sync::drop(self.tx, old)?;
        }
        self.schema = proposed;
        for plan in &tables {
            let collection = settled(plan.draft.collection.clone());
            self.write(&collection, plan.old.as_deref())
                .map_err(|error| refused(&collection.name, error))?;
            self.schema = self.schema.with(collection);
        }
        for plan in views {
            self.import_view(plan)?;
        }
        for Planned { draft, old } in &tables {
            if let Some(old) = old {
                self.refresh_views(&draft.collection, &old.name)?;
            }
        }
        Ok(())
    }

    /// The schema that the import leads to, before fields of views are known.
    fn proposed(&self, planned: &[Planned], missing: &[Arc<Collection>]) -> Result<Schema> {
        let is_missing = |id: &str| missing.iter().any(|gone| gone.id == id);
        let mut all: Vec<Arc<Collection>> =
            self.schema.collections().iter().filter(|c| !is_missing(&c.id)).cloned().collect();
        for (at, plan) in planned.iter().enumerate() {
            let collection = &plan.draft.collection;
            if planned[..at].iter().any(|other| is_same(&other.draft.collection, collection)) {
                return Err(failure(&format!("{:?} is listed twice", collection.name)));
            }
            match all.iter().position(|other| other.id == collection.id) {
                Some(place) => all[place] = Arc::new(collection.clone()),
                None => all.push(Arc::new(collection.clone())),
            }
        }
        Ok(Schema::new(self.schema.version(), all))
    }

    fn import_view(&mut self, mut plan: Planned) -> Result<()> {
        let collection = &mut plan.draft.collection;
        if let Some(issue) = self.infer(collection)? {
            return Err(failure(&format!("{:?}: {}", collection.name, issue.message)));
        }
        let proposed = self.schema.with(Arc::new(collection.clone()));
        require_valid(&plan, &proposed, &proposed)?;
        let collection = settled(plan.draft.collection);
        self.write(&collection, plan.old.as_deref())
            .map_err(|error| refused(&collection.name, error))?;
        self.schema = proposed;
        Ok(())
    }

    fn plan(&self, body: &Map<String, Json>, delete_missing: bool) -> Result<Planned> {
        let text = |key: &str| body.get(key).and_then(Json::as_str).unwrap_or_default();
        let old = match text("id") {
            "" => self.schema.find_by_name(text("name")),
            id => self.schema.find_by_id(id),
        };
        let Some(old) = old else {
            let draft = Draft::create(body).map_err(|error| failure(&error.to_string()))?;
            return Ok(Planned { draft: self.complete(draft, None), old: None });
        };
        let mut body = body.clone();
        body.insert("id".to_owned(), old.id.as_str().into());
        let mut draft = Draft::update(old, &body).map_err(|error| failure(&error.to_string()))?;
        if body.contains_key("fields") {
            keep_fields(&mut draft.collection.fields, &old.fields, delete_missing);
        }
        Ok(Planned { draft: self.complete(draft, Some(old)), old: Some(old.clone()) })
    }
}

fn require_valid(plan: &Planned, base: &Schema, proposed: &Schema) -> Result<()> {
    let old = plan.old.as_deref().map(|old| retargeted(old, &plan.draft.collection));
    let errors = validated(&plan.draft, old.as_deref(), base, proposed);
    if errors.is_empty() {
        return Ok(());
    }
    if let Some(FieldError::Nested(indexes)) = errors.get("indexes") {
        let mut data = FieldErrors::default();
        data.nest("indexes", indexes.clone());
        return Err(Error::invalid(FAILED, data));
    }
    let collection = &plan.draft.collection;
    let faults = serde_json::to_string_pretty(&errors).unwrap_or_default();
    Err(import_error(format!(
        "Data validations failed for collection {:?} ({}):\n{faults}",
        collection.name, collection.id
    )))
}

/// The old collection with relations that point where the new ones do: an import may come from a
/// place where a relation was dropped and made anew, under the same name and so the same id.
fn retargeted<'c>(old: &'c Collection, new: &Collection) -> Cow<'c, Collection> {
    let mut old = Cow::Borrowed(old);
    for (field, target) in new.relations() {
        let Some(at) = old.fields.iter().position(|other| other.id == field.id) else { continue };
        match &old.fields[at].kind {
            FieldType::Relation(relation) if relation.collection_id != target => {}
            _ => continue,
        }
        if let FieldType::Relation(relation) = &mut old.to_mut().fields[at].kind {
            target.clone_into(&mut relation.collection_id);
        }
    }
    old
}

/// The fields that were there and are not listed stay behind those that are. A listed field that
/// has the name and the kind of one of them, but not its id, is that one.
fn keep_fields(fields: &mut Vec<Field>, old: &[Field], delete_missing: bool) {
    for field in old {
        if fields.iter().any(|other| other.id == field.id) {
            continue;
        }
        let is_twin =
            |other: &&mut Field| other.name == field.name && other.kind.name() == field.kind.name();
        if let Some(twin) = fields.iter_mut().find(is_twin) {
            twin.id.clone_from(&field.id);
        } else if field.system || !delete_missing {
            fields.push(field.clone());
        }
    }
}

fn is_same(a: &Collection, b: &Collection) -> bool {
    a.id == b.id || a.name.eq_ignore_ascii_case(&b.name)
}

fn refused(name: &str, error: Error) -> Error {
    if error.kind() == Kind::Busy {
        return error;
    }
    if !error.data().is_empty() {
        return Error::invalid(FAILED, error.data().clone()).with_source(error);
    }
    let reason = match StoreError::below(&error) {
        Some(below) => below.to_string(),
        None => error.to_string(),
    };
    failure(&format!("failed to save collection {name:?}: {reason}")).with_source(error)
}

fn failure(reason: &str) -> Error {
    import_error(format!("Failed to import the collections configuration. Raw error:\n{reason}"))
}

fn import_error(message: String) -> Error {
    let issue = Issue::with_message(Code::CollectionsImportFailure, message);
    Error::invalid(FAILED, FieldErrors::one("collections", issue))
}
