//! An archive in a local folder: each file beside its sidecar.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::crypto::random_id;
use crate::files::archive::{Archive, Archived, is_archive_name};
use crate::files::local::{found, move_into, sidecar_name};
use crate::files::{Attributes, Opened};

/// A folder of files, made with the first one.
pub struct LocalArchive {
    folder: PathBuf,
}

impl LocalArchive {
    /// The archive in `folder`.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        is_archive_name(name).then(|| self.folder.join(name))
    }
}

impl Archive for LocalArchive {
    fn list(&self) -> io::Result<Vec<Archived>> {
        let mut files = Vec::new();
        for entry in found(fs::read_dir(&self.folder))?.into_iter().flatten() {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            // It may be removed at this moment.
            let Some(metadata) = found(fs::metadata(entry.path()))? else { continue };
            if metadata.is_file() && is_archive_name(&name) {
                let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                files.push(Archived { name, size: metadata.len(), modified });
            }
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(files)
    }

    fn put(&self, name: &str, from: &Path, attributes: &Attributes) -> io::Result<()> {
        if !is_archive_name(name) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no name of a file"));
        }
        let beside = from.with_extension(random_id());
        let mut sidecar = File::create_new(&beside)?;
        sidecar.write_all(&serde_json::to_vec(attributes)?)?;
        sidecar.sync_data()?;
        // The sidecar first: a file is never seen without what is known of it.
        let placed = move_into(&beside, &self.folder, &sidecar_name(name))
            .and_then(|()| move_into(from, &self.folder, name));
        if placed.is_err() {
            let _ = fs::remove_file(&beside);
            if !self.has(name).unwrap_or(true) {
                let _ = fs::remove_file(self.folder.join(sidecar_name(name)));
            }
        }
        placed?;
        sync_folder(&self.folder)
    }

    fn open(&self, name: &str) -> io::Result<Option<Opened>> {
        let Some(path) = self.path(name) else { return Ok(None) };
        let Some(content) = found(File::open(path))? else { return Ok(None) };
        let metadata = content.metadata()?;
        if !metadata.is_file() {
            return Ok(None);
        }
        let sidecar = fs::read(self.folder.join(sidecar_name(name)));
        let attributes = found(sidecar)?.and_then(|text| serde_json::from_slice(&text).ok());
        Ok(Some(Opened {
            content: Box::new(content),
            length: metadata.len(),
            modified: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            attributes: attributes.unwrap_or_default(),
        }))
    }

    fn has(&self, name: &str) -> io::Result<bool> {
        let Some(path) = self.path(name) else { return Ok(false) };
        Ok(found(fs::metadata(path))?.is_some_and(|metadata| metadata.is_file()))
    }

    fn remove(&self, name: &str) -> io::Result<bool> {
        let Some(path) = self.path(name) else { return Ok(false) };
        let was_there = found(fs::remove_file(path))?.is_some();
        found(fs::remove_file(self.folder.join(sidecar_name(name))))?;
        Ok(was_there)
    }
}

/// Makes names that were given in a folder outlive a loss of power, where the system can.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn put(archive: &LocalArchive, dir: &Path, name: &str, text: &str) -> io::Result<()> {
        let from = dir.join(random_id());
        File::create_new(&from)?.write_all(text.as_bytes())?;
        archive.put(name, &from, &Attributes::new("application/zip", name, String::new()))
    }

    #[test]
    fn what_is_put_is_listed_opened_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        let archive = LocalArchive::new(dir.path().join("backups"));
        assert_eq!(archive.list().unwrap(), []);
        assert!(!archive.remove("a.zip").unwrap());
        put(&archive, dir.path(), "b.zip", "bb").unwrap();
        put(&archive, dir.path(), "@a.zip", "a").unwrap();
        let listed = archive.list().unwrap();
        let names: Vec<_> = listed.iter().map(|file| (file.name.as_str(), file.size)).collect();
        assert_eq!(names, [("@a.zip", 1), ("b.zip", 2)]);
        let mut opened = archive.open("b.zip").unwrap().unwrap();
        let mut text = String::new();
        opened.content.read_to_string(&mut text).unwrap();
        assert_eq!((text.as_str(), opened.length), ("bb", 2));
        assert_eq!(opened.attributes.content_type, "application/zip");
        assert!(archive.has("b.zip").unwrap() && archive.remove("b.zip").unwrap());
        assert!(!archive.has("b.zip").unwrap() && archive.open("b.zip").unwrap().is_none());
        assert!(put(&archive, dir.path(), "../b.zip", "b").is_err());
        assert_eq!(fs::read_dir(dir.path().join("backups")).unwrap().count(), 2);
    }
}
