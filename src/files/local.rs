//! Files in a folder: `<collection>/<record>/<name>`, each with a sidecar `<name>.attrs`.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::crypto::random_id;
use crate::files::key::{SIDECAR, is_plain};
use crate::files::{Attributes, FileKey, Opened, Storage};

/// How often a folder is made again that a removal of its last file took away.
const TRIES: usize = 5;

/// A folder of files.
pub(super) struct LocalStorage {
    root: PathBuf,
    /// For what is being written, on the same file system.
    temporary: PathBuf,
}

impl LocalStorage {
    pub fn new(root: PathBuf, temporary: PathBuf) -> Self {
        Self { root, temporary }
    }

    fn folder(&self, key: &FileKey) -> PathBuf {
        self.root.join(key.collection()).join(key.record())
    }

    fn write_sidecar(&self, attributes: &Attributes) -> io::Result<PathBuf> {
        let path = self.temporary.join(random_id());
        let mut file = File::create_new(&path)?;
        file.write_all(&serde_json::to_vec(attributes)?)?;
        Ok(path)
    }
}

impl Storage for LocalStorage {
    fn put(&self, key: &FileKey, from: &Path, attributes: &Attributes) -> io::Result<()> {
        let sidecar = self.write_sidecar(attributes)?;
        let folder = self.folder(key);
        // The sidecar first: a file is never seen without its type.
        let placed = move_into(&sidecar, &folder, &sidecar_name(key.name()))
            .and_then(|()| move_into(from, &folder, key.name()));
        if placed.is_err() {
            let _ = fs::remove_file(&sidecar);
            let _ = self.remove(key);
        }
        placed
    }

    fn open(&self, key: &FileKey) -> io::Result<Option<Opened>> {
        let path = self.folder(key).join(key.name());
        let Some(content) = found(File::open(path))? else { return Ok(None) };
        let metadata = content.metadata()?;
        if !metadata.is_file() {
            return Ok(None);
        }
        let sidecar = fs::read(self.folder(key).join(sidecar_name(key.name())));
        let attributes = found(sidecar)?.and_then(|text| serde_json::from_slice(&text).ok());
        Ok(Some(Opened {
            content,
            length: metadata.len(),
            modified: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            attributes: attributes.unwrap_or_default(),
        }))
    }

    fn remove(&self, key: &FileKey) -> io::Result<()> {
        let folder = self.folder(key);
        let content = found(fs::remove_file(folder.join(key.name())));
        let sidecar = found(fs::remove_file(folder.join(sidecar_name(key.name()))));
        let thumbs = found(fs::remove_dir_all(folder.join(format!("thumbs_{}", key.name()))));
        // Only an empty folder goes: a file of the same record may just have come.
        let _ = fs::remove_dir(&folder);
        content.and(sidecar).and(thumbs).map(drop)
    }

    fn remove_collection(&self, collection: &str) -> io::Result<()> {
        if !is_plain(collection) {
            return Ok(());
        }
        found(fs::remove_dir_all(self.root.join(collection))).map(drop)
    }
}

fn sidecar_name(name: &str) -> String {
    format!("{name}{SIDECAR}")
}

/// What is not there is no error.
fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn move_into(from: &Path, folder: &Path, name: &str) -> io::Result<()> {
    let mut tries = 0;
    loop {
        fs::create_dir_all(folder)?;
        tries += 1;
        match fs::rename(from, folder.join(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound && tries < TRIES => {}
            // The storage may be a disk of its own.
            Err(error) if error.kind() == ErrorKind::CrossesDevices => {
                return copy_into(from, folder, name);
            }
            done => return done,
        }
    }
}

fn copy_into(from: &Path, folder: &Path, name: &str) -> io::Result<()> {
    let beside = folder.join(format!("{}.part", random_id()));
    let copied = fs::copy(from, &beside).and_then(|_| File::open(&beside)?.sync_data());
    copied.and_then(|()| fs::rename(&beside, folder.join(name))).inspect_err(|_| {
        let _ = fs::remove_file(&beside);
    })?;
    fs::remove_file(from)
}
