//! Is this definition of a collection allowed? Everything that is wrong is reported at once
//! (contract §4.3, §4.5, §4.6, §4.9).

use crate::codes::Code;
use crate::error::{FieldError, FieldErrors, Issue};
use crate::schema::index::Index;
use crate::schema::validate_auth;
use crate::schema::{Collection, CollectionKind, Draft, Field, FieldType, Place, Schema, checks};

/// Compiles a rule against the collection that is checked; the text says what is wrong with it.
pub type RuleCheck<'a> = &'a dyn Fn(&str) -> Result<(), String>;

/// Tables of the product that are no collections.
const INTERNAL_TABLES: [&str; 3] = ["_collections", "_params", "_migrations"];
/// What our own tables start with.
const INTERNAL_PREFIX: &str = "_gr_";
/// Index of a table of the product, which no collection may take.
const INTERNAL_INDEX: (&str, &str) = ("idx__collections_type", "_collections");

/// Names that mean something else in records and expressions.
const RESERVED_FIELDS: [&str; 7] =
    ["null", "true", "false", "_rowid_", "collectionId", "collectionName", "expand"];
/// Keys of forms that change auth records.
const RESERVED_AUTH_FIELDS: [&str; 2] = ["passwordConfirm", "oldPassword"];

/// What is wrong with a normalized draft that is to be created, or to replace `old`.
pub fn validate(
    draft: &Draft,
    old: Option<&Collection>,
    schema: &Schema,
    check_rule: RuleCheck<'_>,
) -> FieldErrors {
    let collection = &draft.collection;
    let mut errors = FieldErrors::default();
    if draft.has_unknown_type {
        errors.add("type", Issue::new(Code::InInvalid));
        return errors;
    }
    if old.is_some_and(|old| old.id != collection.id) {
        // Everything else would be judged as if it were another collection.
        errors.add("id", Issue::new(Code::ValuesMismatch));
        return errors;
    }
    identity(collection, old, schema, &mut errors);
    if old.is_some_and(|old| old.type_name() != collection.type_name()) {
        errors.add("type", Issue::new(Code::CollectionTypeChange));
    }
    if old.is_some_and(|old| old.system != collection.system) {
        errors.add("system", Issue::new(Code::CollectionSystemFlagChange));
    }
    rules(collection, old, check_rule, &mut errors);
    fields(collection, old, schema, &mut errors);
    indexes(collection, schema, &mut errors);
    if let Some(issue) = old.and_then(|old| lost_unique_index(collection, old)) {
        errors.add("indexes", issue);
    }
    match &collection.kind {
        CollectionKind::Base => {}
        CollectionKind::View { query } => checks::required(&mut errors, "viewQuery", query),
        CollectionKind::Auth(options) => {
            validate_auth::options(collection, options, old, check_rule, &mut errors);
        }
    }
    errors
}

fn identity(
    collection: &Collection,
    old: Option<&Collection>,
    schema: &Schema,
    errors: &mut FieldErrors,
) {
    let id = &collection.id;
    checks::required(errors, "id", id);
    checks::length(errors, "id", id, 1, 100);
    checks::word(errors, "id", id);
    let name = &collection.name;
    checks::required(errors, "name", name);
    checks::length(errors, "name", name, 1, 255);
    checks::word(errors, "name", name);
    checks::no_via(errors, "name", name);
    if old.is_some_and(|old| old.system && old.name != *name) {
        errors.add("name", Issue::new(Code::CollectionSystemNameChange));
    }
    if schema.find_by_name(name).is_some_and(|other| other.id != *id) {
        errors.add("name", Issue::new(Code::CollectionNameExists));
    }
    if schema.find_by_id(name).is_some_and(|other| other.id != *id) {
        errors.add("name", Issue::new(Code::CollectionNameIdDuplicate));
    }
    let is_internal = INTERNAL_TABLES.iter().any(|table| table.eq_ignore_ascii_case(name))
        || name.to_ascii_lowercase().starts_with(INTERNAL_PREFIX);
    if is_internal {
        errors.add("name", Issue::new(Code::CollectionNameInvalid));
    }
}

fn rules(
    collection: &Collection,
    old: Option<&Collection>,
    check_rule: RuleCheck<'_>,
    errors: &mut FieldErrors,
) {
    let before = old.filter(|old| old.system).map(|old| old.rules.named());
    for (at, (name, rule)) in collection.rules.named().into_iter().enumerate() {
        if before.is_some_and(|before| before[at].1 != rule) {
            errors.add(name, Issue::new(Code::CollectionSystemRuleChange));
        }
        let is_writing = matches!(name, "createRule" | "updateRule" | "deleteRule");
        if collection.is_view() && is_writing && rule.is_some() {
            errors.add(name, Issue::new(Code::Nil));
        }
        check(name, rule.as_deref(), check_rule, errors);
    }
}

/// Notes a rule that does not compile.
pub(super) fn check(
    name: &str,
    rule: Option<&str>,
    check_rule: RuleCheck<'_>,
    errors: &mut FieldErrors,
) {
    let Some(rule) = rule.filter(|rule| !rule.is_empty()) else { return };
    if let Err(reason) = check_rule(rule) {
        let message = format!("Invalid rule. Raw error: {reason}");
        errors.add(name, Issue::with_message(Code::InvalidRule, message));
    }
}

fn fields(
    collection: &Collection,
    old: Option<&Collection>,
    schema: &Schema,
    errors: &mut FieldErrors,
) {
    let list = &collection.fields;
    if list.is_empty() {
        return errors.add("fields", Issue::new(Code::Required));
    }
    if let Some(doubled) = duplicate(list) {
        return errors.nest("fields", doubled);
    }
    if !list.iter().any(|field| field.name == "id" && is_key(field)) {
        let message = "Missing or invalid \"id\" PK field.";
        return errors.add("fields", Issue::with_message(Code::MissingPrimaryKey, message));
    }
    // The fields of a view follow from its query, and copies get new ids each time.
    let keeps_fields = old.filter(|old| !old.is_view());
    if keeps_fields.is_some_and(|old| has_lost_system_field(collection, old)) {
        let message = "System fields cannot be deleted or renamed.";
        return errors.add("fields", Issue::with_message(Code::SystemFieldChange, message));
    }
    let has_several_keys = list.iter().filter(|field| is_key(field)).count() > 1;
    let mut inner = FieldErrors::default();
    for (at, field) in list.iter().enumerate() {
        let before = old.and_then(|old| old.fields.iter().find(|other| other.id == field.id));
        if before.is_some_and(|before| before.kind.name() != field.kind.name()) {
            inner.add(at.to_string(), Issue::new(Code::FieldTypeChange));
            continue;
        }
        let place = Place { field, old: before, collection, schema };
        let mut faults = FieldErrors::default();
        shared(&place, &mut faults);
        if is_key(field) && has_several_keys {
            let message = "Composite PKs are not supported and the collection must have only 1 PK.";
            let issue = Issue::with_message(Code::UnsupportedCompositePk, message);
            faults.add("primaryKey", issue);
        }
        field.kind.check_options(&place, &mut faults);
        inner.nest(at.to_string(), faults);
    }
    errors.nest("fields", inner);
}

/// What fields of every kind must keep to.
fn shared(place: &Place<'_>, faults: &mut FieldErrors) {
    let Field { id, name, help, .. } = place.field;
    checks::required(faults, "id", id);
    checks::length(faults, "id", id, 1, 100);
    checks::length(faults, "help", help, 1, 300);
    checks::required(faults, "name", name);
    checks::length(faults, "name", name, 1, 100);
    checks::word(faults, "name", name);
    checks::no_via(faults, "name", name);
    if RESERVED_FIELDS.contains(&name.as_str()) {
        faults.add("name", Issue::new(Code::NotInInvalid));
    }
    if place.collection.auth().is_some() && RESERVED_AUTH_FIELDS.contains(&name.as_str()) {
        let message = "The field name is reserved and cannot be used.";
        faults.add("name", Issue::with_message(Code::ReservedFieldName, message));
    }
}

/// The first field that repeats the id or, in any case, the name of one before it.
fn duplicate(list: &[Field]) -> Option<FieldErrors> {
    list.iter().enumerate().find_map(|(at, field)| {
        let before = &list[..at];
        let (key, issue) = if before.iter().any(|other| other.id == field.id) {
            let message = format!("Duplicated or invalid field id {}.", field.id);
            ("id", Issue::with_message(Code::DuplicatedFieldId, message))
        } else if before.iter().any(|other| is_same_name(&other.name, &field.name)) {
            let message = format!("Duplicated or invalid field name {}.", field.name);
            let issue = Issue::with_message(Code::DuplicatedFieldName, message);
            ("name", issue.param("fieldName", field.name.as_str()))
        } else {
            return None;
        };
        let mut errors = FieldErrors::default();
        errors.nest(at.to_string(), FieldErrors::one(key, issue));
        Some(errors)
    })
}

fn is_same_name(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

fn is_key(field: &Field) -> bool {
    matches!(&field.kind, FieldType::Text(text) if text.primary_key)
}

/// True when a field the product made is gone or has another name.
fn has_lost_system_field(collection: &Collection, old: &Collection) -> bool {
    old.fields.iter().filter(|field| field.system).any(|field| {
        let now = collection.fields.iter().find(|other| other.id == field.id);
        now.is_none_or(|now| now.name != field.name)
    })
}

/// A unique index that the product made, and that its collection cannot do without. The ones of
/// auth collections are put back by themselves.
fn lost_unique_index(collection: &Collection, old: &Collection) -> Option<Issue> {
    if !old.system {
        return None;
    }
    let now: Vec<Index> = collection.indexes.iter().filter_map(|text| Index::parse(text)).collect();
    let before = old.indexes.iter().filter_map(|text| Index::parse(text));
    let lost = before
        .filter(|index| index.is_unique)
        .find(|index| !now.iter().any(|other| other.is_as_unique_as(index)))?;
    let is_system = |name: &str| {
        old.fields.iter().any(|field| field.system && field.name.eq_ignore_ascii_case(name))
    };
    let column = lost.columns.iter().find(|column| is_system(&column.name))?;
    let name = &column.name;
    let message =
        format!("Unique index definition on system fields ({name}) is invalid or missing.");
    let issue = Issue::with_message(Code::InvalidUniqueSystemFieldIndex, message);
    Some(issue.param("fieldName", name.as_str()))
}

/// What keeps the columns of a view from being the fields of records, in words.
///
/// # Errors
/// The first column at fault.
pub fn check_view_fields(collection: &Collection, schema: &Schema) -> Result<(), String> {
    for (at, field) in collection.fields.iter().enumerate() {
        let place = Place { field, old: None, collection, schema };
        let mut faults = FieldErrors::default();
        shared(&place, &mut faults);
        let is_taken = |other: &Field| is_same_name(&other.name, &field.name);
        if collection.fields[..at].iter().any(is_taken) {
            faults.add("name", Issue::new(Code::DuplicatedFieldName));
        }
        if let Some(FieldError::Issue(issue)) = faults.get("name") {
            let Field { name, .. } = field;
            return Err(format!("invalid field {name:?} ({at}): name: {}", issue.message));
        }
    }
    Ok(())
}

fn indexes(collection: &Collection, schema: &Schema, errors: &mut FieldErrors) {
    if collection.is_view() {
        if !collection.indexes.is_empty() {
            errors.add("indexes", Issue::new(Code::IndexesNotSupported));
        }
        return;
    }
    let mut seen: Vec<Index> = Vec::new();
    let mut inner = FieldErrors::default();
    for (at, text) in collection.indexes.iter().enumerate() {
        match Index::parse(text) {
            None => {
                let message = "Invalid CREATE INDEX expression.";
                let issue = Issue::with_message(Code::InvalidIndexExpression, message);
                inner.add(at.to_string(), issue);
            }
            Some(index) => {
                if let Some(issue) = index_fault(&index, &seen, collection, schema) {
                    inner.add(at.to_string(), issue);
                }
                seen.push(index);
            }
        }
        // The first fault is enough: the ones after it often follow from it.
        if !inner.is_empty() {
            break;
        }
    }
    errors.nest("indexes", inner);
}

fn index_fault(
    index: &Index,
    seen: &[Index],
    collection: &Collection,
    schema: &Schema,
) -> Option<Issue> {
    if seen.iter().any(|other| other.name.eq_ignore_ascii_case(&index.name)) {
        return Some(Issue::new(Code::DuplicatedIndexName));
    }
    if let Some(user) = user_of_index(&index.name, collection, schema) {
        let message = format!("The index name is already used in {user} collection.");
        let issue = Issue::with_message(Code::ExistingIndexName, message);
        return Some(issue.param("usedTableName", user));
    }
    if seen.iter().any(|other| other.shape() == index.shape()) {
        let message = "The index definition already exists.";
        return Some(Issue::with_message(Code::DuplicatedIndexDefinition, message));
    }
    None
}

/// The other collection that has an index of this name.
fn user_of_index(name: &str, collection: &Collection, schema: &Schema) -> Option<String> {
    if name.eq_ignore_ascii_case(INTERNAL_INDEX.0) {
        return Some(INTERNAL_INDEX.1.to_owned());
    }
    let others = schema.collections().iter().filter(|other| other.id != collection.id);
    // Reading every definition of a thousand collections is dear; most do not even hold the name.
    let lower = name.to_ascii_lowercase();
    others
        .flat_map(|other| other.indexes.iter().map(move |text| (other, text)))
        .filter(|(_, text)| text.to_ascii_lowercase().contains(&lower))
        .find(|(_, text)| {
            Index::parse(text).is_some_and(|index| index.name.eq_ignore_ascii_case(name))
        })
        .map(|(other, _)| other.name.clone())
}

#[cfg(test)]
mod tests;
