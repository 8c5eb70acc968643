//! Files of records in a bucket, under the names they have in a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::iter::Peekable;
use std::path::Path;
use std::sync::Arc;

use crate::files::key::{THUMBS, is_plain};
use crate::files::s3::bucket::{Bucket, Found, Listing};
use crate::files::{Attributes, FileKey, FoundFile, Left, Opened, RecordFiles, Storage, Walk};

/// Objects that are removed together.
const REMOVED_AT_ONCE: usize = 1000;

/// The files in a bucket.
pub struct BucketStorage(pub Arc<Bucket>);

impl BucketStorage {
    pub fn new(bucket: Arc<Bucket>) -> Self {
        Self(bucket)
    }

    /// As [`Storage::walk`], for who does not keep this.
    pub fn owned_walk(&self, collection: Option<&str>) -> Walk<'static> {
        // Without a collection: what lies in a bucket may be somebody else's, and to look through
        // all of it costs money. What this server left undecided it has noted.
        let Some(collection) = collection.filter(|collection| is_plain(collection)) else {
            return Box::new(std::iter::empty());
        };
        match self.0.list(collection) {
            Ok(listing) => Box::new(Records(listing.peekable())),
            Err(error) => Box::new(std::iter::once(Err(error))),
        }
    }

    /// The files of one record among `keys`, and what was made from them.
    fn objects_of(&self, keys: &[&FileKey]) -> io::Result<Vec<String>> {
        let names: BTreeSet<&str> = keys.iter().map(|key| key.name()).collect();
        let folder = format!("{}/{}", keys[0].collection(), keys[0].record());
        let mut objects: Vec<String> = keys.iter().map(|key| object(key)).collect();
        for found in self.0.list(&folder)? {
            let found = found?;
            let part = Part::of(&found.key);
            if part.is_some_and(|part| part.is_derived && names.contains(part.name)) {
                objects.push(found.key);
            }
        }
        Ok(objects)
    }
}

impl Storage for BucketStorage {
    fn put(&self, key: &FileKey, from: &Path, attributes: &Attributes) -> io::Result<()> {
        self.0.put_file(&object(key), from, attributes)
    }

    fn open(&self, key: &FileKey) -> io::Result<Option<Opened>> {
        self.0.open(&object(key))
    }

    fn remove(&self, key: &FileKey) -> io::Result<()> {
        self.remove_all(std::slice::from_ref(key)).map_err(|left| left.error)
    }

    fn remove_all(&self, keys: &[FileKey]) -> Result<(), Left> {
        let mut of_record: BTreeMap<(&str, &str), Vec<&FileKey>> = BTreeMap::new();
        for key in keys {
            of_record.entry((key.collection(), key.record())).or_default().push(key);
        }
        let (mut objects, mut pending, mut failed) = (Vec::new(), Vec::new(), None);
        let mut left: Vec<FileKey> = Vec::new();
        let records = of_record.len();
        for (at, of_one) in of_record.into_values().enumerate() {
            match self.objects_of(&of_one) {
                Ok(found) => {
                    objects.extend(found);
                    pending.extend(of_one.into_iter().cloned());
                }
                Err(error) => {
                    left.extend(of_one.into_iter().cloned());
                    failed = Some(error);
                }
            }
            if objects.len() >= REMOVED_AT_ONCE || at + 1 == records {
                if let Err(error) = self.0.remove(&objects) {
                    left.append(&mut pending);
                    failed = Some(error);
                }
                objects.clear();
                pending.clear();
            }
        }
        failed.map_or(Ok(()), |error| Err(Left { keys: left, error }))
    }

    fn walk<'s>(&'s self, collection: Option<&str>) -> Walk<'s> {
        self.owned_walk(collection)
    }

    fn forget_empty(&self, _: &str, _: &str) {}
}

/// The name of the object that a file is.
pub fn object(key: &FileKey) -> String {
    let (collection, record, name) = (key.collection(), key.record(), key.name());
    match key.folder() {
        Some(folder) => format!("{collection}/{record}/{folder}/{name}"),
        None => format!("{collection}/{record}/{name}"),
    }
}

/// What the name of an object says.
struct Part<'k> {
    collection: &'k str,
    record: &'k str,
    /// The file that it is, or that it was made from.
    name: &'k str,
    is_derived: bool,
}

impl<'k> Part<'k> {
    fn of(key: &'k str) -> Option<Self> {
        let parts: Vec<&str> = key.splitn(5, '/').collect();
        let (collection, record, name, is_derived) = match parts.as_slice() {
            [collection, record, name] => (*collection, *record, *name, false),
            [collection, record, folder, _] => {
                (*collection, *record, folder.strip_prefix(THUMBS)?, true)
            }
            _ => return None,
        };
        FileKey::new(collection, record, name)?;
        Some(Self { collection, record, name, is_derived })
    }
}

/// A list of objects, record by record: they come in order.
struct Records(Peekable<Listing>);

impl Iterator for Records {
    type Item = io::Result<RecordFiles>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let first = match self.0.next()? {
                Ok(first) => first,
                Err(error) => return Some(Err(error)),
            };
            let Some(part) = Part::of(&first.key) else { continue };
            let (collection, record) = (part.collection.to_owned(), part.record.to_owned());
            let mut files = BTreeMap::new();
            note(&mut files, &part, &first);
            while let Some(Ok(next)) = self.0.peek() {
                match Part::of(&next.key) {
                    Some(part) if part.record == record => note(&mut files, &part, next),
                    Some(_) => break,
                    None => {}
                }
                self.0.next();
            }
            return Some(Ok(RecordFiles {
                collection,
                record,
                files: files.into_values().collect(),
            }));
        }
    }
}

fn note(files: &mut BTreeMap<String, FoundFile>, part: &Part<'_>, found: &Found) {
    let file = files.entry(part.name.to_owned()).or_insert_with(|| FoundFile {
        name: part.name.to_owned(),
        modified: found.modified,
        // The bucket is the server's own, as the folder is.
        has_traces: true,
        is_noted: false,
    });
    file.modified = file.modified.max(found.modified);
}
