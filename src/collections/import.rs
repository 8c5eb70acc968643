//! Many collections at once, as an export holds them: all of them change, or none.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::codes::Code;
use crate::collections::catalog::Collections;
use crate::collections::change::{SchemaChange, validated};
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::schema::{Collection, Draft, Field, Schema};

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
    /// Makes the listed collections what the list says. A collection is found by its id, else by
    /// its name; fields it has and the list has not stay, unless `delete_missing`.
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
        let before = self.schema.collections().to_vec();
        let mut planned = Vec::with_capacity(list.len());
        // First all of them as they are to be: they may point to each other.
        let mut proposed = Schema::new(self.schema.version(), before.clone());
        for body in list {
            let plan = self.plan(body, delete_missing)?;
            if planned.iter().any(|other| is_same(other, &plan)) {
                return Err(failure(&format!("{:?} is listed twice", plan.draft.collection.name)));
            }
            proposed = proposed.with(Arc::new(plan.draft.collection.clone()));
            planned.push(plan);
        }
        let is_listed = |c: &Collection| planned.iter().any(|p| p.draft.collection.id == c.id);
        let missing: Vec<&Arc<Collection>> = before
            .iter()
            .filter(|collection| delete_missing && !collection.system && !is_listed(collection))
            .collect();
        for collection in &missing {
            proposed = proposed.without(&collection.id);
        }
        for plan in planned.iter().filter(|plan| !plan.draft.collection.is_view()) {
            let base = proposed.without(&plan.draft.collection.id);
            require_valid(plan, &base, &proposed)?;
        }
        for collection in missing {
            self.delete(collection).map_err(|error| refused(&collection.name, error))?;
        }
        // Views come last: they look at what the others became.
        let (views, tables): (Vec<&Planned>, Vec<&Planned>) =
            planned.iter().partition(|plan| plan.draft.collection.is_view());
        for plan in tables {
            let collection = &plan.draft.collection;
            self.write(collection, plan.old.as_deref())
                .map_err(|error| refused(&collection.name, error))?;
        }
        self.schema = proposed;
        for plan in views {
            self.import_view(plan)?;
        }
        Ok(())
    }

    fn import_view(&mut self, plan: &Planned) -> Result<()> {
        let mut draft = plan.draft.clone();
        if let Some(issue) = self.infer(&mut draft.collection)? {
            return Err(failure(&format!("{:?}: {}", draft.collection.name, issue.message)));
        }
        let base = self.schema.without(&draft.collection.id);
        let proposed = base.with(Arc::new(draft.collection.clone()));
        let plan = Planned { draft, old: plan.old.clone() };
        require_valid(&plan, &base, &proposed)?;
        let collection = &plan.draft.collection;
        self.write(collection, plan.old.as_deref())
            .map_err(|error| refused(&collection.name, error))?;
        self.schema = proposed;
        Ok(())
    }

    fn plan(&self, body: &Map<String, Json>, delete_missing: bool) -> Result<Planned> {
        let text = |key: &str| body.get(key).and_then(Json::as_str).unwrap_or_default();
        let old =
            self.schema.find_by_id(text("id")).or_else(|| self.schema.find_by_name(text("name")));
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
    let errors = validated(&plan.draft, plan.old.as_deref(), base, proposed);
    if errors.is_empty() {
        return Ok(());
    }
    let collection = &plan.draft.collection;
    let faults = serde_json::to_string_pretty(&errors).unwrap_or_default();
    Err(import_error(format!(
        "Data validations failed for collection {:?} ({}):\n{faults}",
        collection.name, collection.id
    )))
}

/// The fields that were there and are not listed stay behind those that are.
fn keep_fields(fields: &mut Vec<Field>, old: &[Field], delete_missing: bool) {
    for field in old {
        let is_listed = fields.iter().any(|other| other.id == field.id || other.name == field.name);
        if !is_listed && (field.system || !delete_missing) {
            fields.push(field.clone());
        }
    }
}

fn is_same(a: &Planned, b: &Planned) -> bool {
    let (a, b) = (&a.draft.collection, &b.draft.collection);
    a.id == b.id || a.name.eq_ignore_ascii_case(&b.name)
}

fn refused(name: &str, error: Error) -> Error {
    match error.kind() {
        crate::error::Kind::Busy => error,
        _ => {
            let reason = match crate::store::StoreError::below(&error) {
                Some(below) => below.to_string(),
                None => error.to_string(),
            };
            failure(&format!("failed to save collection {name:?}: {reason}")).with_source(error)
        }
    }
}

fn failure(reason: &str) -> Error {
    import_error(format!("Failed to import the collections configuration. Raw error:\n{reason}"))
}

fn import_error(message: String) -> Error {
    let issue = Issue::with_message(Code::CollectionsImportFailure, message);
    Error::invalid(FAILED, FieldErrors::one("collections", issue))
}
