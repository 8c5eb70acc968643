//! Finds files that no row names and removes them: what a crash left between placing a file and
//! COMMIT, and what dropped fields and deleted collections leave.
//!
//! A file goes only if it was listed first, was not in flight then, and is named by no row in a
//! look at the rows taken after both, on the writer's thread, where no schema changes meanwhile.

use std::collections::HashSet;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::files::{FileKey, Files, FoundFile, RecordFiles, Sweep, Sweeps};
use crate::records::parts::Records;
use crate::records::uploads::stored_files;
use crate::schema::Schema;
use crate::store::{Cost, Tx};

/// Records that are looked at in one step.
const STEP: usize = 100;
/// The pause between two steps: a sweep is never in a hurry.
const PAUSE: Duration = Duration::from_millis(5);
/// How often everything is swept.
const EVERY: Duration = Duration::from_secs(6 * 3600);
/// How soon what a bucket did not take is tried again.
const SOON: Duration = Duration::from_secs(60);
/// How old a file must be for a sweep that nobody asked for.
const GRACE: Duration = Duration::from_secs(600);

/// The thread that sweeps, from its start to its stop.
pub struct Sweeper {
    sweeps: Arc<Sweeps>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What a sweep did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Swept {
    looked_at: usize,
    removed: usize,
}

impl Sweeper {
    /// Starts with a sweep of everything that was there before this process.
    ///
    /// # Errors
    /// No thread can be made.
    pub fn start(records: &Records, clock: &Clock) -> io::Result<Self> {
        let sweeps = Arc::clone(records.files.sweeps());
        let sweeping = Sweeping { records: records.clone(), clock: clock.clone() };
        let started = moment(clock);
        let run = move || sweeping.run(started);
        let thread = thread::Builder::new().name("sweep".to_owned()).spawn(run)?;
        Ok(Self { sweeps, thread: Mutex::new(Some(thread)) })
    }

    /// Waits until the sweeps that were asked for are done.
    pub fn settle(&self) {
        self.sweeps.settle();
    }

    /// Ends the thread after its step; the next start finds what is left.
    pub fn stop(&self) {
        self.sweeps.close();
        let thread = self.thread.lock().take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that sweeps files panicked");
        }
    }
}

fn moment(clock: &Clock) -> SystemTime {
    let since = u64::try_from(clock.now().unix_ms()).unwrap_or(0);
    SystemTime::UNIX_EPOCH + Duration::from_millis(since)
}

struct Sweeping {
    records: Records,
    clock: Clock,
}

impl Sweeping {
    fn run(&self, started: SystemTime) {
        // What is from before this process is in nobody's flight: it needs no grace.
        let mut before = Some(started);
        self.files().sweeps().ask(Sweep::All);
        while let Some(sweep) = self.next() {
            let with_grace = || moment(&self.clock).checked_sub(GRACE);
            let limit = match &sweep {
                Sweep::Collection(_) => None,
                Sweep::All => before.take().or_else(with_grace),
                Sweep::Noted => with_grace(),
            };
            // The thread outlives what went wrong; the next sweep finds what is left.
            let work = AssertUnwindSafe(|| self.sweep(&sweep, limit));
            let Ok(swept) = catch_unwind(work) else {
                tracing::error!("sweeping files panicked");
                continue;
            };
            match swept {
                Ok(Swept { removed: 0, looked_at }) => {
                    tracing::debug!(records = looked_at, "no file without a record was found");
                }
                Ok(Swept { removed, .. }) => {
                    tracing::info!(files = removed, "files that no record names were removed");
                }
                Err(error) => tracing::warn!(%error, "files could not be swept"),
            }
        }
    }

    fn next(&self) -> Option<Sweep> {
        let is_owing = self.files().storage().has_noted();
        let (every, then) = if is_owing { (SOON, Sweep::Noted) } else { (EVERY, Sweep::All) };
        self.files().sweeps().next(every, then)
    }

    fn files(&self) -> &Files {
        &self.records.files
    }

    /// Goes through one collection or everything, a step at a time.
    fn sweep(&self, sweep: &Sweep, before: Option<SystemTime>) -> Result<Swept> {
        let storage = self.files().storage();
        let mut swept = Swept::default();
        let found = match sweep {
            Sweep::Collection(id) => storage.walk(Some(id)),
            Sweep::All => Box::new(storage.noted().chain(storage.walk(None))),
            Sweep::Noted => storage.noted(),
        };
        let is_asked_for = matches!(sweep, Sweep::Collection(_));
        let mut walk = found.filter_map(|found| {
            // A folder that cannot be read keeps nobody from the others.
            found.inspect_err(|error| tracing::warn!(%error, "stored files cannot be read")).ok()
        });
        loop {
            let step: Vec<RecordFiles> = walk.by_ref().take(STEP).collect();
            if step.is_empty() {
                return Ok(swept);
            }
            swept.looked_at += step.len();
            swept.removed += self.step(&step, is_asked_for, before)?;
            if self.files().sweeps().rest(PAUSE) {
                return Ok(swept);
            }
        }
    }

    /// Removes what of a step no row names; tells how many files.
    fn step(
        &self,
        step: &[RecordFiles],
        is_asked_for: bool,
        before: Option<SystemTime>,
    ) -> Result<usize> {
        let mut unnamed = self.suspects(step, before);
        let noted: Vec<_> = unnamed.iter().filter(|suspect| suspect.is_noted).cloned().collect();
        if !unnamed.is_empty() {
            // Most files are named by their rows, and a look beside the writer shows it.
            let (schema, suspects) = (self.records.schema(), unnamed);
            let look = move |tx: &Tx<'_>| not_named(tx, &schema, &suspects, is_asked_for);
            unnamed = self.records.store.read_blocking(Cost::Unbounded, look)?;
        }
        if !unnamed.is_empty() {
            let (cache, suspects) = (Arc::clone(&self.records.schema), unnamed);
            let look = move |tx: &Tx<'_>| not_named(tx, &cache.load(), &suspects, is_asked_for);
            unnamed = self.records.store.write_blocking(look)?;
        }
        self.forget(&noted, &unnamed);
        for suspect in &unnamed {
            self.files().pass_hold();
            self.files().storage().remove(&suspect.key).map_err(Error::internal)?;
        }
        for folder in step {
            self.files().storage().forget_empty(&folder.collection, &folder.record);
        }
        Ok(unnamed.len())
    }

    /// Drops the notes of files that rows name.
    fn forget(&self, noted: &[Suspect], unnamed: &[Suspect]) {
        let unnamed: HashSet<&FileKey> = unnamed.iter().map(|suspect| &suspect.key).collect();
        for Suspect { key, .. } in noted.iter().filter(|suspect| !unnamed.contains(&suspect.key)) {
            if let Some(note) = self.files().storage().note_of(key) {
                self.files().discard(note);
            }
        }
    }

    /// What is old enough and in nobody's flight.
    fn suspects(&self, step: &[RecordFiles], before: Option<SystemTime>) -> Vec<Suspect> {
        let mut suspects = Vec::new();
        for folder in step {
            for file in &folder.files {
                let is_old = before.is_none_or(|before| file.modified < before);
                let key = FileKey::new(&folder.collection, &folder.record, &file.name);
                let key = key.filter(|key| is_old && !self.files().is_in_flight(key));
                let FoundFile { has_traces, is_noted, .. } = *file;
                suspects.extend(key.map(|key| Suspect { key, has_traces, is_noted }));
            }
        }
        suspects
    }
}

/// A file that may be without a record.
#[derive(Debug, Clone)]
struct Suspect {
    key: FileKey,
    /// False for plain content without a sidecar, which somebody else may have put there.
    has_traces: bool,
    is_noted: bool,
}

/// Those that no row names, as far as they are a server's own.
fn not_named(
    tx: &Tx<'_>,
    schema: &Schema,
    suspects: &[Suspect],
    is_asked_for: bool,
) -> Result<Vec<Suspect>> {
    let mut unnamed = Vec::new();
    let is_same_record = |a: &Suspect, b: &Suspect| {
        a.key.collection() == b.key.collection() && a.key.record() == b.key.record()
    };
    for of_record in suspects.chunk_by(is_same_record) {
        let key = &of_record[0].key;
        let collection = schema.find_by_id(key.collection()).filter(|found| !found.is_view());
        let named = match collection {
            Some(collection) => stored_files(tx, collection, key.record())?,
            None => Vec::new(),
        };
        // Of a collection that was just deleted everything goes.
        let is_gone = is_asked_for && collection.is_none();
        let goes =
            |suspect: &&Suspect| (is_gone || suspect.has_traces) && !named.contains(&suspect.key);
        unnamed.extend(of_record.iter().filter(goes).cloned());
    }
    Ok(unnamed)
}

#[cfg(test)]
mod tests {
    use crate::changes::Changes;
    use crate::crypto::{PasswordPool, PoolSize};
    use crate::logs::heard;
    use crate::schema::SchemaCache;
    use crate::store::{Store, StoreOptions};

    use super::*;

    #[test]
    fn s3_a_panic_in_a_sweep_is_told_and_the_next_one_runs() {
        heard::listen();
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreOptions::new(dir.path())).unwrap();
        let (files, trap) = Files::trapped(dir.path()).unwrap();
        let clock = Clock::system();
        let passwords = PasswordPool::start(PoolSize { threads: 1, queue: 1 }).unwrap();
        let (schema, changes) = (Arc::new(SchemaCache::default()), Changes::new(clock.clone()));
        let records = Records::new(store, schema, passwords, files.clone(), changes);
        trap.arm("walk");
        let sweeper = Sweeper::start(&records, &clock).unwrap();
        heard::wait_for("sweeping files panicked");
        trap.arm("walk");
        files.sweeps().ask(Sweep::All);
        sweeper.settle();
        assert!(trap.is_sprung(), "the second sweep ran");
        sweeper.stop();
    }
}
