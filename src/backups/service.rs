//! What superusers do with backups: list, make, fetch, delete.

use std::fs::File;
use std::sync::Arc;

use serde::Serialize;

use crate::backups::desk::Work;
use crate::backups::manifest::Manifest;
use crate::backups::pack::{Progress, Source, Temporary, failed, pack};
use crate::backups::parts::{Backups, Inner, Reserved};
use crate::backups::tally::Tally;
use crate::backups::{names, worker};
use crate::clock::{DateTime, Stopwatch};
use crate::crypto::random_id;
use crate::error::{Error, FieldErrors, Result};
use crate::files::{Attributes, Opened};
use crate::store::DatabaseFile;

pub(super) const INVALID: &str = "An error occurred while validating the submitted data.";
/// The other database of a data folder.
const LOGS: &str = "auxiliary.db";
/// What a sidecar says of the content, beside what the contract knows.
pub(super) const SHA256: &str = "sha256";
pub(super) const CONTENT_TYPE: &str = "application/zip";

/// A backup as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackupEntry {
    /// When it was stored.
    pub modified: String,
    /// Its name.
    pub key: String,
    /// Its bytes.
    pub size: u64,
}

impl Backups {
    /// All backups, by name.
    ///
    /// # Errors
    /// Their place cannot be read.
    pub async fn list(&self) -> Result<Vec<BackupEntry>> {
        let inner = Arc::clone(&self.0);
        let files = on_disk(move || inner.archive.list().map_err(failed)).await?;
        let entry = |file: crate::files::Archived| BackupEntry {
            modified: DateTime::from_system(file.modified).to_string(),
            key: file.name,
            size: file.size,
        };
        Ok(files.into_iter().map(entry).collect())
    }

    /// Makes a backup and waits for it; without a name it gets one of the application's name and
    /// the time.
    ///
    /// # Errors
    /// 400 while another is made or restored, or for a name that does not do.
    pub async fn create(&self, name: &str) -> Result<String> {
        self.create_watched(name, |_| {}).await
    }

    /// As [`Backups::create`]; `progress` is told how far it is.
    ///
    /// # Errors
    /// As [`Backups::create`].
    pub async fn create_watched(
        &self,
        name: &str,
        progress: impl Fn(Progress) + Send + Sync + 'static,
    ) -> Result<String> {
        self.require_idle()?;
        if !name.is_empty()
            && let Some(issue) = names::check(name)
        {
            return Err(Error::invalid(INVALID, FieldErrors::one("name", issue)));
        }
        self.make(name.to_owned(), "", progress).await
    }

    /// Makes a backup of this name, or of one that begins with `prefix`.
    pub(super) async fn make(
        &self,
        name: String,
        prefix: &'static str,
        progress: impl Fn(Progress) + Send + Sync + 'static,
    ) -> Result<String> {
        let inner = Arc::clone(&self.0);
        worker::run(move || {
            let reserved = reserve(&inner, &name, prefix)?;
            let _seat = inner.desk.sit(Work::Making(reserved.name.clone()))?;
            inner.write(&reserved.name, &progress)?;
            Ok(reserved.name.clone())
        })
        .await
    }

    /// A backup, to be read.
    ///
    /// # Errors
    /// 404 when there is none of this name.
    pub async fn open(&self, name: &str) -> Result<Opened> {
        let (inner, name) = (Arc::clone(&self.0), name.to_owned());
        let opened = on_disk(move || inner.archive.open(&name).map_err(failed)).await?;
        opened.ok_or_else(Error::not_found)
    }

    /// Removes a backup.
    ///
    /// # Errors
    /// 400 when there is none of this name, or it is in use.
    pub async fn delete(&self, name: &str) -> Result<()> {
        if self.0.desk.has(name) {
            let why = "The backup is currently being used and cannot be deleted.";
            return Err(Error::bad_request(why));
        }
        let (inner, name) = (Arc::clone(&self.0), name.to_owned());
        let gone = move || match inner.archive.remove(&name) {
            Ok(true) => Ok(()),
            Ok(false) => Err(not_deleted("there is no such file")),
            Err(error) => Err(not_deleted(&error.to_string())),
        };
        on_disk(gone).await
    }
}

fn not_deleted(why: &str) -> Error {
    Error::bad_request(format!("Invalid or already deleted backup file. Raw error: \n{why}"))
}

/// The name that is asked for, or a free one.
fn reserve(inner: &Arc<Inner>, name: &str, prefix: &str) -> Result<Reserved> {
    if !name.is_empty() {
        let reserved = Reserved::take(inner, name).map_err(failed)?;
        return reserved.ok_or_else(|| Error::invalid(INVALID, names::taken()));
    }
    let settings = inner.parts.settings.load();
    let name = names::of(prefix, &settings.meta.app_name, inner.parts.clock.now());
    let mut tried = name.clone();
    for number in 2.. {
        if let Some(reserved) = Reserved::take(inner, &tried).map_err(failed)? {
            return Ok(reserved);
        }
        tried = names::numbered(&name, number);
    }
    Err(Error::invalid(INVALID, names::taken()))
}

impl Inner {
    /// Packs the data folder and puts it into the archive. Blocks for as long as it takes.
    fn write(&self, name: &str, progress: &(dyn Fn(Progress) + Sync)) -> Result<()> {
        let watch = Stopwatch::start();
        let parts = &self.parts;
        let temporary = Temporary(parts.files.temporary().join(random_id()));
        let out = Tally::new(File::create_new(&temporary.0).map_err(failed)?);
        // Before the rows are copied: whatever they name stays until it is packed.
        let hold = parts.files.hold_removals();
        let logs = parts.activity.store().ok();
        let source = Source {
            dir: &parts.dir,
            temporary: parts.files.temporary(),
            databases: [(DatabaseFile::NAME, Some(&parts.store)), (LOGS, logs.as_deref())],
            stop: &self.stop,
            progress,
        };
        let manifest = Manifest::new(&parts.settings.load().meta.app_name, parts.clock.now());
        let (out, manifest) = pack(&source, out, manifest)?;
        drop(hold);
        let sums = out.finish().map_err(failed)?;
        let mut attributes = Attributes::new(CONTENT_TYPE, name, sums.md5);
        attributes.metadata.insert(SHA256.to_owned(), sums.sha256);
        self.archive.put(name, &temporary.0, &attributes).map_err(failed)?;
        let ms = u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(name, bytes = sums.size, files = manifest.files, ms, "a backup was made");
        Ok(())
    }
}

/// Runs what waits for the disk where it holds nobody up.
pub(super) async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}
