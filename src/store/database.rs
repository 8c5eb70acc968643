//! [`Store`]: one open database. It decides on which thread a closure runs.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::error::Result;
use crate::sql::Dialect;
use crate::store::engine::{Copied, Engine, Inline, Load};
use crate::store::folder::FolderLock;
use crate::store::job::{Reply, Write, caught};
use crate::store::migrate::{LOGS, MAIN};
use crate::store::script::{Script, ScriptRead};
use crate::store::sqlite;
use crate::store::{Cost, Meter, StoreError, StoreOptions, Tx};

/// How long other writes wait for a look at what the tables hold.
const STATISTICS_LIMIT: Duration = Duration::from_secs(10);

/// Scripts that read at the same time; one more is told that the database is busy.
const SCRIPTS: usize = 4;

/// An open database; clones share it.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    // Closed before the lock is given back: fields drop in this order.
    engine: Box<dyn Engine>,
    scripts: AtomicUsize,
    lock: Mutex<Option<FolderLock>>,
}

impl Store {
    /// Opens the data folder, which is made if absent, and brings its tables up to date.
    pub fn open(options: &StoreOptions) -> Result<Store, StoreError> {
        let lock = FolderLock::take(&options.dir, options.joins)?;
        let engine = sqlite::open(options, &MAIN)
            .map_err(|error| sqlite::cannot_open(&options.dir.join(MAIN.file), error))?;
        Ok(Self::over(engine, lock))
    }

    /// Opens the second database of a folder that is open already, for what need not share the
    /// writer of the first: the logs.
    pub fn open_auxiliary(dir: &Path) -> Result<Store, StoreError> {
        let options =
            StoreOptions { readers: 1, mmap_size: 0, cache_kib: 2 << 10, ..StoreOptions::new(dir) };
        let engine = sqlite::open(&options, &LOGS)?;
        Ok(Self::over(engine, None))
    }

    fn over(engine: Box<dyn Engine>, lock: Option<FolderLock>) -> Self {
        Self(Arc::new(Inner { engine, scripts: AtomicUsize::new(0), lock: Mutex::new(lock) }))
    }

    /// How the engine writes SQL.
    pub fn dialect(&self) -> &'static dyn Dialect {
        self.0.engine.dialect()
    }

    /// Runs `work` with one snapshot for all its statements. It may run more than once.
    pub async fn read<T, F>(&self, cost: Cost, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&Tx<'_>) -> Result<T> + Send + Sync + 'static,
    {
        if cost == Cost::Bounded
            && let Some(result) = self.read_here(None, &work)
        {
            return result;
        }
        let (sender, receiver) = oneshot::channel();
        self.queue_read(work, Reply::Task(sender))?;
        receiver.await.unwrap_or_else(|_| Err(StoreError::Lost.into()))
    }

    /// As [`Store::read`], for start-up, commands and tests: never on a thread that serves.
    pub fn read_blocking<T, F>(&self, cost: Cost, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&Tx<'_>) -> Result<T> + Send + Sync + 'static,
    {
        if cost == Cost::Bounded
            && let Some(result) = self.read_here(None, &work)
        {
            return result;
        }
        let (sender, receiver) = sync_channel(1);
        self.queue_read(work, Reply::Thread(sender))?;
        receiver.recv().unwrap_or_else(|_| Err(StoreError::Lost.into()))
    }

    /// Runs `work` in a savepoint on the writer's thread; resolves after COMMIT.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.queue_write(None, work).await
    }

    /// Runs `work` in a transaction of its own, for as long as `limit`: a change of the schema,
    /// an import. Other writes wait, reads go on.
    pub async fn write_exclusive<T, F>(&self, limit: Duration, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.queue_write(Some(limit), work).await
    }

    /// Leaves the engine with the plans it is best at. Other writes wait, reads go on.
    ///
    /// # Errors
    /// The engine refuses.
    pub async fn tend_statistics(&self) -> Result<()> {
        let tend = |tx: &Tx<'_>| Ok(tx.execute_script(tx.dialect().tend_statistics())?);
        self.write_exclusive(STATISTICS_LIMIT, tend).await
    }

    /// As [`Store::tend_statistics`], for start-up.
    ///
    /// # Errors
    /// The engine refuses.
    pub fn tend_statistics_blocking(&self) -> Result<()> {
        let tend = |tx: &Tx<'_>| Ok(tx.execute_script(tx.dialect().tend_statistics())?);
        self.write_exclusive_blocking(STATISTICS_LIMIT, tend)
    }

    /// As [`Store::write`], for start-up, commands and tests: never on a thread that serves.
    pub fn write_blocking<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.queue_write_blocking(None, work)
    }

    /// As [`Store::write_exclusive`], for start-up, commands and tests.
    pub fn write_exclusive_blocking<T, F>(&self, limit: Duration, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.queue_write_blocking(Some(limit), work)
    }

    /// Runs `work` with a snapshot on this very thread and within `budget`, or not at all: `None`
    /// when that is not possible. On the writer's thread it sees what is committed, not what is
    /// being written.
    pub fn read_at_once<T>(
        &self,
        budget: Duration,
        work: impl Fn(&Tx<'_>) -> Result<T>,
    ) -> Option<Result<T>> {
        self.read_here(Some(budget), &work)
    }

    /// Runs `work` with one snapshot on this very thread, for as long as `limit`, and takes
    /// neither a thread nor a connection from others: for what reads a whole table. Never on a
    /// thread that serves. The log grows while the snapshot is held, so there is a limit.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when as many of these run as may; what `work` says.
    pub fn read_aside<T>(
        &self,
        limit: Duration,
        mut work: impl FnMut(&Tx<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut result = None;
        let mut run = |tx: &Tx<'_>| result = Some(caught(|| work(tx)));
        self.0.engine.read_aside(limit, &mut run)?;
        result.unwrap_or_else(|| Err(StoreError::Lost.into()))
    }

    /// Runs what a person typed, as long as it only reads, on a thread and a connection of its own:
    /// other reads do not wait for it. Who stops waiting for it stops it.
    ///
    /// # Errors
    /// The engine refuses it, `limit` is over, or too many run.
    pub async fn read_script(&self, script: Script, limit: Duration) -> Result<ScriptRead> {
        let turn = ScriptTurn::take(&self.0)?;
        let stop = Arc::new(AtomicBool::new(false));
        let _guard = StopOnDrop(Arc::clone(&stop));
        let (sender, receiver) = oneshot::channel();
        let read = move || {
            let read = || Ok(turn.0.engine.read_script(&script, limit, stop)?);
            let result = caught(read);
            drop(turn);
            Reply::Task(sender).send(result);
        };
        thread::Builder::new().name("script".to_owned()).spawn(read).map_err(|source| {
            StoreError::Io { context: "cannot start a thread".to_owned(), source }
        })?;
        receiver.await.unwrap_or_else(|_| Err(StoreError::Lost.into()))
    }

    /// Gives the room that deleted rows left in the file back to the disk. It writes the whole
    /// file anew, and other writes wait for that: never on a thread that serves.
    ///
    /// # Errors
    /// What the engine says; the file is as it was then.
    pub fn compact_blocking(&self) -> Result<(), StoreError> {
        self.0.engine.compact()
    }

    /// What waits, and how large the files are.
    pub fn load(&self) -> Load {
        self.0.engine.load()
    }

    /// Grows with every commit of the writer, before the replies are sent.
    pub fn commits(&self) -> u64 {
        self.0.engine.commits()
    }

    /// Lets every connection forget its prepared statements. Call it from the `on_commit` of a
    /// change of the schema.
    pub fn schema_changed(&self) {
        self.0.engine.schema_changed();
    }

    /// Copies one snapshot of the database to a new file while everything goes on. `watch` is
    /// shown how far it is and ends it by false. Blocks for as long as it takes.
    ///
    /// # Errors
    /// [`StoreError::Interrupted`] when it was ended; what the disk says. The file is to be removed
    /// then.
    pub fn copy_blocking(
        &self,
        target: &Path,
        mut watch: impl FnMut(Copied) -> bool,
    ) -> Result<(), StoreError> {
        self.0.engine.copy(target, &mut watch)
    }

    /// Finishes what is queued, empties the log into the file, and closes. Later calls fail
    /// with [`StoreError::Closed`].
    pub fn close(&self) {
        self.0.engine.close();
        // Whoever still has a clone of this can do nothing with it.
        drop(self.0.lock.lock().take());
    }

    fn read_here<T, F>(&self, budget: Option<Duration>, work: &F) -> Option<Result<T>>
    where
        F: Fn(&Tx<'_>) -> Result<T>,
    {
        let mut result = None;
        let meter = Meter::current();
        let mut run = |tx: &Tx<'_>| {
            result = Some(caught(|| Meter::charged(meter.as_ref(), || work(tx))));
        };
        let ended = self.0.engine.read_here(budget, &mut run);
        if ended == Inline::Done { result } else { None }
    }

    fn queue_read<T, F>(&self, work: F, reply: Reply<T>) -> Result<(), StoreError>
    where
        T: Send + 'static,
        F: Fn(&Tx<'_>) -> Result<T> + Send + Sync + 'static,
    {
        let meter = Meter::current();
        self.0.engine.queue_read(Box::new(move |tx| {
            if !reply.is_abandoned() {
                reply.send(match tx {
                    Ok(tx) => caught(|| Meter::charged(meter.as_ref(), || work(tx))),
                    Err(error) => Err(error.into()),
                });
            }
        }))
    }

    async fn queue_write<T, F>(&self, limit: Option<Duration>, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let meter = Meter::current();
        let work = move |tx: &Tx<'_>| Meter::charged(meter.as_ref(), || work(tx));
        let job = Box::new(Write::new(work, Reply::Task(sender)));
        self.0.engine.queue_write(job, limit)?;
        receiver.await.unwrap_or_else(|_| Err(StoreError::Lost.into()))
    }

    fn queue_write_blocking<T, F>(&self, limit: Option<Duration>, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (sender, receiver) = sync_channel(1);
        let job = Box::new(Write::new(work, Reply::Thread(sender)));
        self.0.engine.queue_write(job, limit)?;
        receiver.recv().unwrap_or_else(|_| Err(StoreError::Lost.into()))
    }
}

/// One of the scripts that may read at the same time.
struct ScriptTurn(Arc<Inner>);

impl ScriptTurn {
    fn take(inner: &Arc<Inner>) -> Result<Self, StoreError> {
        let turn = Self(Arc::clone(inner));
        match inner.scripts.fetch_add(1, Ordering::AcqRel) < SCRIPTS {
            true => Ok(turn),
            false => Err(StoreError::Busy),
        }
    }
}

impl Drop for ScriptTurn {
    fn drop(&mut self) {
        self.0.scripts.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Stops a script nobody waits for any more.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.engine.close();
    }
}
