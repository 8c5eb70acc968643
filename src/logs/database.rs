//! [`LogDatabase`]: auxiliary.db, which may break at any time. Broken, it is set aside and a new
//! one begins; where that is not possible either, the log is off and tried again each minute.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use parking_lot::Mutex;

use crate::clock::{Clock, DateTime, Stopwatch};
use crate::error::{Error, Result};
use crate::sql::Statement;
use crate::store::{Store, StoreError};

const FILE: &str = "auxiliary.db";
/// Between the name of the file and the time at which it was set aside.
const ASIDE: &str = "auxiliary.db.damaged-";
/// Broken files that are kept.
const KEPT: usize = 3;
/// While the log is off, it is tried again after so long.
const PAUSE: Duration = Duration::from_secs(60);

/// The database of the log, if it can be used.
pub(super) struct LogDatabase {
    dir: PathBuf,
    clock: Clock,
    store: ArcSwapOption<Store>,
    /// One replaces it at a time; holds since when it is off.
    replacing: Mutex<Option<Stopwatch>>,
}

impl LogDatabase {
    /// Opens it, or a new one in its place, or none.
    pub fn open(dir: &Path, clock: Clock) -> Self {
        let opened = open_or_replace(dir, &clock);
        let this = Self {
            dir: dir.to_owned(),
            clock,
            store: ArcSwapOption::empty(),
            replacing: Mutex::new(None),
        };
        this.take(opened, &mut this.replacing.lock());
        this
    }

    /// The store.
    ///
    /// # Errors
    /// 503 while the log is off.
    pub fn store(&self) -> Result<Arc<Store>> {
        self.store.load_full().ok_or_else(|| Error::busy("The log is not available."))
    }

    /// Looks at a failure of the store: a broken database is replaced.
    pub fn failed(&self, store: &Arc<Store>, error: &Error) {
        if Self::is_broken(error) {
            self.mend(store);
        }
    }

    /// Damaged, no database at all, one with other tables, or of a newer version. A full disk, a
    /// missing right or another program that holds it do not break it.
    pub fn is_broken(error: &Error) -> bool {
        use StoreError::{Corrupt, Folder, Sql};
        matches!(StoreError::below(error), Some(Corrupt { .. } | Folder(_) | Sql { .. }))
    }

    /// Replaces this store, which is broken. Blocks.
    pub fn mend(&self, store: &Arc<Store>) {
        let mut replacing = self.replacing.lock();
        // Somebody else may have replaced it meanwhile.
        if self.store.load().as_ref().is_some_and(|current| Arc::ptr_eq(current, store)) {
            self.store.store(None);
            store.close();
            self.take(open_or_replace(&self.dir, &self.clock), &mut replacing);
        }
    }

    /// Tries again when the log has been off for a while.
    pub fn revive(&self) {
        let mut replacing = self.replacing.lock();
        if replacing.is_some_and(|since| since.elapsed() >= PAUSE) {
            self.take(open_or_replace(&self.dir, &self.clock), &mut replacing);
        }
    }

    /// Closes it.
    pub fn close(&self) {
        if let Some(store) = self.store.swap(None) {
            store.close();
        }
    }

    fn take(&self, opened: Result<Store>, off_since: &mut Option<Stopwatch>) {
        match opened {
            Ok(store) => {
                self.store.store(Some(Arc::new(store)));
                if off_since.take().is_some() {
                    tracing::info!("the log is on again");
                }
            }
            Err(error) => {
                tracing::error!(error = reason(&error), "the log is off: {FILE} cannot be used");
                *off_since = Some(Stopwatch::start());
            }
        }
    }
}

/// Opens the log's database, and proves that it can be read; a broken one is set aside first.
fn open_or_replace(dir: &Path, clock: &Clock) -> Result<Store> {
    let opened = Store::open_auxiliary(dir).map_err(Error::from).and_then(|store| {
        // The newest row, found by its place: an order by `created` would read all of them.
        let probe = "SELECT id, created FROM _logs ORDER BY rowid DESC LIMIT 1";
        let probe = Statement::new(probe, Vec::new());
        store.write_blocking(move |tx| tx.query_one(&probe, |_| Ok(())))?;
        Ok(store)
    });
    match opened {
        Err(error) if LogDatabase::is_broken(&error) => {
            set_aside(dir, clock.now(), &reason(&error))?;
            Ok(Store::open_auxiliary(dir)?)
        }
        other => other,
    }
}

/// Renames the files of the database, so that somebody may look at them later.
fn set_aside(dir: &Path, now: DateTime, reason: &str) -> Result<()> {
    let aside = format!("{ASIDE}{}", now.unix_ms());
    tracing::warn!(reason, "{FILE} is damaged; it is kept as {aside} and a new log begins");
    forget_older(dir);
    for suffix in ["", "-wal", "-shm"] {
        let from = dir.join(format!("{FILE}{suffix}"));
        if from.exists() {
            std::fs::rename(&from, dir.join(format!("{aside}{suffix}")))
                .map_err(Error::internal)?;
        }
    }
    Ok(())
}

/// Makes room for one more: a disk that breaks each new file must not fill up with them.
fn forget_older(dir: &Path) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut aside: Vec<String> = names.filter(|name| name.starts_with(ASIDE)).collect();
    aside.sort_unstable();
    let times = |name: &String| name.split('-').nth(1).unwrap_or_default().to_owned();
    let mut kept: Vec<String> = aside.iter().map(times).collect();
    kept.dedup();
    let gone = kept.len().saturating_sub(KEPT - 1);
    for name in aside.iter().filter(|name| kept[..gone].contains(&times(name))) {
        if let Err(error) = std::fs::remove_file(dir.join(name)) {
            tracing::warn!(%error, file = name, "a damaged log could not be removed");
        }
    }
}

pub(super) fn reason(error: &Error) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    cause.unwrap_or_else(|| error.to_string())
}
