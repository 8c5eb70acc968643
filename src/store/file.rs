//! [`DatabaseFile`]: the database of a folder that is not served, such as one out of a backup.

use std::path::Path;

use crate::error::Result;
use crate::store::engine::{Copied, Lookable};
use crate::store::job::caught;
use crate::store::migrate::{LOGS, MAIN};
use crate::store::{StoreError, Tx, sqlite};

/// A database file that is looked at and not changed.
pub struct DatabaseFile(Box<dyn Lookable>);

impl DatabaseFile {
    /// The name of the file in a data folder.
    pub const NAME: &'static str = MAIN.file;

    /// Opens a file.
    ///
    /// # Errors
    /// What a store would refuse, and why: damaged, of another program, of a newer version.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if !path.is_file() {
            return Err(StoreError::Folder(format!("{} is missing", path.display())));
        }
        sqlite::open_file(path, &MAIN).map(Self)
    }

    /// Copies the databases of a folder to another one, in which there are none. The source may be
    /// another program's, in use or not; nothing is written there. What is beside the main one is
    /// left out where it cannot be read: false tells of that.
    ///
    /// # Errors
    /// The main one is missing, damaged, of another program, or of a version that is too old or too
    /// new; `watch` ended it by false.
    pub fn copy_folder(
        source: &Path,
        target: &Path,
        mut watch: impl FnMut(Copied) -> bool,
    ) -> Result<bool, StoreError> {
        let main = source.join(MAIN.file);
        if !main.is_file() {
            return Err(StoreError::Folder(format!("{} is missing", main.display())));
        }
        sqlite::copy_foreign(&main, &target.join(MAIN.file), &mut watch)?;
        let logs = source.join(LOGS.file);
        if !logs.is_file() {
            return Ok(true);
        }
        let copy = target.join(LOGS.file);
        let copied = sqlite::copy_foreign(&logs, &copy, &mut |_| true);
        if let Err(error) = &copied {
            tracing::debug!(%error, "the logs could not be copied");
            // What cannot be read is of no use; it is made anew.
            let _ = std::fs::remove_file(&copy);
        }
        Ok(copied.is_ok())
    }

    /// How many migrations a start of this program would apply to it.
    pub fn pending(&self) -> usize {
        self.0.pending()
    }

    /// Runs `work` with one snapshot.
    ///
    /// # Errors
    /// What `work` says; what the engine says.
    pub fn read<T>(&self, work: impl Fn(&Tx<'_>) -> Result<T>) -> Result<T> {
        let mut outcome = None;
        self.0.look(&mut |tx| outcome = Some(caught(|| work(tx))))?;
        outcome.unwrap_or_else(|| Err(StoreError::Lost.into()))
    }

    /// What is wrong with the file, nothing as a rule. A thorough check takes longer and looks at
    /// the indexes too.
    ///
    /// # Errors
    /// It cannot even be checked.
    pub fn check(&self, is_thorough: bool) -> Result<Vec<String>> {
        self.0.check(is_thorough)
    }
}
