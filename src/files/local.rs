//! Files in a folder: `<collection>/<record>/<name>`, each with a sidecar `<name>.attrs`.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, DirEntry, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::crypto::random_id;
use crate::faults;
use crate::files::key::{SIDECAR, THUMBS, is_plain, thumbs_of};
use crate::files::{Attributes, FileKey, FoundFile, Opened, RecordFiles, Storage, Walk};

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
        let folder = self.root.join(key.collection()).join(key.record());
        key.folder().map_or(folder.clone(), |inner| folder.join(inner))
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
        faults::pass("files::put")?;
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
            content: Box::new(content),
            length: metadata.len(),
            modified: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            attributes: attributes.unwrap_or_default(),
        }))
    }

    fn remove(&self, key: &FileKey) -> io::Result<()> {
        let folder = self.folder(key);
        let content = found(fs::remove_file(folder.join(key.name())));
        let sidecar = found(fs::remove_file(folder.join(sidecar_name(key.name()))));
        let thumbs = found(fs::remove_dir_all(folder.join(thumbs_of(key.name()))));
        // Only an empty folder goes: a file of the same record may just have come.
        let _ = fs::remove_dir(&folder);
        content.and(sidecar).and(thumbs).map(drop)
    }

    fn walk<'s>(&'s self, collection: Option<&str>) -> Walk<'s> {
        let collections: Listing = match collection {
            Some(one) if is_plain(one) => Box::new(std::iter::once(Ok(one.to_owned()))),
            Some(_) => Box::new(std::iter::empty()),
            None => folders(&self.root),
        };
        let records = move |collection: io::Result<String>| -> Walk<'s> {
            let collection = match collection {
                Ok(collection) => collection,
                Err(error) => return Box::new(std::iter::once(Err(error))),
            };
            let folder = self.root.join(&collection);
            Box::new(folders(&folder).map(move |record| {
                let (collection, record) = (collection.clone(), record?);
                let files = files_in(&folder.join(&record))?;
                Ok(RecordFiles { collection, record, files })
            }))
        };
        Box::new(collections.flat_map(records))
    }

    fn forget_empty(&self, collection: &str, record: &str) {
        if is_plain(collection) && is_plain(record) {
            // Neither goes while there is something in it.
            let folder = self.root.join(collection);
            let _ = fs::remove_dir(folder.join(record));
            let _ = fs::remove_dir(folder);
        }
    }
}

type Listing = Box<dyn Iterator<Item = io::Result<String>>>;

/// The names of the folders below one, as they are read. Names that are no text are not ours.
fn folders(path: &Path) -> Listing {
    let entries = match found(fs::read_dir(path)) {
        Ok(None) => return Box::new(std::iter::empty()),
        Ok(Some(entries)) => entries,
        Err(error) => return Box::new(std::iter::once(Err(error))),
    };
    let name = |entry: io::Result<DirEntry>| -> io::Result<Option<String>> {
        let entry = entry?;
        let name = entry.file_name().into_string().ok().filter(|name| is_plain(name));
        Ok(if entry.file_type()?.is_dir() { name } else { None })
    };
    Box::new(entries.filter_map(move |entry| name(entry).transpose()))
}

/// The files of a record's folder, each with its sidecar and thumbs taken together.
fn files_in(folder: &Path) -> io::Result<Vec<FoundFile>> {
    let mut files: BTreeMap<String, FoundFile> = BTreeMap::new();
    for entry in found(fs::read_dir(folder))?.into_iter().flatten() {
        let entry = entry?;
        let Some((name, has_traces)) = owner(&entry.file_name(), entry.file_type()?.is_dir())
        else {
            continue;
        };
        // It may be removed at this moment.
        let Some(metadata) = found(entry.metadata())? else { continue };
        let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let file = FoundFile { name: name.clone(), modified, has_traces, is_noted: false };
        let known = files.entry(name).or_insert_with(|| file.clone());
        known.modified = known.modified.max(modified);
        known.has_traces |= has_traces;
    }
    Ok(files.into_values().collect())
}

/// Which file an entry of a record's folder belongs to, and whether it is more than its content.
fn owner(entry: &OsStr, is_folder: bool) -> Option<(String, bool)> {
    let name = entry.to_str()?;
    if is_folder {
        return name.strip_prefix(THUMBS).map(|name| (name.to_owned(), true));
    }
    Some(match name.strip_suffix(SIDECAR) {
        Some(name) => (name.to_owned(), true),
        None => (name.to_owned(), false),
    })
}

pub(super) fn sidecar_name(name: &str) -> String {
    format!("{name}{SIDECAR}")
}

/// What is not there is no error.
pub(super) fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) fn move_into(from: &Path, folder: &Path, name: &str) -> io::Result<()> {
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
