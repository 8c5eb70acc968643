//! What is particular to writing a record that signs in: password, e-mail address, verified
//! (contract §3.3, §5.13, §7.3). Also hashes the password fields of plain collections.

use serde_json::{Map, Value as Json};

use crate::codes::Code;
use crate::crypto::{self, KEY_ALPHABET, Secret};
use crate::error::{FieldErrors, Issue, Result};
use crate::records::password_policy::check_policy;
use crate::schema::system::{AUTH_ORIGINS, EXTERNAL_AUTHS, MFAS, OTPS, SESSIONS, SUPERUSERS};
use crate::schema::{Collection, FieldType, Schema, cast};
use crate::sql::{Value, write};
use crate::store::Tx;

/// The account of the set-up link, gone as soon as there is a real superuser.
pub const INSTALLER_EMAIL: &str = "__pbinstaller@example.com";
/// Characters of a token key.
const TOKEN_KEY_LENGTH: usize = 50;

/// The passwords of a body that are not empty: the field's position, and the text to hash.
pub(crate) type Passwords = Vec<(usize, Secret)>;

/// Finds the passwords that a body sets.
pub(crate) fn sent_passwords(collection: &Collection, body: &Map<String, Json>) -> Passwords {
    let mut passwords = Vec::new();
    for (i, field) in collection.fields.iter().enumerate() {
        if let (FieldType::Password(_), Some(sent)) = (&field.kind, body.get(&field.name)) {
            let plain = field.kind.cast(sent);
            if !plain.text().is_empty() {
                passwords.push((i, Secret::new(plain.text())));
            }
        }
    }
    passwords
}

/// The text of a key that only the form of an auth record knows. A form that is not JSON may have
/// turned a password of digits into a number.
fn sent(body: &Map<String, Json>, key: &str) -> String {
    body.get(key).map(cast::text).unwrap_or_default()
}

/// Checks what only the form knows: confirmation, old password, and what the owner may not change.
///
/// `stored` gives the present values of an update; `old_password_fits` is what hashing found out.
pub(crate) fn check_form(
    collection: &Collection,
    body: &Map<String, Json>,
    values: &[Value],
    stored: Option<&[Value]>,
    is_manager: bool,
    old_password_fits: Option<bool>,
) -> FieldErrors {
    let mut errors = FieldErrors::default();
    if collection.auth().is_none() {
        return errors;
    }
    let is_new = stored.is_none();
    let (password, confirm, old) =
        (sent(body, "password"), sent(body, "passwordConfirm"), sent(body, "oldPassword"));
    if password.is_empty() && (is_new || !confirm.is_empty() || !old.is_empty()) {
        errors.add("password", Issue::new(Code::Required));
    }
    if confirm.is_empty() && (is_new || !password.is_empty() || !old.is_empty()) {
        errors.add("passwordConfirm", Issue::new(Code::Required));
    } else if confirm != password {
        errors.add("passwordConfirm", Issue::new(Code::ValuesMismatch));
    }
    let sets_password = !password.is_empty() || !confirm.is_empty();
    if sets_password && !is_manager && !is_new {
        if old.is_empty() {
            errors.add("oldPassword", Issue::new(Code::Required));
        } else if old_password_fits != Some(true) {
            errors.add("oldPassword", Issue::new(Code::InvalidOldPassword));
        }
    }
    if !is_manager {
        keep_owner_out(collection, values, stored, &mut errors);
    }
    errors
}

/// The address, once made, and whether it is proved are for managers to change.
fn keep_owner_out(
    collection: &Collection,
    values: &[Value],
    stored: Option<&[Value]>,
    errors: &mut FieldErrors,
) {
    for (i, field) in collection.fields.iter().enumerate().filter(|(_, field)| field.system) {
        let unchanged = match (field.name.as_str(), stored) {
            ("email" | "verified", Some(stored)) => stored[i] == values[i],
            ("verified", None) => !values[i].as_ref().is_true(),
            _ => true,
        };
        if !unchanged {
            errors.add(field.name.clone(), Issue::new(Code::ValuesMismatch));
        }
    }
}

/// True when the owner must prove the old password before a new one is taken.
pub(crate) fn old_password(body: &Map<String, Json>) -> Option<Secret> {
    let old = sent(body, "oldPassword");
    (!old.is_empty()).then(|| Secret::new(old))
}

/// Checks the fields that hold passwords, as they were typed.
pub(crate) fn check_passwords(
    collection: &Collection,
    passwords: &Passwords,
    stored: Option<&[Value]>,
    errors: &mut FieldErrors,
) {
    for (i, field) in collection.fields.iter().enumerate() {
        if !matches!(field.kind, FieldType::Password(_)) {
            continue;
        }
        let typed = passwords.iter().find(|(position, _)| *position == i);
        let kept = stored.is_some_and(|stored| !stored[i].text().is_empty());
        let value = match typed {
            Some((_, plain)) => Value::from(plain.reveal()),
            None if kept => continue,
            None => Value::from(""),
        };
        if let Err(issue) = field.kind.validate(field, &value) {
            errors.add(field.name.clone(), issue);
        } else if field.name == "password"
            && let Err(issue) = check_policy(collection, value.text())
        {
            errors.add("password", issue);
        }
    }
}

/// A new token key where the password or the address changed: every token of the record dies.
pub(crate) fn rotate_token_key(collection: &Collection, before: &[Value], values: &mut [Value]) {
    if collection.auth().is_none() {
        return;
    }
    let position = |name: &str| collection.fields.iter().position(|field| field.name == name);
    let changed = |name: &str| position(name).is_some_and(|i| before[i].text() != values[i].text());
    if changed("tokenKey") || !(changed("password") || changed("email")) {
        return;
    }
    renew_token_key(collection, values);
}

fn renew_token_key(collection: &Collection, values: &mut [Value]) {
    if let Some(key) = collection.fields.iter().position(|field| field.name == "tokenKey") {
        values[key] = Value::Text(crypto::random_text(TOKEN_KEY_LENGTH, KEY_ALPHABET));
    }
}

/// Whoever signed in through another service while the address was not proved need not be who it
/// belongs to: where the record becomes verified those links go, and its tokens with them
/// (contract §7.4).
pub(crate) fn on_verified(
    tx: &Tx<'_>,
    schema: &Schema,
    collection: &Collection,
    before: &[Value],
    values: &mut [Value],
) -> Result<()> {
    let position = |name: &str| collection.fields.iter().position(|field| field.name == name);
    let (Some(verified), Some(id)) = (position("verified"), position("id")) else { return Ok(()) };
    let becomes = !before[verified].as_ref().is_true() && values[verified].as_ref().is_true();
    if collection.auth().is_none() || !becomes || schema.find_by_name(EXTERNAL_AUTHS).is_none() {
        return Ok(());
    }
    let key =
        [("collectionRef", Value::from(collection.id.as_str())), ("recordRef", before[id].clone())];
    if tx.execute(&write::delete_where(tx.dialect(), EXTERNAL_AUTHS, &key))? > 0 {
        renew_token_key(collection, values);
    }
    Ok(())
}

/// The set-up account goes when a real superuser comes.
pub(crate) fn after_create(tx: &Tx<'_>, collection: &Collection, email: &str) -> Result<()> {
    if collection.name == SUPERUSERS && email != INSTALLER_EMAIL {
        let key = [("email", Value::from(INSTALLER_EMAIL))];
        tx.execute(&write::delete_where(tx.dialect(), &collection.name, &key))?;
    }
    Ok(())
}

/// A superuser is verified, whatever was sent.
pub(crate) fn keep_superusers_verified(collection: &Collection, values: &mut [Value]) {
    let position = collection.fields.iter().position(|field| field.name == "verified");
    if let Some(verified) = position.filter(|_| collection.name == SUPERUSERS) {
        values[verified] = Value::from(true);
    }
}

/// A changed password or token key makes half-done sign-ins, known devices and one-time codes void.
pub(crate) fn after_update(
    tx: &Tx<'_>,
    schema: &Schema,
    collection: &Collection,
    before: &[Value],
    values: &[Value],
) -> Result<()> {
    if collection.auth().is_none() {
        return Ok(());
    }
    let position = |name: &str| collection.fields.iter().position(|field| field.name == name);
    let changed = |name: &str| position(name).is_some_and(|i| before[i] != values[i]);
    let Some(id) = position("id").map(|i| before[i].clone()) else { return Ok(()) };
    let void: [(bool, &[&str]); 2] =
        [(changed("password"), &[MFAS, AUTH_ORIGINS]), (changed("tokenKey"), &[OTPS])];
    for name in void.iter().filter(|(is_void, _)| *is_void).flat_map(|(_, names)| *names) {
        if schema.find_by_name(name).is_some() {
            let key =
                [("collectionRef", Value::from(collection.id.as_str())), ("recordRef", id.clone())];
            tx.execute(&write::delete_where(tx.dialect(), name, &key))?;
        }
    }
    if changed("tokenKey") { forget_sessions(tx, collection, id.text()) } else { Ok(()) }
}

/// The sessions of a record whose tokens are worthless from now on.
pub(crate) fn forget_sessions(tx: &Tx<'_>, collection: &Collection, id: &str) -> Result<()> {
    let key = [("collection", Value::from(collection.id.as_str())), ("record", Value::from(id))];
    tx.execute(&write::delete_where(tx.dialect(), SESSIONS, &key))?;
    Ok(())
}

#[cfg(test)]
mod tests;
