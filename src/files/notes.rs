//! [`Notes`]: which objects of a bucket may be without a row. A bucket may be shared, and looking
//! through it costs money, so what this server puts there is noted until a commit decides about it,
//! and what it could not remove is noted until it is gone.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use crate::crypto::{random_id, sha256};
use crate::files::FileKey;

/// Removals that are owed at most. What comes on top stays in the bucket.
const MAX_OWED: usize = 100_000;

/// A folder with a small file for each object. The stop of the machine may lose one, not that of
/// the process.
pub(super) struct Notes {
    folder: PathBuf,
    owed: AtomicUsize,
}

impl Notes {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, owed: AtomicUsize::new(0) }
    }

    /// Where the note of a file is, if there is one.
    pub fn path(&self, key: &FileKey) -> PathBuf {
        let digest = sha256(text(key).as_bytes());
        let name: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        self.folder.join(name)
    }

    /// Notes a file before it is stored.
    pub fn begin(&self, key: &FileKey) -> io::Result<()> {
        self.write(key, None)
    }

    /// Notes a file that should be gone already: it needs no grace.
    pub fn owe(&self, key: &FileKey) {
        if self.owed.fetch_add(1, Ordering::Relaxed) >= MAX_OWED {
            tracing::warn!(file = key.name(), "a file stays in the bucket: too many are to go");
        } else if let Err(error) = self.write(key, Some(SystemTime::UNIX_EPOCH)) {
            tracing::warn!(%error, file = key.name(), "a file stays in the bucket");
        }
    }

    /// Forgets a file that a row names, or that is gone.
    pub fn forget(&self, key: &FileKey) {
        match fs::remove_file(self.path(key)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                tracing::warn!(%error, "a note of a file could not be removed");
            }
            _ => {}
        }
    }

    /// Every file that is noted, and since when.
    pub fn all(&self) -> impl Iterator<Item = io::Result<(FileKey, SystemTime)>> + use<> {
        // What is owed from now on is counted anew.
        self.owed.store(0, Ordering::Relaxed);
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => Ok(Some(entries)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        };
        let (entries, failed) = match entries {
            Ok(entries) => (entries, None),
            Err(error) => (None, Some(Err(error))),
        };
        let read = |entry: io::Result<fs::DirEntry>| -> io::Result<Option<_>> {
            let entry = entry?;
            let (content, metadata) = (fs::read_to_string(entry.path()), entry.metadata());
            // It may be forgotten at this moment.
            let (Ok(content), Ok(metadata)) = (content, metadata) else { return Ok(None) };
            let Some(key) = key(&content) else { return Ok(None) };
            Ok(Some((key, metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH))))
        };
        failed
            .into_iter()
            .chain(entries.into_iter().flatten().filter_map(move |e| read(e).transpose()))
    }

    /// True when nothing is noted.
    pub fn is_empty(&self) -> bool {
        fs::read_dir(&self.folder).map_or(true, |mut entries| entries.next().is_none())
    }

    fn write(&self, key: &FileKey, since: Option<SystemTime>) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        // Nobody reads half of a note.
        let part = self.folder.join(format!("{}.part", random_id()));
        let written = (|| {
            let mut file = File::create_new(&part)?;
            file.write_all(text(key).as_bytes())?;
            since.map_or(Ok(()), |since| file.set_modified(since))?;
            fs::rename(&part, self.path(key))
        })();
        written.inspect_err(|_| {
            let _ = fs::remove_file(&part);
        })
    }
}

fn text(key: &FileKey) -> String {
    format!("{}/{}/{}\n", key.collection(), key.record(), key.name())
}

fn key(text: &str) -> Option<FileKey> {
    let mut parts = text.strip_suffix('\n')?.split('/');
    let key = FileKey::new(parts.next()?, parts.next()?, parts.next()?);
    key.filter(|_| parts.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_noted_until_it_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let notes = Notes::new(dir.path().join("notes"));
        assert!(notes.is_empty());
        assert_eq!(notes.all().count(), 0);
        let keys = ["a.txt", "b.txt"].map(|name| FileKey::new("pbc_1", "abc", name).unwrap());
        notes.begin(&keys[0]).unwrap();
        notes.begin(&keys[0]).unwrap();
        notes.owe(&keys[1]);
        let mut all: Vec<_> = notes.all().map(Result::unwrap).collect();
        all.sort_by(|a, b| a.0.name().cmp(b.0.name()));
        assert_eq!([&all[0].0, &all[1].0], keys.each_ref());
        assert!(all[0].1 > SystemTime::UNIX_EPOCH);
        assert_eq!(all[1].1, SystemTime::UNIX_EPOCH);
        keys.iter().for_each(|key| notes.forget(key));
        notes.forget(&keys[0]);
        assert!(notes.is_empty());
    }
}
