//! [`Files`]: the storage, the place where uploads arrive, and what cleans up.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::crypto::random_id;
use crate::error::Result;
use crate::files::cleaner::{Cleaner, Removal};
use crate::files::hold::{Gate, Hold};
use crate::files::in_flight::InFlight;
use crate::files::places::{PlaceOfBackups, Places};
use crate::files::s3::TestForm;
use crate::files::thumb::{NoThumb, Wanted, Workshop};
use crate::files::upload::Receiving;
use crate::files::{Archive, Attributes, FileKey, MoveProgress, Opened, Storage, Sweep, Sweeps};
use crate::settings::SettingsCache;

/// Within it, notes of what lies in a bucket and is not decided about.
pub(super) const NOTES: &str = "undecided";
/// Holds what is not finished, in one folder for each process. It is on the file system of the
/// storage, so that an upload is put in place by a rename.
const TEMPORARY: &str = ".pb_temp_to_delete";

/// The files of all records. Cheap to clone.
#[derive(Clone)]
pub struct Files(Arc<Inner>);

struct Inner {
    storage: Arc<dyn Storage>,
    places: Arc<Places>,
    temporary: PathBuf,
    in_flight: InFlight,
    sweeps: Arc<Sweeps>,
    cleaner: Cleaner,
    gate: Arc<Gate>,
    workshop: Workshop,
}

impl Files {
    /// Files below the data folder `dir`. Uploads that a crash left behind are removed soon, unless
    /// this process `joins` a folder that another one may be serving.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn open(dir: &Path, joins: bool) -> io::Result<Self> {
        Self::at(dir, joins, None)
    }

    /// The same, in buckets while the settings say so.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn following(dir: &Path, joins: bool, settings: &SettingsCache) -> io::Result<Self> {
        Self::at(dir, joins, Some(settings.clone()))
    }

    fn at(dir: &Path, joins: bool, settings: Option<SettingsCache>) -> io::Result<Self> {
        let folder = dir.join(TEMPORARY);
        let temporary = folder.join(random_id());
        fs::create_dir_all(&temporary)?;
        let notes = folder.join(NOTES);
        let places = Arc::new(Places::new(dir, temporary.clone(), notes, settings));
        let storage: Arc<dyn Storage> = places.clone();
        Self::over(storage, places, folder, temporary, joins)
    }

    /// The same over a storage that panics when it is told to.
    #[cfg(test)]
    pub(crate) fn trapped(dir: &Path) -> io::Result<(Self, Arc<crate::files::trap::Trap>)> {
        let folder = dir.join(TEMPORARY);
        let temporary = folder.join(random_id());
        fs::create_dir_all(&temporary)?;
        let notes = folder.join(NOTES);
        let places = Arc::new(Places::new(dir, temporary.clone(), notes, None));
        let trap = crate::files::trap::Trap::new(Arc::clone(&places));
        let storage: Arc<dyn Storage> = trap.clone();
        Ok((Self::over(storage, places, folder, temporary, true)?, trap))
    }

    fn over(
        storage: Arc<dyn Storage>,
        places: Arc<Places>,
        folder: PathBuf,
        temporary: PathBuf,
        joins: bool,
    ) -> io::Result<Self> {
        let sweeps = Arc::new(Sweeps::default());
        let gate = Arc::new(Gate::default());
        let removed = (Arc::clone(&storage), Arc::clone(&sweeps), Arc::clone(&gate));
        let cleaner = Cleaner::start(removed.0, removed.1, removed.2)?;
        if !joins {
            cleaner.remove(Removal::LeftIn { folder, own: temporary.clone() });
        }
        let in_flight = InFlight::default();
        let workshop = Workshop::start(Arc::clone(&storage), temporary.clone())?;
        let inner =
            Inner { storage, places, temporary, in_flight, sweeps, cleaner, gate, workshop };
        Ok(Self(Arc::new(inner)))
    }

    /// A folder for what is not finished, on the disk of the data folder. It is removed with all
    /// that a crash left in it at the next start.
    pub fn scratch(&self) -> &Path {
        &self.0.temporary
    }

    /// A file that begins to arrive for the form key `key`, called `sent` by the client.
    pub fn receive(&self, key: &str, sent: &str) -> Receiving {
        Receiving::new(self.clone(), key, sent)
    }

    /// A stored file. Waits for the disk.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn read(&self, key: &FileKey) -> io::Result<Option<Opened>> {
        self.0.storage.open(key)
    }

    /// A thumb of a stored picture, made on another thread if it is not there.
    ///
    /// # Errors
    /// See [`NoThumb`]: the original has to do.
    pub async fn thumb(&self, wanted: Wanted) -> Result<Opened, NoThumb> {
        self.0.workshop.thumb(wanted).await
    }

    /// Removes files soon, on another thread.
    pub fn remove(&self, keys: Vec<FileKey>) {
        if !keys.is_empty() {
            self.0.cleaner.remove(Removal::Files(keys));
        }
    }

    /// Asks for the removal of the files of a collection that no row names, and of all of them if
    /// the collection is gone.
    pub fn sweep(&self, collection: &str) {
        self.0.sweeps.ask(Sweep::Collection(collection.to_owned()));
    }

    /// The sweeps that are asked for.
    pub fn sweeps(&self) -> &Arc<Sweeps> {
        &self.0.sweeps
    }

    /// True for a file whose write is not decided yet.
    pub fn is_in_flight(&self, key: &FileKey) -> bool {
        self.0.in_flight.has(key)
    }

    /// Finishes what is queued; called once, at the end.
    pub fn close(&self) {
        self.0.cleaner.close();
        // What is still arriving there goes at the next start.
        let _ = fs::remove_dir(&self.0.temporary);
    }

    /// Where the files are. Every call of it waits.
    pub fn storage(&self) -> &dyn Storage {
        &*self.0.storage
    }

    /// Holds up the removal of files of records.
    pub fn hold_removals(&self) -> Hold {
        self.0.gate.hold()
    }

    /// Waits until nobody holds up removals; to be called before one.
    pub fn pass_hold(&self) {
        self.0.gate.pass();
    }

    /// Where backups lie: each call goes to the place that the settings of that moment name.
    pub fn archive(&self) -> Arc<dyn Archive> {
        Arc::new(PlaceOfBackups(Arc::clone(&self.0.places)))
    }

    /// A link to a file in the bucket, if the settings want links and it is there; `shown` tells
    /// its kind and disposition. Waits for the network.
    ///
    /// # Errors
    /// The bucket does not answer.
    pub fn link(
        &self,
        key: &FileKey,
        shown: impl Fn(&Attributes) -> (String, String),
    ) -> io::Result<Option<String>> {
        self.0.places.link(key, shown)
    }

    /// Whether the settings want links.
    pub fn has_links(&self) -> bool {
        self.0.places.has_links()
    }

    /// How far the last move of files has come.
    pub fn move_progress(&self) -> MoveProgress {
        self.0.places.progress.lock().clone()
    }

    pub(crate) fn places(&self) -> &Places {
        &self.0.places
    }

    /// Tries the bucket that a form means, and tells what is wrong with it. Waits for the network.
    ///
    /// # Errors
    /// 400 with the reason.
    pub fn try_out(&self, form: &TestForm) -> Result<()> {
        self.0.places.try_out(form)
    }

    pub(super) fn in_flight(&self) -> &InFlight {
        &self.0.in_flight
    }

    /// A folder of this process for what is not finished. It is on the file system of the storage,
    /// and what a crash leaves in it goes at the next start.
    pub fn temporary(&self) -> &Path {
        &self.0.temporary
    }

    /// Removes a temporary file soon, on another thread.
    pub(crate) fn discard(&self, temporary: PathBuf) {
        self.0.cleaner.remove(Removal::Temporary(temporary));
    }
}
