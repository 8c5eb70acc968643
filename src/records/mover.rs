//! Moves the files that rows name to the place that the settings name, as a job of the queue: a
//! server that stops goes on where it was, since what has arrived is gone where it came from.

use serde_json::json;

use crate::error::{Error, Result};
use crate::files::{FileKey, MoveProgress, Place, RecordFiles, s3};
use crate::jobs::{Job, JobError, JobKind, Jobs, NewJob};
use crate::records::parts::Records;
use crate::records::uploads::stored_files;
use crate::schema::{Collection, FieldType};
use crate::settings::SettingsCache;
use crate::store::{Cost, Tx};

const KIND: &str = "files.move";
/// Attempts of a move: with their pauses, some days.
const ATTEMPTS: u32 = 50;
/// Records whose files are moved in one step.
const STEP: usize = 100;

/// Starts moves and does them.
#[derive(Clone)]
pub struct Mover {
    records: Records,
    jobs: Jobs,
    settings: SettingsCache,
}

impl Mover {
    /// A mover of the files of `records`.
    pub fn new(records: &Records, jobs: &Jobs, settings: &SettingsCache) -> Self {
        Self { records: records.clone(), jobs: jobs.clone(), settings: settings.clone() }
    }

    /// How far the last move has come.
    pub fn progress(&self) -> MoveProgress {
        self.records.files.move_progress()
    }

    /// Lets files go to `to` from now on, and those that are elsewhere follow.
    ///
    /// # Errors
    /// 400 when files are on their way already, or the settings name no bucket.
    pub async fn start(&self, to: Place) -> Result<()> {
        let (mover, payload) = (self.clone(), json!(to).to_string());
        let switch = json!({ "s3": { "enabled": to == Place::Bucket } });
        let write = move |tx: &Tx<'_>| {
            if mover.jobs.has_open(tx, KIND)? {
                return Err(Error::bad_request("Files are being moved already."));
            }
            // The bucket they leave is needed until they have left it.
            let on = json!({ "s3": { "enabled": true } });
            mover.settings.load().patched(on)?;
            let overlay = mover.settings.overlay();
            mover.settings.edit(tx, |stored| overlay.patched(stored, switch))?;
            let job = NewJob::new(KIND, payload).in_order_of(KIND).with_attempts(ATTEMPTS);
            mover.jobs.enqueue(tx, job)?;
            let files = mover.records.files.clone();
            tx.on_commit(move || files.places().begin_move(to));
            Ok(())
        };
        self.records.store.write(write).await
    }

    /// Lets files be found in both places where a move of an earlier process is not done. Blocks.
    ///
    /// # Errors
    /// The store fails.
    pub fn resume(&self) -> Result<()> {
        let jobs = self.jobs.clone();
        let is_open = move |tx: &Tx<'_>| jobs.has_open(tx, KIND);
        if self.records.store.read_blocking(Cost::Bounded, is_open)? {
            self.records.files.places().read_both();
        }
        Ok(())
    }

    /// The jobs that move files.
    pub fn job_kind(&self) -> JobKind {
        let mover = self.clone();
        JobKind::new(KIND, 1, move |job| {
            let mover = mover.clone();
            async move {
                let run = move || mover.run(&job);
                let done = tokio::task::spawn_blocking(run).await;
                done.unwrap_or_else(|_| Err(JobError::Failed("Moving files panicked.".to_owned())))
            }
        })
    }

    fn run(&self, job: &Job) -> std::result::Result<(), JobError> {
        let places = self.records.files.places();
        let Ok(to) = serde_json::from_str(&job.payload) else {
            return Err(JobError::Hopeless("The order cannot be read.".to_owned()));
        };
        let failed = |error: &dyn std::fmt::Display| JobError::Failed(error.to_string());
        if !places.goes_to(to).map_err(|error| failed(&error))? {
            let words = "The settings send files elsewhere by now.";
            return Err(JobError::Hopeless(words.to_owned()));
        }
        places.begin_move(to);
        let moved = self.move_all(to);
        let MoveProgress { moved: count, bytes, failed: left, error, .. } = self.progress();
        places.end_move(moved.is_ok() && left == 0);
        moved.map_err(|error| failed(&error))?;
        if left > 0 {
            return Err(JobError::Failed(format!("{left} files were not moved: {error}")));
        }
        tracing::info!(files = count, bytes, "files were moved");
        Ok(())
    }

    fn move_all(&self, to: Place) -> Result<()> {
        let schema = self.records.schema();
        let has_files = |collection: &Collection| {
            let mut fields = collection.fields.iter();
            !collection.is_view() && fields.any(|field| matches!(field.kind, FieldType::File(_)))
        };
        for collection in schema.collections().iter().filter(|collection| has_files(collection)) {
            let places = self.records.files.places();
            let mut left = places.left_behind(to, &collection.id).map_err(s3::told)?;
            loop {
                let step: std::io::Result<Vec<RecordFiles>> = left.by_ref().take(STEP).collect();
                let step = step.map_err(s3::told)?;
                if step.is_empty() {
                    break;
                }
                self.move_step(collection, &step, to)?;
            }
        }
        Ok(())
    }

    fn move_step(&self, collection: &Collection, step: &[RecordFiles], to: Place) -> Result<()> {
        let (of, ids) = (collection.clone(), step.iter().map(|found| found.record.clone()));
        let ids: Vec<String> = ids.collect();
        let look = move |tx: &Tx<'_>| {
            let named = ids.iter().map(|id| stored_files(tx, &of, id));
            Ok(named.collect::<Result<Vec<_>>>()?.concat())
        };
        let named: Vec<FileKey> = self.records.store.read_blocking(Cost::Unbounded, look)?;
        for key in named {
            let is_here = |found: &RecordFiles| {
                found.record == key.record()
                    && found.files.iter().any(|file| file.name == key.name())
            };
            if step.iter().any(is_here) {
                self.move_one(&key, to)?;
            }
        }
        Ok(())
    }

    /// One file that cannot be moved keeps nobody from the others; a service that does not answer
    /// does.
    fn move_one(&self, key: &FileKey, to: Place) -> Result<()> {
        let places = self.records.files.places();
        // A write that is not decided about is looked at in the next attempt.
        let carried = if self.records.files.is_in_flight(key) {
            Err(std::io::Error::other("it is being written"))
        } else {
            places.carry(key, to)
        };
        places.count(&carried);
        if let Err(error) = carried {
            tracing::warn!(%error, file = key.name(), "a file was not moved");
            if s3::is_outage(&error) {
                return Err(s3::told(error));
            }
        }
        Ok(())
    }
}
