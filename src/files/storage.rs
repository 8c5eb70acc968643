//! Where files live. The calls wait for disk or network: never make them on a thread that serves.

use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::files::{Attributes, FileKey};

/// A place for files. The local folder is one; nothing above this trait knows which it is.
pub trait Storage: Send + Sync {
    /// Takes the temporary file at `from`, which is gone from there afterwards.
    ///
    /// # Errors
    /// The file is not stored; it may still be at `from`.
    fn put(&self, key: &FileKey, from: &Path, attributes: &Attributes) -> io::Result<()>;

    /// A stored file; `None` when there is none.
    ///
    /// # Errors
    /// It is there and cannot be read.
    fn open(&self, key: &FileKey) -> io::Result<Option<Opened>>;

    /// Removes a file and all that was made from it. One that is not there is removed already.
    ///
    /// # Errors
    /// Something of it is still there.
    fn remove(&self, key: &FileKey) -> io::Result<()>;

    /// As [`Storage::remove`], for many files.
    ///
    /// # Errors
    /// Which of them may still be there.
    fn remove_all(&self, keys: &[FileKey]) -> Result<(), Left> {
        let (mut left, mut failed) = (Vec::new(), None);
        for key in keys {
            if let Err(error) = self.remove(key) {
                left.push(key.clone());
                failed = Some(error);
            }
        }
        failed.map_or(Ok(()), |error| Err(Left { keys: left, error }))
    }

    /// Everything that is stored, or all of one collection, record by record as it is read: it
    /// costs no more memory than one record does. What is no file of a record is left out.
    fn walk<'s>(&'s self, collection: Option<&str>) -> Walk<'s>;

    /// What was stored and may be without a row, or was to be removed and may be there: where that
    /// is known without a walk.
    fn noted(&self) -> Walk<'_> {
        Box::new(std::iter::empty())
    }

    /// True when there is something [`Storage::noted`].
    fn has_noted(&self) -> bool {
        false
    }

    /// The file that is to go once a row is known to name this one.
    fn note_of(&self, _key: &FileKey) -> Option<PathBuf> {
        None
    }

    /// Forgets the empty place of a record and of its collection, where a storage has such.
    fn forget_empty(&self, collection: &str, record: &str);
}

/// What a removal left behind.
#[derive(Debug)]
pub struct Left {
    /// The files.
    pub keys: Vec<FileKey>,
    /// Why, of the last of them.
    pub error: io::Error,
}

/// What [`Storage::walk`] finds.
pub type Walk<'s> = Box<dyn Iterator<Item = io::Result<RecordFiles>> + 's>;

/// What is stored for one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFiles {
    /// The collection's id, or what may have been one.
    pub collection: String,
    /// The record's id.
    pub record: String,
    /// Its files.
    pub files: Vec<FoundFile>,
}

/// A file that is stored, or what is left of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFile {
    /// Its name.
    pub name: String,
    /// When the newest part of it was stored: content, sidecar or what was made from it.
    pub modified: SystemTime,
    /// True when there is more than plain content, which only a server of records leaves.
    pub has_traces: bool,
    /// True when it is known from a note: what a row names is to be forgotten there.
    pub is_noted: bool,
}

/// A stored file, ready to be read from any position.
pub struct Opened {
    /// The content.
    pub content: Box<dyn Content>,
    /// Its bytes.
    pub length: u64,
    /// When it was stored.
    pub modified: SystemTime,
    /// What is known of it; the default when there is no sidecar.
    pub attributes: Attributes,
}

/// The bytes of a stored file. A seek followed by a read is what a range becomes.
pub trait Content: Read + Seek + Send {}

impl<T: Read + Seek + Send> Content for T {}
