//! What create and update share: checks that need rows, and what an engine's refusal means.

use std::sync::Arc;

use crate::clock::DateTime;
use crate::codes::Code;
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::query::{self, Access, Predicate, RequestContext, Source};
use crate::records::expand::listed;
use crate::records::load::{Scope, manages_some, plan};
use crate::schema::{Collection, Field, FieldType, RuleSlot, Schema};
use crate::sql::{Value, write};
use crate::store::{StoreError, Tx};

/// The collections that hold what hangs on an auth record: `collectionRef`, `recordRef`.
pub(crate) const AUTH_SATELLITES: [&str; 4] = ["_externalAuths", "_mfas", "_otps", "_authOrigins"];

/// Checks each value against its field. Passwords are checked where they are known in the clear,
/// files where their uploads are.
pub(crate) fn check_fields(collection: &Collection, values: &[Value], errors: &mut FieldErrors) {
    for (field, value) in collection.fields.iter().zip(values) {
        if matches!(
            field.kind,
            FieldType::Autodate(_) | FieldType::Password(_) | FieldType::File(_)
        ) {
            continue;
        }
        if let Err(issue) = field.kind.validate(field, value) {
            errors.add(field.name.clone(), issue);
        }
    }
}

/// Checks that the records which `values` relate to exist. `before` spares what did not change.
pub(crate) fn check_relations(
    tx: &Tx<'_>,
    schema: &Schema,
    collection: &Collection,
    before: Option<&[Value]>,
    values: &[Value],
    errors: &mut FieldErrors,
) -> Result<()> {
    for (i, (field, value)) in collection.fields.iter().zip(values).enumerate() {
        let FieldType::Relation(relation) = &field.kind else { continue };
        let ids = listed(value.text());
        if ids.is_empty() || before.is_some_and(|before| before[i] == *value) {
            continue;
        }
        let Some(target) = schema.find_by_id(&relation.collection_id) else {
            errors.add(field.name.clone(), Issue::new(Code::MissingRelCollection));
            continue;
        };
        if count_existing(tx, target, &ids)? != ids.len() {
            errors.add(field.name.clone(), Issue::new(Code::MissingRelRecords));
        }
    }
    Ok(())
}

fn count_existing(tx: &Tx<'_>, target: &Collection, ids: &[String]) -> Result<usize> {
    let list = serde_json::to_string(ids).map_err(Error::internal)?;
    let mut found = 0;
    tx.query(&write::select_existing(tx.dialect(), &target.name, &list), |_| {
        found += 1;
        Ok(())
    })?;
    Ok(found)
}

/// Ids of a pattern of their own may not differ by case alone: links and files would be confused.
pub(crate) fn check_own_id(
    tx: &Tx<'_>,
    collection: &Collection,
    id: &str,
    errors: &mut FieldErrors,
) -> Result<()> {
    let field = collection.field("id");
    let is_own =
        matches!(field.map(|f| &f.kind), Some(FieldType::Text(t)) if t.has_keys_of_its_own());
    if is_own && errors.get("id").is_none() {
        let statement = write::select_like_id(tx.dialect(), &collection.name, id);
        if tx.query_one(&statement, |_| Ok(()))?.is_some() {
            errors.add("id", Issue::new(Code::PkInvalid));
        }
    }
    Ok(())
}

/// A sign-in id means one record, whatever its collection.
pub(crate) fn check_auth_id(
    tx: &Tx<'_>,
    schema: &Schema,
    collection: &Collection,
    id: &str,
    errors: &mut FieldErrors,
) -> Result<()> {
    if collection.auth().is_none() {
        return Ok(());
    }
    let others = schema.collections().iter();
    for other in others.filter(|other| other.auth().is_some() && other.id != collection.id) {
        let statement = write::select_by_id(tx.dialect(), &other.name, &["id"], id);
        if tx.query_one(&statement, |_| Ok(()))?.is_some() {
            errors.add("id", Issue::new(Code::InvalidAuthId));
            return Ok(());
        }
    }
    Ok(())
}

/// The engine's refusal of a row, as the client should read it.
pub(crate) fn refused(
    collection: &Collection,
    failure: StoreError,
    message: &'static str,
) -> Error {
    let StoreError::Unique { columns, .. } = &failure else { return failure.into() };
    let mut errors = FieldErrors::default();
    for (_, column) in columns {
        if collection.field(column).is_some() {
            errors.add(column.clone(), Issue::new(Code::NotUnique));
        }
    }
    Error::invalid(message, errors).with_source(failure)
}

/// True when the rule lets this row pass. `source` is the stored table or a row to be.
pub(crate) fn passes(
    tx: &Tx<'_>,
    collection: &Arc<Collection>,
    access: Access,
    source: Source,
    id: &str,
) -> Result<bool> {
    let rule = match access {
        Access::Deny => return Ok(false),
        Access::Allow => return Ok(true),
        Access::Where(rule) => rule,
    };
    // Nothing points to a record that is not stored: a rule that asks what does lets nobody in.
    if matches!(source, Source::Values(_)) && rule.leads_back() {
        return Ok(false);
    }
    let mut predicates = vec![rule];
    if matches!(source, Source::Table) {
        predicates.insert(0, Predicate::by_id(id));
    }
    let read = query::ReadPlan {
        source,
        predicates,
        limit: Some(1),
        ..plan(collection, vec!["id".to_owned()])
    };
    Ok(tx.query_one(&query::select(&read, tx.dialect()), |_| Ok(()))?.is_some())
}

/// True when the caller may change what else only the owner may: superusers, and whom the manage
/// rule lets.
pub(crate) fn is_manager(
    tx: &Tx<'_>,
    scope: Scope<'_>,
    collection: &Arc<Collection>,
    source: Source,
    id: &str,
) -> Result<bool> {
    if scope.cx.caller.is_superuser() {
        return Ok(true);
    }
    if !manages_some(collection, &scope.cx.caller) {
        return Ok(false);
    }
    let access = scope.access(collection, RuleSlot::Manage)?;
    passes(tx, collection, access, source, id)
}

/// Sets the moments that the server keeps; `is_new` for a record that is being made.
pub(crate) fn stamp(collection: &Collection, values: &mut [Value], now: DateTime, is_new: bool) {
    for (field, value) in collection.fields.iter().zip(values) {
        if let FieldType::Autodate(auto) = &field.kind
            && ((is_new && auto.on_create) || (!is_new && auto.on_update))
        {
            *value = Value::Text(now.to_string());
        }
    }
}

/// Column names and values of a whole row.
pub(crate) fn row<'c>(collection: &'c Collection, values: &[Value]) -> Vec<(&'c str, Value)> {
    let names = collection.fields.iter().map(|field: &Field| field.name.as_str());
    names.zip(values.iter().cloned()).collect()
}

/// The request as rules see it, with the body of a write.
pub(crate) fn with_body(
    mut cx: RequestContext,
    body: serde_json::Map<String, serde_json::Value>,
) -> RequestContext {
    cx.body = body;
    cx
}
