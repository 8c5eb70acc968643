//! [`Seal`]: how secrets beside the settings lie on disk, and how they get another key.

use crate::config::SettingsKey;
use crate::crypto::{Secret, seal, unseal};
use crate::error::{Error, Result};
use crate::settings::SettingsError;

/// Marks secrets on disk that lie there in the clear, and those that do not.
const CLEAR: &str = "clear:";
const SEALED: &str = "sealed:";

/// Hides secrets with the key of the settings, or marks that there is none.
pub(super) struct Seal {
    pub(super) key: Option<SettingsKey>,
}

impl Seal {
    pub(super) fn close(&self, secret: &Secret) -> Result<String> {
        let Some(key) = &self.key else { return Ok(format!("{CLEAR}{}", secret.reveal())) };
        let text = seal(&key.key, secret.reveal().as_bytes()).map_err(Error::internal)?;
        Ok(format!("{SEALED}{text}"))
    }

    pub(super) fn open(&self, kept: &str) -> Result<Secret> {
        if let Some(clear) = kept.strip_prefix(CLEAR) {
            return Ok(Secret::new(clear));
        }
        let sealed = kept.strip_prefix(SEALED);
        let sealed = sealed.ok_or_else(|| Error::internal(SettingsError::Damaged))?;
        let key = self.key.as_ref().ok_or_else(|| Error::internal(SettingsError::KeyMissing))?;
        let wrong = |_| Error::internal(SettingsError::WrongKey(key.variable.clone()));
        let text = unseal(&key.key, sealed).map_err(wrong)?;
        String::from_utf8(text).map(Secret::new).map_err(Error::internal)
    }
}

/// Another key for what lies sealed on disk; made by
/// [`SettingsCache::rotate`](crate::settings::SettingsCache::rotate).
pub struct Reseal {
    pub(super) from: Seal,
    pub(super) to: Seal,
}

impl Reseal {
    /// What [`SettingsCache::sealed`](crate::settings::SettingsCache::sealed) made, as it is to
    /// lie on disk from now on.
    ///
    /// # Errors
    /// It was made with another key, or is damaged.
    pub fn renewed(&self, kept: &str) -> Result<String> {
        self.to.close(&self.from.open(kept)?)
    }
}
