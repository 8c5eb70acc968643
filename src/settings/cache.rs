//! [`SettingsCache`]: the current settings, and the one way to change them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::config::SettingsKey;
use crate::crypto::Secret;
use crate::error::Result;
use crate::settings::seal::{Reseal, Seal};
use crate::settings::{Overlay, OverlayError, Settings, stored};
use crate::store::{Store, Tx};

/// The current settings; clones share them.
#[derive(Clone)]
pub struct SettingsCache(Arc<Inner>);

type Follower = Box<dyn Fn(&Settings) + Send + Sync>;

struct Inner {
    /// What is stored, with what is written down over it.
    current: ArcSwap<Settings>,
    layers: Mutex<Layers>,
    version: AtomicU64,
    followers: Mutex<Vec<Follower>>,
    seal: Seal,
    clock: Clock,
}

struct Layers {
    stored: Arc<Settings>,
    overlay: Arc<Overlay>,
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
        let stored = Arc::new(settings);
        let current = ArcSwap::new(Arc::clone(&stored));
        let layers = Mutex::new(Layers { stored, overlay: Arc::default() });
        let (followers, seal) = (Mutex::default(), Seal { key });
        let version = AtomicU64::new(0);
        Ok(Self(Arc::new(Inner { current, layers, version, followers, seal, clock })))
    }

    /// The settings as they are stored, if there are any.
    ///
    /// # Errors
    /// They cannot be read; [`crate::settings::SettingsError`] is the source.
    pub fn stored(tx: &Tx<'_>, key: Option<&SettingsKey>) -> Result<Option<Settings>> {
        stored::load(tx, key)
    }

    /// Whether the settings are stored encrypted.
    ///
    /// # Errors
    /// The store fails.
    pub fn is_sealed(tx: &Tx<'_>) -> Result<bool> {
        stored::is_sealed(tx)
    }

    /// Whether the settings are stored encrypted from the next change on.
    pub fn has_key(&self) -> bool {
        self.0.seal.key.is_some()
    }

    /// The settings of this moment.
    pub fn load(&self) -> Arc<Settings> {
        self.0.current.load_full()
    }

    /// Grows whenever they are saved, the same again included.
    pub fn version(&self) -> u64 {
        self.0.version.load(Ordering::Relaxed)
    }

    /// Lays what the operator wrote down over what is stored; true when it differs from what lay
    /// there before.
    ///
    /// # Errors
    /// It breaks a rule, and then everything stays as it is.
    pub fn lay(&self, overlay: Overlay) -> Result<bool, OverlayError> {
        let mut layers = self.0.layers.lock();
        overlay.check(&layers.stored)?;
        let is_new = *layers.overlay != overlay;
        layers.overlay = Arc::new(overlay);
        self.publish(&layers);
        Ok(is_new)
    }

    /// What is written down over the stored settings.
    pub fn overlay(&self) -> Arc<Overlay> {
        Arc::clone(&self.0.layers.lock().overlay)
    }

    /// What superusers see of `settings`: no secrets, and which of them are written down.
    pub fn shown(&self, settings: &Settings) -> String {
        let mut shown = settings.public_json();
        let overlay = self.overlay();
        if !overlay.is_empty() {
            shown.truncate(shown.len() - 1);
            shown.push_str(",\"overlay\":");
            shown.push_str(&crate::json::to_string(&json!(overlay.places())));
            shown.push('}');
        }
        shown
    }

    /// Calls `follower` with the settings now, and after each change. It must be short, and must
    /// not ask this cache.
    pub fn follow(&self, follower: impl Fn(&Settings) + Send + Sync + 'static) {
        let _layers = self.0.layers.lock();
        follower(&self.load());
        self.0.followers.lock().push(Box::new(follower));
    }

    fn publish(&self, layers: &Layers) {
        match layers.overlay.over(&layers.stored) {
            Ok(settings) => {
                let settings = Arc::new(settings);
                self.0.current.store(Arc::clone(&settings));
                self.0.followers.lock().iter().for_each(|follower| follower(&settings));
            }
            // Cannot be: each setting of it was tried when it was read.
            Err(error) => tracing::error!(%error, "the settings stay as they were"),
        }
    }

    /// A secret as it may lie on disk: encrypted with the key of the settings, if there is one.
    ///
    /// # Errors
    /// The key is none.
    pub fn sealed(&self, secret: &Secret) -> Result<String> {
        self.0.seal.close(secret)
    }

    /// What [`SettingsCache::sealed`] made.
    ///
    /// # Errors
    /// It was made with another key, or is damaged.
    pub fn unsealed(&self, kept: &str) -> Result<Secret> {
        self.0.seal.open(kept)
    }

    /// Writes the stored settings with another key, or in the clear. Whoever keeps something
    /// sealed has to use the answer in the same transaction. This cache goes on with the old key:
    /// it is of no use after that.
    ///
    /// # Errors
    /// The stored settings cannot be read.
    pub fn rotate(&self, tx: &Tx<'_>, key: Option<SettingsKey>) -> Result<Reseal> {
        let old = self.0.seal.key.clone();
        let settings = stored::load(tx, old.as_ref())?.unwrap_or_else(Settings::fresh);
        stored::save(tx, &settings, key.as_ref(), self.0.clock.now())?;
        Ok(Reseal { from: Seal { key: old }, to: Seal { key } })
    }

    /// Takes what is stored, which somebody may have changed past this cache, for the settings from
    /// the commit of this transaction on. Where nothing is stored, fresh settings are.
    ///
    /// # Errors
    /// What is stored cannot be read.
    pub fn reread(&self, tx: &Tx<'_>) -> Result<()> {
        let key = self.0.seal.key.as_ref();
        let settings = match stored::load(tx, key)? {
            Some(settings) => settings,
            None => {
                let fresh = Settings::fresh();
                stored::save(tx, &fresh, key, self.0.clock.now())?;
                fresh
            }
        };
        self.overlay().over(&settings)?;
        let cache = self.clone();
        tx.on_commit(move || {
            let mut layers = cache.0.layers.lock();
            layers.stored = Arc::new(settings);
            cache.publish(&layers);
        });
        Ok(())
    }

    /// Changes the settings as a client asks, and answers the new ones.
    ///
    /// # Errors
    /// 400 for values that cannot be read or break a rule; what the store says.
    pub async fn patch(&self, store: &Store, patch: Value) -> Result<Arc<Settings>> {
        let cache = self.clone();
        let work = move |tx: &Tx<'_>| {
            let overlay = cache.overlay();
            cache.edit(tx, |stored| overlay.patched(stored, patch))
        };
        store.write(work).await
    }

    /// Changes the stored settings within a transaction; readers see it right after the commit.
    /// Answers them with what is written down over them.
    ///
    /// # Errors
    /// What `change` says, and then nothing is changed; what the store says.
    pub fn edit(
        &self,
        tx: &Tx<'_>,
        change: impl FnOnce(&Settings) -> Result<Settings>,
    ) -> Result<Arc<Settings>> {
        // The row, not the snapshot: an earlier job of the same group may have changed it.
        let stored = stored::load(tx, self.0.seal.key.as_ref())?;
        let old = stored.map_or_else(|| Arc::clone(&self.0.layers.lock().stored), Arc::new);
        let new = Arc::new(change(&old)?);
        if new != old {
            stored::save(tx, &new, self.0.seal.key.as_ref(), self.0.clock.now())?;
            let (cache, published) = (self.clone(), Arc::clone(&new));
            tx.on_commit(move || {
                let mut layers = cache.0.layers.lock();
                layers.stored = published;
                cache.publish(&layers);
            });
        }
        let cache = self.clone();
        tx.on_commit(move || {
            cache.0.version.fetch_add(1, Ordering::Relaxed);
        });
        self.overlay().over(&new).map(Arc::new)
    }
}
