//! [`Backups`]: what it is made of.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::backups::desk::Desk;
use crate::clock::Clock;
use crate::error::Result;
use crate::files::{Archive, Files};
use crate::logs::ActivityLog;
use crate::mail::Mail;
use crate::settings::SettingsCache;
use crate::store::Store;

/// What [`Backups`] needs of the others.
pub struct BackupParts {
    /// The data folder.
    pub dir: PathBuf,
    /// Its database.
    pub store: Store,
    /// The other one.
    pub activity: ActivityLog,
    /// Names, and when backups are made.
    pub settings: SettingsCache,
    /// The files of records.
    pub files: Files,
    /// Where the time comes from.
    pub clock: Clock,
    /// Tells superusers what failed.
    pub mail: Mail,
}

/// The backups of one data folder; clones share them.
#[derive(Clone)]
pub struct Backups(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub parts: BackupParts,
    pub archive: Arc<dyn Archive>,
    pub desk: Desk,
    /// Names that are about to be given.
    pub reserved: Mutex<HashSet<String>>,
    pub stop: AtomicBool,
    pub restart: Notify,
}

impl Backups {
    /// The backups of the folder.
    pub fn new(parts: BackupParts) -> Self {
        let archive = parts.files.archive();
        let (desk, reserved) = (Desk::default(), Mutex::default());
        let stop = AtomicBool::new(false);
        let restart = Notify::new();
        Self(Arc::new(Inner { parts, archive, desk, reserved, stop, restart }))
    }

    /// Whether a backup can be made now: none is being made or restored.
    pub fn is_idle(&self) -> bool {
        self.0.desk.is_free()
    }

    /// # Errors
    /// 400 when a backup is being made or restored.
    pub fn require_idle(&self) -> Result<()> {
        self.0.desk.require_free()
    }

    /// Ends what is being made, which leaves nothing behind. Blocks until it is so.
    pub fn stop(&self) {
        self.0.stop.store(true, Ordering::Relaxed);
        self.0.desk.settle();
    }
}

/// A name that nobody else gets until this is dropped.
pub(super) struct Reserved {
    pub name: String,
    inner: Arc<Inner>,
}

impl Reserved {
    /// Reserves a name; `None` when there is such a backup, or somebody else has it.
    pub fn take(inner: &Arc<Inner>, name: &str) -> std::io::Result<Option<Self>> {
        // Held over the look at the archive: who asks second must see what the first one put.
        let mut reserved = inner.reserved.lock();
        if reserved.contains(name) || inner.archive.has(name)? {
            return Ok(None);
        }
        reserved.insert(name.to_owned());
        Ok(Some(Self { name: name.to_owned(), inner: Arc::clone(inner) }))
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.inner.reserved.lock().remove(&self.name);
    }
}
