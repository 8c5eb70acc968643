//! Looks into a backup: what it holds, and whether it is whole.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use crate::backups::desk::Work;
use crate::backups::manifest::Manifest;
use crate::backups::pack::failed;
use crate::backups::parts::{Backups, Inner};
use crate::backups::service::SHA256;
use crate::backups::unpack::{Packed, TemporaryFolder, check, sha256};
use crate::backups::worker;
use crate::clock::{DateTime, Stopwatch};
use crate::crypto::random_id;
use crate::error::{Error, Kind, Result};
use crate::files::Opened;
use crate::store::DatabaseFile;

/// What is known of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Described {
    /// Its name.
    pub key: String,
    /// Its bytes.
    pub size: u64,
    /// When it was stored.
    pub modified: String,
    /// The SHA-256 of it in hexadecimal digits; empty where it was put there by hand.
    pub sha256: String,
    /// What is in it.
    #[serde(flatten)]
    pub manifest: Manifest,
}

/// What a look at every byte of a backup found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verified {
    /// Whether it can be restored.
    pub ok: bool,
    /// Why not; empty where it can.
    pub problem: String,
    /// The SHA-256 of what is there now.
    pub sha256: String,
    /// Milliseconds it took.
    pub took: u64,
}

impl Backups {
    /// What is in a backup. One that does not say it itself is unpacked for it.
    ///
    /// # Errors
    /// 404 when there is none of this name, 400 for what is no backup.
    pub async fn describe(&self, name: &str) -> Result<Described> {
        let (inner, name) = (Arc::clone(&self.0), name.to_owned());
        worker::run(move || {
            let opened = inner.find(&name)?;
            let (size, modified) = (opened.length, DateTime::from_system(opened.modified));
            let sha256 = kept_sum(&opened);
            let mut packed = Packed::open(opened.content)?;
            let manifest = match packed.manifest() {
                Some(manifest) => manifest,
                None => inner.count(&mut packed)?,
            };
            Ok(Described { key: name, size, modified: modified.to_string(), sha256, manifest })
        })
        .await
    }

    /// Reads all of a backup, compares its sums and checks its database thoroughly.
    ///
    /// # Errors
    /// 404 when there is none of this name, 400 while a backup is made or restored.
    pub async fn verify(&self, name: &str) -> Result<Verified> {
        let (inner, name) = (Arc::clone(&self.0), name.to_owned());
        worker::run(move || {
            let _seat = inner.desk.sit(Work::Checking(name.clone()))?;
            let mut opened = inner.find(&name)?;
            let watch = Stopwatch::start();
            let kept = kept_sum(&opened);
            let sum = sha256(&mut opened.content).map_err(failed)?;
            let problem = if !kept.is_empty() && kept != sum {
                "The checksum is not the one of when it was stored.".to_owned()
            } else {
                match inner.look_through(opened) {
                    Ok(()) => String::new(),
                    Err(error) if error.kind() == Kind::BadRequest => error.message().to_owned(),
                    Err(error) => return Err(error),
                }
            };
            let took = u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX);
            let ok = problem.is_empty();
            tracing::info!(name, ok, problem, took, "a backup was verified");
            Ok(Verified { ok, problem, sha256: sum, took })
        })
        .await
    }
}

fn kept_sum(opened: &Opened) -> String {
    opened.attributes.metadata.get(SHA256).cloned().unwrap_or_default()
}

impl Inner {
    fn find(&self, name: &str) -> Result<Opened> {
        self.archive.open(name).map_err(failed)?.ok_or_else(Error::not_found)
    }

    fn folder(&self) -> Result<TemporaryFolder> {
        let folder = TemporaryFolder(self.parts.files.temporary().join(random_id()));
        fs::create_dir(&folder.0).map_err(failed)?;
        Ok(folder)
    }

    fn look_through(&self, opened: Opened) -> Result<()> {
        let folder = self.folder()?;
        Packed::open(opened.content)?.unpack(&folder.0, &self.stop, is_database)?;
        check(&folder.0, true).map(drop)
    }

    fn count(&self, packed: &mut Packed) -> Result<Manifest> {
        let folder = self.folder()?;
        packed.unpack(&folder.0, &self.stop, is_database)?;
        let mut manifest = Manifest::default();
        check(&folder.0, false)?;
        manifest.count(&folder.0.join(DatabaseFile::NAME))?;
        Ok(manifest)
    }
}

/// The database and its log: a backup of others may have one.
fn is_database(name: &Path) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(DatabaseFile::NAME))
}
