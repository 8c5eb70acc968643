//! [`SettingsCache`]: the current settings, and the one way to change them.

use std::sync::Arc;

use arc_swap::ArcSwap;
use serde_json::Value;

use crate::clock::Clock;
use crate::config::SettingsKey;
use crate::error::Result;
use crate::settings::{Settings, stored};
use crate::store::{Store, Tx};

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
