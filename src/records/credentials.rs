//! Changes of an auth record that no rule is asked for, because its owner proved something: an
//! address, a password, an account elsewhere. What follows from them is the same as in an update.

use std::sync::Arc;

use crate::changes::Action;
use crate::codes::Code;
use crate::crypto::Secret;
use crate::error::{FieldErrors, Issue, Result};
use crate::records::auth_form;
use crate::records::parts::Records;
use crate::records::update::store_changed;
use crate::schema::{Collection, FieldType, Schema};
use crate::sql::Value;
use crate::store::Tx;

/// Longest password that is looked at.
const MAX_PASSWORD: usize = 255;

impl Records {
    /// Sets fields of a stored record; false when it is gone. Of a password it takes the hash.
    /// Token key, half-done sign-ins, known devices, codes and links to other services follow
    /// their rules, and the change is told as any other.
    ///
    /// # Errors
    /// 400 for a value that its field refuses, or that another record has.
    pub(crate) fn amend(
        &self,
        tx: &Tx<'_>,
        schema: &Arc<Schema>,
        collection: &Arc<Collection>,
        id: &str,
        changes: Vec<(&str, Value)>,
    ) -> Result<bool> {
        let Some(record) = self.stored(tx, collection, id)? else { return Ok(false) };
        let before = record.into_values();
        let mut values = before.clone();
        let mut errors = FieldErrors::default();
        for (name, value) in changes {
            let Some(at) = collection.fields.iter().position(|field| field.name == name) else {
                continue;
            };
            let field = &collection.fields[at];
            if !matches!(field.kind, FieldType::Password(_))
                && let Err(issue) = field.kind.validate(field, &value)
            {
                errors.add(name, issue);
            }
            values[at] = value;
        }
        errors.into_result("An error occurred while validating the submitted data.")?;
        store_changed(tx, schema, collection, &before, &mut values, self.changes.now())?;
        let action = Action::Update;
        self.changes.written(tx, schema, collection, id, action, || values.clone())?;
        Ok(true)
    }

    /// What the collection has against a new password.
    pub(crate) fn check_new_password(collection: &Collection, password: &Secret) -> FieldErrors {
        let mut errors = FieldErrors::default();
        let at = collection.fields.iter().position(|field| field.name == "password");
        let Some((at, FieldType::Password(options))) =
            at.map(|at| (at, &collection.fields[at].kind))
        else {
            return errors;
        };
        let (length, min) = (password.reveal().chars().count(), options.min.max(1));
        if length > MAX_PASSWORD || length < usize::try_from(min).unwrap_or(usize::MAX) {
            let message = format!("The length must be between {min} and {MAX_PASSWORD}.");
            let issue = Issue::with_message(Code::LengthOutOfRange, message);
            errors.add("password", issue.param("min", min).param("max", MAX_PASSWORD));
            return errors;
        }
        auth_form::check_passwords(collection, &vec![(at, password.clone())], None, &mut errors);
        errors
    }
}
