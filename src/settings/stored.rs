//! The row of `_params` that holds the settings, in the clear or encrypted.

use crate::clock::DateTime;
use crate::config::SettingsKey;
use crate::crypto::{seal, unseal};
use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::sql::{Statement, Value};
use crate::store::Tx;

const ID: &str = "settings";

/// Why the stored settings cannot be used; each says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// They look encrypted, and no key was given.
    #[error(
        "the settings of this data folder are encrypted: name the variable that holds their key \
         with --encryption-env"
    )]
    KeyMissing,
    /// They cannot be decrypted.
    #[error(
        "the settings of this data folder cannot be decrypted with the key in {0}: it is not the \
         key they were saved with"
    )]
    WrongKey(String),
    /// They are no settings.
    #[error("the settings in _params are damaged: restore a backup of the data folder")]
    Damaged,
}

/// The stored settings, if there are any.
///
/// # Errors
/// [`SettingsError`] as the source of an internal error.
pub(super) fn load(tx: &Tx<'_>, key: Option<&SettingsKey>) -> Result<Option<Settings>> {
    let select = Statement::new("SELECT value FROM _params WHERE id = ?1", vec![Value::from(ID)]);
    let text = tx.query_one(&select, |row| Ok(row.get(0).text().to_owned()))?;
    text.map(|text| decode(&text, key).map_err(Error::internal)).transpose()
}

/// Whether what is stored does not lie there in the clear.
pub(super) fn is_sealed(tx: &Tx<'_>) -> Result<bool> {
    let select = Statement::new("SELECT value FROM _params WHERE id = ?1", vec![Value::from(ID)]);
    let is_clear = |text: &str| text.trim_start().starts_with('{');
    Ok(tx.query_one(&select, |row| Ok(!is_clear(row.get(0).text())))?.unwrap_or(false))
}

/// Writes the settings over what is stored.
pub(super) fn save(
    tx: &Tx<'_>,
    settings: &Settings,
    key: Option<&SettingsKey>,
    now: DateTime,
) -> Result<()> {
    let text = encode(settings, key)?;
    let upsert = Statement::new(
        "INSERT INTO _params (id, value, created, updated) VALUES (?1, ?2, ?3, ?3) \
         ON CONFLICT (id) DO UPDATE SET value = excluded.value, updated = excluded.updated",
        vec![Value::from(ID), Value::from(text), Value::from(now.to_string())],
    );
    tx.execute(&upsert)?;
    Ok(())
}

/// The text of the row. JSON is tried first, so that a key may be added to an open folder.
pub(super) fn decode(text: &str, key: Option<&SettingsKey>) -> Result<Settings, SettingsError> {
    if let Some(settings) = Settings::from_json(text.as_bytes()) {
        return Ok(settings);
    }
    if text.trim_start().starts_with('{') {
        return Err(SettingsError::Damaged);
    }
    let key = key.ok_or(SettingsError::KeyMissing)?;
    let wrong = |_| SettingsError::WrongKey(key.variable.clone());
    let clear = unseal(&key.key, text.trim()).map_err(wrong)?;
    Settings::from_json(&clear).ok_or(SettingsError::Damaged)
}

pub(super) fn encode(settings: &Settings, key: Option<&SettingsKey>) -> Result<String> {
    let json = settings.to_json();
    match key {
        Some(key) => seal(&key.key, json.as_bytes()).map_err(Error::internal),
        None => Ok(json),
    }
}
