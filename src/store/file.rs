//! [`DatabaseFile`]: the database of a folder that is not served, such as one out of a backup.

use std::path::Path;

use crate::error::Result;
use crate::store::engine::Lookable;
use crate::store::job::caught;
use crate::store::migrate::MAIN;
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
