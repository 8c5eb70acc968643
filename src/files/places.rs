//! [`Places`]: the folder, and the bucket that the settings of this moment name instead.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use crate::error::{Error, Result};
use crate::files::local::LocalStorage;
use crate::files::moving::MoveProgress;
use crate::files::notes::Notes;
use crate::files::s3::{
    self, Bucket, BucketArchive, BucketStorage, Buckets, Driver, Links, TestForm,
};
use crate::files::{
    Archive, Archived, Attributes, FileKey, FoundFile, Left, LocalArchive, Opened, RecordFiles,
    Storage, Walk,
};
use crate::settings::{S3, Settings, SettingsCache};

/// Holds the files of records.
const STORAGE: &str = "storage";
/// Holds the backups.
const BACKUPS: &str = "backups";

/// Where files and backups lie. A change of the settings holds from the next call on.
pub(crate) struct Places {
    pub(super) local: Arc<LocalStorage>,
    pub(super) notes: Notes,
    pub(super) temporary: PathBuf,
    backups: LocalArchive,
    settings: Option<SettingsCache>,
    driver: Arc<Driver>,
    for_files: Buckets,
    for_backups: Buckets,
    links: Links,
    /// Files that lie in the bucket of the settings although it is switched off.
    pub(super) leaves_bucket: AtomicBool,
    pub(super) progress: Mutex<MoveProgress>,
}

impl Places {
    /// Those of the data folder `dir`; without settings, only its folders.
    /// What is in a bucket and undecided is noted in the folder `notes`.
    pub fn new(
        dir: &Path,
        temporary: PathBuf,
        notes: PathBuf,
        settings: Option<SettingsCache>,
    ) -> Self {
        Self {
            local: Arc::new(LocalStorage::new(dir.join(STORAGE), temporary.clone())),
            temporary,
            notes: Notes::new(notes),
            backups: LocalArchive::new(dir.join(BACKUPS)),
            settings,
            driver: Arc::new(Driver::new()),
            for_files: Buckets::default(),
            for_backups: Buckets::default(),
            links: Links::default(),
            leaves_bucket: AtomicBool::new(false),
            progress: Mutex::default(),
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
        if part.enabled { buckets.get(&named(part), &self.driver).map(Some) } else { Ok(None) }
    }

    /// The bucket of files, if they go to one now.
    pub(super) fn bucket(&self) -> io::Result<Option<BucketStorage>> {
        let bucket = self.chosen(&self.for_files, |settings| &settings.s3)?;
        Ok(bucket.map(BucketStorage::new))
    }

    /// The bucket that files have not all left yet.
    fn old_bucket(&self) -> io::Result<Option<BucketStorage>> {
        if !self.leaves_bucket.load(Ordering::Relaxed) {
            return Ok(None);
        }
        self.named_bucket()
    }

    /// The bucket that the settings name, switched on or off.
    pub(super) fn named_bucket(&self) -> io::Result<Option<BucketStorage>> {
        let Some(settings) = &self.settings else { return Ok(None) };
        let bucket = self.for_files.get(&named(&settings.load().s3), &self.driver)?;
        Ok(Some(BucketStorage::new(bucket)))
    }

    /// A link to a file in the bucket, if links are wanted; `shown` tells its kind and
    /// disposition.
    pub fn link(
        &self,
        key: &FileKey,
        shown: impl Fn(&Attributes) -> (String, String),
    ) -> io::Result<Option<String>> {
        match self.bucket()? {
            Some(BucketStorage(bucket)) => self.links.to(&bucket, key, shown),
            None => Ok(None),
        }
    }

    /// Whether files that are not protected are fetched from the bucket itself.
    pub fn has_links(&self) -> bool {
        let settings = self.settings.as_ref().map(SettingsCache::load);
        settings.is_some_and(|settings| settings.s3.enabled && settings.s3.redirect)
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

/// The same bucket, however it is used: a change of that makes no new connections.
fn named(settings: &S3) -> S3 {
    S3 { enabled: true, redirect: false, ..settings.clone() }
}

impl Storage for Places {
    fn put(&self, key: &FileKey, from: &Path, attributes: &Attributes) -> io::Result<()> {
        match self.bucket()? {
            Some(bucket) => {
                // Thumbs go with their originals.
                if key.folder().is_none() {
                    self.notes.begin(key)?;
                }
                bucket.put(key, from, attributes)
            }
            None => self.local.put(key, from, attributes),
        }
    }

    fn open(&self, key: &FileKey) -> io::Result<Option<Opened>> {
        let Some(bucket) = self.bucket()? else {
            return match (self.local.open(key), self.old_bucket()?) {
                (Ok(None), Some(bucket)) => self.followed(key, bucket.open(key)?),
                (local, _) => local,
            };
        };
        match bucket.open(key) {
            Ok(Some(opened)) => self.followed(key, Some(opened)),
            // It may not have moved yet.
            missing_or_out => match self.local.open(key) {
                Ok(Some(opened)) => Ok(Some(opened)),
                _ => missing_or_out,
            },
        }
    }

    fn remove(&self, key: &FileKey) -> io::Result<()> {
        self.remove_all(std::slice::from_ref(key)).map_err(|left| left.error)
    }

    fn remove_all(&self, keys: &[FileKey]) -> Result<(), Left> {
        let local = self.local.remove_all(keys);
        let buckets =
            self.bucket().and_then(|now| now.map_or_else(|| self.old_bucket(), |b| Ok(Some(b))));
        let removed = match buckets {
            Ok(None) => return local,
            Ok(Some(bucket)) => bucket.remove_all(keys),
            Err(error) => Err(Left { keys: keys.to_vec(), error }),
        };
        let left = removed.as_ref().err().map(|left| left.keys.as_slice()).unwrap_or_default();
        left.iter().for_each(|key| self.notes.owe(key));
        let left: HashSet<&FileKey> = left.iter().collect();
        keys.iter().filter(|key| !left.contains(key)).for_each(|key| self.notes.forget(key));
        removed.and(local)
    }

    fn walk<'s>(&'s self, collection: Option<&str>) -> Walk<'s> {
        let local = self.local.walk(collection);
        match self.bucket() {
            Ok(Some(bucket)) => Box::new(local.chain(bucket.owned_walk(collection))),
            Ok(None) => local,
            Err(error) => Box::new(local.chain(std::iter::once(Err(error)))),
        }
    }

    fn noted(&self) -> Walk<'_> {
        if self.bucket().ok().flatten().is_none() {
            return Box::new(std::iter::empty());
        }
        Box::new(self.notes.all().map(|noted| {
            let (key, modified) = noted?;
            let name = key.name().to_owned();
            let file = FoundFile { name, modified, has_traces: true, is_noted: true };
            let (collection, record) = (key.collection().to_owned(), key.record().to_owned());
            Ok(RecordFiles { collection, record, files: vec![file] })
        }))
    }

    fn has_noted(&self) -> bool {
        !self.notes.is_empty()
    }

    fn note_of(&self, key: &FileKey) -> Option<PathBuf> {
        let goes_to_bucket = self.bucket().ok().flatten().is_some();
        goes_to_bucket.then(|| self.notes.path(key))
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
