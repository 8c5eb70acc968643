//! Whole files at the top of a bucket: backups.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;

use crate::files::s3::Bucket;
use crate::files::{Archive, Archived, Attributes, Opened, is_archive_name};

/// The files of a bucket that lie in no folder of it.
pub struct BucketArchive(Arc<Bucket>);

impl BucketArchive {
    pub fn new(bucket: Arc<Bucket>) -> Self {
        Self(bucket)
    }
}

impl Archive for BucketArchive {
    fn list(&self) -> io::Result<Vec<Archived>> {
        let listed = self.0.list_top()?.into_iter();
        let mut files: Vec<Archived> = listed
            .filter(|found| is_archive_name(&found.key))
            .map(|found| Archived { name: found.key, size: found.size, modified: found.modified })
            .collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(files)
    }

    fn put(&self, name: &str, from: &Path, attributes: &Attributes) -> io::Result<()> {
        self.0.put_file(checked(name)?, from, attributes)
    }

    fn open(&self, name: &str) -> io::Result<Option<Opened>> {
        if is_archive_name(name) { self.0.open(name) } else { Ok(None) }
    }

    fn has(&self, name: &str) -> io::Result<bool> {
        Ok(is_archive_name(name) && self.0.head(name)?.is_some())
    }

    fn remove(&self, name: &str) -> io::Result<bool> {
        if !self.has(name)? {
            return Ok(false);
        }
        self.0.remove(&[name.to_owned()]).map(|()| true)
    }
}

fn checked(name: &str) -> io::Result<&str> {
    let refused = || io::Error::new(ErrorKind::InvalidInput, "no name of a file in an archive");
    if is_archive_name(name) { Ok(name) } else { Err(refused()) }
}
