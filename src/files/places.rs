//! [`Places`]: the folder, and the bucket that the settings of this moment name instead.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::files::local::LocalStorage;
use crate::files::s3::{self, Bucket, BucketArchive, BucketStorage, Buckets, Driver, TestForm};
use crate::files::{
    Archive, Archived, Attributes, FileKey, Left, LocalArchive, Opened, Storage, Walk,
};
use crate::settings::{S3, Settings, SettingsCache};

/// Holds the files of records.
const STORAGE: &str = "storage";
/// Holds the backups.
const BACKUPS: &str = "backups";

/// Where files and backups lie. A change of the settings holds from the next call on.
pub(super) struct Places {
    local: LocalStorage,
    backups: LocalArchive,
    settings: Option<SettingsCache>,
    driver: Arc<Driver>,
    for_files: Buckets,
    for_backups: Buckets,
}

impl Places {
    /// Those of the data folder `dir`; without settings, only its folders.
    pub fn new(dir: &Path, temporary: &Path, settings: Option<SettingsCache>) -> Self {
        Self {
            local: LocalStorage::new(dir.join(STORAGE), temporary.to_owned()),
            backups: LocalArchive::new(dir.join(BACKUPS)),
            settings,
            driver: Arc::new(Driver::new()),
            for_files: Buckets::default(),
            for_backups: Buckets::default(),
        }
    }

    fn chosen(
        &self,
        buckets: &Buckets,
        part: impl Fn(&Settings) -> &S3,
    ) -> io::Result<Option<Arc<Bucket>>> {
        let Some(settings) = &self.settings else { return Ok(None) };
        let settings = settings.load();
        let part = part(&settings);
        if part.enabled { buckets.get(part, &self.driver).map(Some) } else { Ok(None) }
    }

    /// The bucket of files, if they go to one now.
    fn bucket(&self) -> io::Result<Option<BucketStorage>> {
        let bucket = self.chosen(&self.for_files, |settings| &settings.s3)?;
        Ok(bucket.map(BucketStorage::new))
    }

    /// The bucket of backups, if they go to one now.
    fn bucket_of_backups(&self) -> io::Result<Option<BucketArchive>> {
        let bucket = self.chosen(&self.for_backups, |settings| &settings.backups.s3)?;
        Ok(bucket.map(BucketArchive::new))
    }

    /// Tries the bucket that a form means.
    pub fn try_out(&self, form: &TestForm) -> Result<()> {
        let Some(settings) = &self.settings else {
            return Err(Error::internal("these files have no settings"));
        };
        let settings = settings.load();
        let bucket = Bucket::new(form.bucket(&settings)?, &self.driver);
        s3::try_out(bucket)
    }
}

impl Storage for Places {
    fn put(&self, key: &FileKey, from: &Path, attributes: &Attributes) -> io::Result<()> {
        match self.bucket()? {
            Some(bucket) => bucket.put(key, from, attributes),
            None => self.local.put(key, from, attributes),
        }
    }

    fn open(&self, key: &FileKey) -> io::Result<Option<Opened>> {
        let Some(bucket) = self.bucket()? else { return self.local.open(key) };
        match bucket.open(key) {
            Ok(Some(opened)) => Ok(Some(opened)),
            // It may not have moved yet.
            missing_or_out => match self.local.open(key) {
                Ok(Some(opened)) => Ok(Some(opened)),
                _ => missing_or_out,
            },
        }
    }

    fn remove(&self, key: &FileKey) -> io::Result<()> {
        let local = self.local.remove(key);
        match self.bucket()? {
            Some(bucket) => bucket.remove(key).and(local),
            None => local,
        }
    }

    fn remove_all(&self, keys: &[FileKey]) -> Result<(), Left> {
        let local = self.local.remove_all(keys);
        match self.bucket() {
            Ok(Some(bucket)) => bucket.remove_all(keys).and(local),
            Ok(None) => local,
            Err(error) => Err(Left { keys: keys.to_vec(), error }),
        }
    }

    fn walk<'s>(&'s self, collection: Option<&str>) -> Walk<'s> {
        let local = self.local.walk(collection);
        match self.bucket() {
            Ok(Some(bucket)) => Box::new(local.chain(bucket.owned_walk(collection))),
            Ok(None) => local,
            Err(error) => Box::new(local.chain(std::iter::once(Err(error)))),
        }
    }

    fn forget_empty(&self, collection: &str, record: &str) {
        self.local.forget_empty(collection, record);
    }
}

/// The place of backups.
pub(super) struct PlaceOfBackups(pub Arc<Places>);

impl PlaceOfBackups {
    fn with<T>(&self, act: impl FnOnce(&dyn Archive) -> io::Result<T>) -> io::Result<T> {
        match self.0.bucket_of_backups()? {
            Some(bucket) => act(&bucket),
            None => act(&self.0.backups),
        }
    }
}

impl Archive for PlaceOfBackups {
    fn list(&self) -> io::Result<Vec<Archived>> {
        self.with(|archive| archive.list())
    }

    fn put(&self, name: &str, from: &Path, attributes: &Attributes) -> io::Result<()> {
        self.with(|archive| archive.put(name, from, attributes))
    }

    fn open(&self, name: &str) -> io::Result<Option<Opened>> {
        self.with(|archive| archive.open(name))
    }

    fn has(&self, name: &str) -> io::Result<bool> {
        self.with(|archive| archive.has(name))
    }

    fn remove(&self, name: &str) -> io::Result<bool> {
        self.with(|archive| archive.remove(name))
    }
}
