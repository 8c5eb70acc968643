//! Unpacks a backup, and looks whether a server would start with what is in it.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write as _};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use zip::ZipArchive;

use crate::backups::manifest::{self, Manifest};
use crate::backups::pack::{LEFT_OUT, failed};
use crate::error::{Error, Result};
use crate::files::Content;
use crate::store::{DatabaseFile, StoreError};

/// Bytes that are moved at a time.
const PIECE: usize = 256 << 10;
/// Bytes of a manifest.
const MAX_MANIFEST: u64 = 16 << 20;

/// A backup that is open.
pub(super) struct Packed(ZipArchive<BufReader<Box<dyn Content>>>);

impl Packed {
    /// # Errors
    /// 400 for what is no backup.
    pub fn open(content: Box<dyn Content>) -> Result<Self> {
        let zip = ZipArchive::new(BufReader::with_capacity(PIECE, content));
        zip.map(Self).map_err(|error| broken(&error.to_string()))
    }

    /// What the backup says of itself; `None` where it says nothing.
    pub fn manifest(&mut self) -> Option<Manifest> {
        let mut text = Vec::new();
        let entry = self.0.by_name(manifest::ENTRY).ok()?;
        entry.take(MAX_MANIFEST).read_to_end(&mut text).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Unpacks all that belongs into a data folder, or reads over it where `wanted` says no. What
    /// is read is checked against the sums of the zip.
    ///
    /// # Errors
    /// 400 for a damaged backup; what the disk says.
    pub fn unpack(
        &mut self,
        into: &Path,
        stop: &AtomicBool,
        wanted: impl Fn(&Path) -> bool,
    ) -> Result<()> {
        let mut piece = vec![0; PIECE];
        for index in 0..self.0.len() {
            let mut entry = self.0.by_index(index).map_err(|e| broken(&e.to_string()))?;
            let name = entry.enclosed_name().ok_or_else(|| broken("a name leads elsewhere"))?;
            if !belongs(&name) || entry.is_symlink() {
                continue;
            }
            let target = into.join(&name);
            if entry.is_dir() {
                continue;
            }
            let mut file = match wanted(&name) {
                true => Some(create(&target)?),
                false => None,
            };
            loop {
                if stop.load(Ordering::Relaxed) {
                    return Err(StoreError::Interrupted.into());
                }
                let read = entry.read(&mut piece).map_err(|e| broken(&e.to_string()))?;
                if read == 0 {
                    break;
                }
                if let Some(file) = &mut file {
                    file.write_all(&piece[..read]).map_err(failed)?;
                }
            }
            if let Some(file) = file {
                file.sync_data().map_err(failed)?;
            }
        }
        Ok(())
    }
}

fn create(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    File::create_new(path).map_err(failed)
}

/// True for what a restore puts in place.
fn belongs(name: &Path) -> bool {
    let first = name.components().find_map(|part| match part {
        Component::Normal(first) => first.to_str(),
        _ => None,
    });
    first.is_some_and(|first| !LEFT_OUT.contains(&first) && first != manifest::ENTRY)
}

/// The database among unpacked files, if a server would start with it.
///
/// # Errors
/// 400 with the reason.
pub(super) fn check(folder: &Path, is_thorough: bool) -> Result<DatabaseFile> {
    let file = DatabaseFile::open(&folder.join(DatabaseFile::NAME))
        .map_err(|error| broken(&reason(&error.to_string(), folder)))?;
    let findings = file.check(is_thorough)?;
    match findings.first() {
        None => Ok(file),
        Some(first) => Err(broken(&format!("the database is damaged: {first}"))),
    }
}

/// A reason without the path of a temporary folder in it.
fn reason(text: &str, folder: &Path) -> String {
    text.replace(&format!("{}/", folder.display()), "")
}

pub(super) fn broken(why: &str) -> Error {
    Error::bad_request(format!("The backup cannot be used: {why}"))
}

/// The sum of all bytes, in hexadecimal digits.
///
/// # Errors
/// They cannot be read.
pub(super) fn sha256(content: &mut dyn Content) -> io::Result<String> {
    let mut sum = crate::crypto::Sha256::new();
    let mut piece = vec![0; PIECE];
    content.rewind()?;
    loop {
        let read = content.read(&mut piece)?;
        if read == 0 {
            content.rewind()?;
            return Ok(super::tally::hex(&sum.finish()));
        }
        sum.update(&piece[..read]);
    }
}

/// A folder that is gone with this.
pub(super) struct TemporaryFolder(pub PathBuf);

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
