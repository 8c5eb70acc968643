//! Where whole files live that are known by a name alone: backups. The calls wait for disk or
//! network: never make them on a thread that serves.

use std::io;
use std::path::Path;
use std::time::SystemTime;

use crate::files::key::SIDECAR;
use crate::files::{Attributes, Opened};

/// The longest name in bytes, with room for what stands around it.
const MAX_NAME: usize = 240;

/// A place for files that have a name and nothing else. A local folder is one.
pub trait Archive: Send + Sync {
    /// All files, by name.
    ///
    /// # Errors
    /// The place cannot be read.
    fn list(&self) -> io::Result<Vec<Archived>>;

    /// Takes the temporary file at `from`, which is gone from there afterwards. Nobody sees half
    /// of it under its name.
    ///
    /// # Errors
    /// The file is not stored; it may still be at `from`.
    fn put(&self, name: &str, from: &Path, attributes: &Attributes) -> io::Result<()>;

    /// A file; `None` when there is none of this name.
    ///
    /// # Errors
    /// It is there and cannot be read.
    fn open(&self, name: &str) -> io::Result<Option<Opened>>;

    /// Whether there is a file of this name.
    ///
    /// # Errors
    /// The place cannot be read.
    fn has(&self, name: &str) -> io::Result<bool>;

    /// Removes a file; false when there was none of this name.
    ///
    /// # Errors
    /// It is still there.
    fn remove(&self, name: &str) -> io::Result<bool>;
}

/// A file of an [`Archive`], as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// When it was stored.
    pub modified: SystemTime,
}

/// True for text that names a file of an archive: one part of a path on every system, and no
/// sidecar.
pub fn is_archive_name(name: &str) -> bool {
    let is_dots = name.bytes().all(|byte| byte == b'.');
    let is_plain = !name.contains(|c: char| matches!(c, '/' | '\\' | ':') || c.is_control());
    !is_dots && is_plain && name.len() <= MAX_NAME && !name.ends_with(SIDECAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_nowhere_else() {
        for name in ["a.zip", "@auto_x.zip", "My File (1).ZIP", ".hidden", "ü.zip", " sp .zip"] {
            assert!(is_archive_name(name), "{name}");
        }
        let long = "b".repeat(MAX_NAME + 1);
        for name in ["", ".", "..", "a/b", "a\\b", "c:x", "a\0", "a\n", "a.zip.attrs", &long] {
            assert!(!is_archive_name(name), "{name}");
        }
    }
}
