//! Packs a data folder: the zip is written from front to end, so it can go anywhere a stream can.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use crate::backups::manifest::{self, Manifest};
use crate::clock::DateTime;
use crate::crypto::random_id;
use crate::error::{Error, Result};
use crate::store::{Store, StoreError};

/// What of a data folder is in no backup: other backups, what is not finished, what belongs to
/// this machine.
pub(super) const LEFT_OUT: [&str; 7] = [
    super::FOLDER,
    ".pb_temp_to_delete",
    ".notify",
    ".autocert_cache",
    "lost+found",
    ".greenroom.lock",
    super::swap::FOLDER,
];

/// Bytes that are read at a time.
const PIECE: usize = 256 << 10;
/// Files from this size on get the wide fields of the format; deflated, bytes may become more.
const LARGE: u64 = 3 << 30;
/// A little of what there is to gain costs a little of the time that most of it would cost.
const LEVEL: i64 = 1;
/// Endings of files that do not become smaller.
const PACKED: [&str; 20] = [
    "jpg", "jpeg", "png", "gif", "webp", "avif", "heic", "mp4", "webm", "mov", "mkv", "mp3", "m4a",
    "ogg", "zip", "gz", "zst", "7z", "docx", "xlsx",
];

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// A database is copied: pages done, and all.
    Copying(u64, u64),
    /// Bytes that were packed, and all there are, as far as known.
    Packing(u64, u64),
}

/// A data folder whose databases are open.
pub(super) struct Source<'s> {
    pub dir: &'s Path,
    /// For the copies of the databases.
    pub temporary: &'s Path,
    /// The file in the folder and its store; the first has the collections. The other may not be
    /// there.
    pub databases: [(&'static str, Option<&'s Store>); 2],
    /// Ends it.
    pub stop: &'s AtomicBool,
    pub progress: &'s (dyn Fn(Progress) + Sync),
}

/// Packs the folder into `out`; hands it back with what is in the backup.
pub(super) fn pack<W: Write>(
    source: &Source<'_>,
    out: W,
    mut manifest: Manifest,
) -> Result<(W, Manifest)> {
    let mut packer = Packer { zip: ZipWriter::new_stream(out), source, done: 0, whole: 0 };
    for (place, (name, store)) in source.databases.into_iter().enumerate() {
        let Some(store) = store else { continue };
        let copy = Temporary(source.temporary.join(format!("{}.db", random_id())));
        match source.copy(store, &copy.0) {
            // A log that is broken costs no backup.
            Err(error) if place > 0 && !source.stop.load(Ordering::Relaxed) => {
                tracing::warn!(%error, file = name, "left out of the backup: it cannot be copied");
                continue;
            }
            done => done?,
        }
        if place == 0 {
            manifest.count(&copy.0)?;
            packer.whole = manifest.database_size;
        }
        packer.file(name, &copy.0)?;
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(source.dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        // The names of the databases also begin those of their logs.
        let is_database = source.databases.iter().any(|(database, _)| name.starts_with(database));
        if !is_database && !LEFT_OUT.contains(&name.as_str()) {
            files.push((name, entry.path()));
        }
    }
    files.sort();
    for (name, path) in files {
        packer.tree(&name, &path, &mut manifest)?;
    }
    let text = serde_json::to_vec(&manifest).map_err(Error::internal)?;
    packer.zip.start_file(manifest::ENTRY, options(0, None)).map_err(zip_failed)?;
    packer.zip.write_all(&text).map_err(failed)?;
    let out = packer.zip.finish().map_err(zip_failed)?;
    Ok((out.into_inner(), manifest))
}

/// A file that is gone with this.
pub(super) struct Temporary(pub PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Source<'_> {
    fn copy(&self, store: &Store, target: &Path) -> Result<()> {
        let watch = |copied: crate::store::Copied| {
            (self.progress)(Progress::Copying(copied.done, copied.whole));
            !self.stop.load(Ordering::Relaxed)
        };
        Ok(store.copy_blocking(target, watch)?)
    }
}

struct Packer<'s, W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
    source: &'s Source<'s>,
    done: u64,
    whole: u64,
}

impl<W: Write> Packer<'_, W> {
    /// A file, or a folder with all that is in it. Links are followed at the top only: a storage
    /// may be on another disk.
    fn tree(&mut self, name: &str, path: &Path, manifest: &mut Manifest) -> Result<()> {
        let Some(metadata) = found(fs::metadata(path))? else { return Ok(()) };
        let mut waiting = Vec::new();
        match metadata.is_dir() {
            true => waiting.push((name.to_owned(), path.to_owned())),
            false => drop(self.file(name, path)?),
        }
        while let Some((name, folder)) = waiting.pop() {
            for entry in found(fs::read_dir(&folder))?.into_iter().flatten() {
                let entry = entry.map_err(failed)?;
                let Ok(own) = entry.file_name().into_string() else {
                    tracing::warn!(folder = name, "a file whose name is no text is left out");
                    continue;
                };
                let (inner, kind) = (format!("{name}/{own}"), entry.file_type().map_err(failed)?);
                if kind.is_dir() {
                    waiting.push((inner, entry.path()));
                } else if kind.is_file() {
                    manifest.files += 1;
                    manifest.files_size += self.file(&inner, &entry.path())?;
                }
            }
        }
        Ok(())
    }

    /// One file; what went away meanwhile is left out.
    fn file(&mut self, name: &str, path: &Path) -> Result<u64> {
        let Some(file) = found(File::open(path))? else { return Ok(0) };
        let metadata = file.metadata().map_err(failed)?;
        let size = metadata.len();
        self.whole = self.whole.max(self.done + size);
        let modified = metadata.modified().ok().map(DateTime::from_system);
        let mut chosen = options(size, modified);
        if is_packed(name) {
            chosen = chosen.compression_method(CompressionMethod::Stored).compression_level(None);
        }
        self.zip.start_file(name, chosen).map_err(zip_failed)?;
        // A log may grow meanwhile.
        let mut file = file.take(size);
        let mut piece = vec![0; PIECE.min(usize::try_from(size).unwrap_or(PIECE).max(1))];
        let mut written = 0;
        loop {
            if self.source.stop.load(Ordering::Relaxed) {
                return Err(StoreError::Interrupted.into());
            }
            let read = file.read(&mut piece).map_err(failed)?;
            if read == 0 {
                return Ok(written);
            }
            self.zip.write_all(&piece[..read]).map_err(failed)?;
            written += read as u64;
            self.done += read as u64;
            (self.source.progress)(Progress::Packing(self.done, self.whole));
        }
    }
}

fn options(size: u64, modified: Option<DateTime>) -> SimpleFileOptions {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL))
        .unix_permissions(0o644)
        .large_file(size > LARGE);
    match modified.and_then(zip_time) {
        Some(time) => options.last_modified_time(time),
        None => options,
    }
}

fn zip_time(time: DateTime) -> Option<zip::DateTime> {
    let at = time.civil();
    let part = |number: i8| u8::try_from(number).unwrap_or(0);
    let year = u16::try_from(at.year()).ok()?;
    zip::DateTime::from_date_and_time(
        year,
        part(at.month()),
        part(at.day()),
        part(at.hour()),
        part(at.minute()),
        part(at.second()),
    )
    .ok()
}

fn is_packed(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    PACKED.contains(&ending.as_str())
}

/// What is not there any more is no error.
fn found<T>(result: io::Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

/// A failure of the disk, in words that say what to do where that is known.
pub(super) fn failed(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull => StoreError::Full.into(),
        _ => Error::internal(error),
    }
}

fn zip_failed(error: zip::result::ZipError) -> Error {
    match error {
        zip::result::ZipError::Io(error) => failed(error),
        error => Error::internal(error),
    }
}
