//! [`SettingsCache`]: the current settings, and the one way to change them.

use std::sync::Arc;

use arc_swap::ArcSwap;
use serde_json::Value;

use crate::clock::Clock;
use crate::config::SettingsKey;
use crate::crypto::{Secret, seal, unseal};
use crate::error::{Error, Result};
use crate::settings::{Settings, SettingsError, stored};
use crate::store::{Store, Tx};

/// Marks secrets on disk that lie there in the clear, and those that do not.
const CLEAR: &str = "clear:";
const SEALED: &str = "sealed:";

/// The current settings; clones share them.
#[derive(Clone)]
pub struct SettingsCache(Arc<Inner>);

struct Inner {
    current: ArcSwap<Settings>,
    key: Option<SettingsKey>,
    clock: Clock,
}

impl SettingsCache {
    /// Reads the settings of an open data folder; a new folder gets fresh ones. Blocks.
    ///
    /// # Errors
    /// The stored settings cannot be read; [`crate::settings::SettingsError`] is the source.
    pub fn open(store: &Store, key: Option<SettingsKey>, clock: Clock) -> Result<Self> {
        let (with, now) = (key.clone(), clock.now());
        let settings = store.write_blocking(move |tx| {
            if let Some(settings) = stored::load(tx, with.as_ref())? {
                return Ok(settings);
            }
            let fresh = Settings::fresh();
            stored::save(tx, &fresh, with.as_ref(), now)?;
            Ok(fresh)
        })?;
        let current = ArcSwap::from_pointee(settings);
        Ok(Self(Arc::new(Inner { current, key, clock })))
    }

    /// The settings of this moment.
    pub fn load(&self) -> Arc<Settings> {
        self.0.current.load_full()
    }

    /// A secret as it may lie on disk: encrypted with the key of the settings, if there is one.
    ///
    /// # Errors
    /// The key is none.
    pub fn sealed(&self, secret: &Secret) -> Result<String> {
        let Some(key) = &self.0.key else { return Ok(format!("{CLEAR}{}", secret.reveal())) };
        let text = seal(&key.key, secret.reveal().as_bytes()).map_err(Error::internal)?;
        Ok(format!("{SEALED}{text}"))
    }

    /// What [`SettingsCache::sealed`] made.
    ///
    /// # Errors
    /// It was made with another key, or is damaged.
    pub fn unsealed(&self, kept: &str) -> Result<Secret> {
        if let Some(clear) = kept.strip_prefix(CLEAR) {
            return Ok(Secret::new(clear));
        }
        let sealed = kept.strip_prefix(SEALED);
        let sealed = sealed.ok_or_else(|| Error::internal(SettingsError::Damaged))?;
        let key = self.0.key.as_ref().ok_or_else(|| Error::internal(SettingsError::KeyMissing))?;
        let text = unseal(&key.key, sealed).map_err(Error::internal)?;
        String::from_utf8(text).map(Secret::new).map_err(Error::internal)
    }

    /// Changes the settings as a client asks, and answers the new ones.
    ///
    /// # Errors
    /// 400 for values that cannot be read or break a rule; what the store says.
    pub async fn patch(&self, store: &Store, patch: Value) -> Result<Arc<Settings>> {
        let cache = self.clone();
        store.write(move |tx| cache.edit(tx, |settings| settings.patched(patch))).await
    }

    /// Changes the settings within a transaction; readers see it right after the commit.
    ///
    /// # Errors
    /// What `change` says, and then nothing is changed; what the store says.
    pub fn edit(
        &self,
        tx: &Tx<'_>,
        change: impl FnOnce(&Settings) -> Result<Settings>,
    ) -> Result<Arc<Settings>> {
        // The row, not the snapshot: an earlier job of the same group may have changed it.
        let stored = stored::load(tx, self.0.key.as_ref())?;
        let old = stored.map_or_else(|| self.load(), Arc::new);
        let new = Arc::new(change(&old)?);
        if new != old {
            stored::save(tx, &new, self.0.key.as_ref(), self.0.clock.now())?;
            let (cache, published) = (self.clone(), Arc::clone(&new));
            tx.on_commit(move || cache.0.current.store(published));
        }
        Ok(new)
    }
}
