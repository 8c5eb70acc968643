//! The engine: opens a database file, starts its threads, and stops them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::Mutex;

use crate::sql::Dialect;
use crate::store::engine::{Copied, Engine, Inline, Load, ReadJob, WriteJob};
use crate::store::migrate::{self, Migrations};
use crate::store::script::{Script, ScriptRead};
use crate::store::sqlite::aside::Asides;
use crate::store::sqlite::checkpoint::CheckpointerSignal;
use crate::store::sqlite::connection::{Checkpoint, Connection, Role};
use crate::store::sqlite::copy::copy;
use crate::store::sqlite::dialect::SQLITE;
use crate::store::sqlite::flush::Flusher;
use crate::store::sqlite::inspect::{Origin, inspect};
use crate::store::sqlite::local::Locals;
use crate::store::sqlite::pool::ReaderPool;
use crate::store::sqlite::script;
use crate::store::sqlite::shared::Shared;
use crate::store::sqlite::upgrade;
use crate::store::sqlite::writer::WriterQueue;
use crate::store::{Durability, StoreError, StoreOptions, Tx};

/// How long the end waits for another program that has the file open: what is in the log is safe.
const LAST_PATIENCE: Duration = Duration::from_secs(1);

struct SqliteEngine {
    shared: Arc<Shared>,
    locals: Locals,
    asides: Asides,
    readers: ReaderPool,
    writer: WriterQueue,
    flusher: Option<Arc<Flusher>>,
    checkpointer: Arc<CheckpointerSignal>,
    threads: Mutex<Option<Threads>>,
}

struct Threads {
    readers: Vec<JoinHandle<()>>,
    writer: JoinHandle<()>,
    flusher: Option<JoinHandle<()>>,
    checkpointer: JoinHandle<()>,
}

/// Opens a database of the data folder and brings its tables up to date.
pub(in crate::store) fn open(
    options: &StoreOptions,
    migrations: &'static Migrations,
) -> Result<Box<dyn Engine>, StoreError> {
    let path = options.dir.join(migrations.file);
    let origin = inspect(&path, migrations.tables)?;
    let shared = Arc::new(Shared::new(path, options.clone()));
    let connection = Connection::open(&shared, Role::Writer)?;
    bring_up_to_date(&shared, &connection, origin, migrations)?;
    Ok(Box::new(SqliteEngine::start(shared, connection)?))
}

/// One line that says what to do.
pub(in crate::store) fn cannot_open(path: &Path, error: StoreError) -> StoreError {
    let advice = match &error {
        StoreError::Io { .. } => {
            "give this user the right to read and write the file and its folder, \
             or another folder with --dir"
        }
        StoreError::Busy => "another program holds it; stop that one first",
        StoreError::Full => "make room on the disk",
        StoreError::Corrupt { .. } => "restore a backup",
        _ => return error,
    };
    StoreError::Folder(format!("cannot open {}: {error}; {advice}", path.display()))
}

fn bring_up_to_date(
    shared: &Shared,
    connection: &Connection,
    origin: Origin,
    migrations: &'static Migrations,
) -> Result<(), StoreError> {
    let first = &migrations.list[0];
    let applied = match origin {
        Origin::Fresh => Vec::new(),
        Origin::Greenroom => migrate::applied(&Tx::new(connection)).map_err(|error| {
            let file = migrations.file;
            StoreError::Folder(format!("the migrations of {file} cannot be read: {error}"))
        })?,
        // What the first migration makes is there already, rows included.
        Origin::PocketBase => vec![first.as_applied()],
    };
    let pending = migrations.pending(&applied)?;
    // A folder of PocketBase only gets tables beside its own.
    if let (Some(next), Origin::Greenroom) = (pending.first(), origin) {
        upgrade::keep_copy(shared, migrations, next.number)?;
    }
    // All or nothing: a migration that fails leaves the file to the version it came from.
    let all = |tx: &Tx<'_>| {
        if origin == Origin::PocketBase {
            migrate::record(tx, first)?;
        }
        pending.iter().try_for_each(|migration| migrate::apply(tx, migration))
    };
    if pending.is_empty() && origin != Origin::PocketBase {
        return Ok(());
    }
    in_transaction(connection, all).map_err(|error| upgrade::refused(migrations, error))?;
    for migration in pending {
        tracing::info!(file = migrations.file, migration = migration.name, "migration applied");
    }
    Ok(())
}

fn in_transaction(
    connection: &Connection,
    work: impl FnOnce(&Tx<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    connection.control("BEGIN IMMEDIATE")?;
    let done = work(&Tx::new(connection)).and_then(|()| connection.control("COMMIT"));
    if done.is_err() && connection.in_transaction() {
        connection.control("ROLLBACK")?;
    }
    done
}

impl SqliteEngine {
    fn start(shared: Arc<Shared>, connection: Connection) -> Result<Self, StoreError> {
        let (flusher, flusher_thread) = match shared.options.durability {
            Durability::Full => (None, None),
            Durability::Flushed => {
                let (flusher, thread) = Flusher::start(&shared.path)?;
                (Some(flusher), Some(thread))
            }
        };
        let checkpointer = Arc::new(CheckpointerSignal::default());
        let own = Connection::open(&shared, Role::Checkpointer)?;
        let checkpointer_thread = checkpointer.start(Arc::clone(&shared), own)?;
        let (readers, reader_threads) = ReaderPool::start(&shared)?;
        let (writer, writer_thread) = WriterQueue::start(
            Arc::clone(&shared),
            connection,
            flusher.clone(),
            Arc::clone(&checkpointer),
        )?;
        let threads = Threads {
            readers: reader_threads,
            writer: writer_thread,
            flusher: flusher_thread,
            checkpointer: checkpointer_thread,
        };
        Ok(Self {
            locals: Locals::new(Arc::clone(&shared)),
            asides: Asides::default(),
            shared,
            readers,
            writer,
            flusher,
            checkpointer,
            threads: Mutex::new(Some(threads)),
        })
    }

    /// All other connections are closed: moves the whole log into the file.
    fn empty_log(&self) {
        let emptied = Connection::open(&self.shared, Role::Writer).and_then(|connection| {
            connection.set_patience(LAST_PATIENCE)?;
            connection.checkpoint(Checkpoint::Truncate)
        });
        if let Err(error) = emptied {
            tracing::warn!(%error, "the log could not be emptied at the end");
        }
    }
}

impl Engine for SqliteEngine {
    fn dialect(&self) -> &'static dyn Dialect {
        &SQLITE
    }

    fn read_here(&self, budget: Option<Duration>, work: &mut dyn FnMut(&Tx<'_>)) -> Inline {
        self.locals.read(budget, work)
    }

    fn read_aside(&self, limit: Duration, work: &mut dyn FnMut(&Tx<'_>)) -> Result<(), StoreError> {
        self.asides.read(&self.shared, limit, work)
    }

    fn queue_read(&self, job: ReadJob) -> Result<(), StoreError> {
        self.readers.push(job)
    }

    fn queue_write(
        &self,
        job: Box<dyn WriteJob>,
        exclusive: Option<Duration>,
    ) -> Result<(), StoreError> {
        self.writer.push(job, exclusive)
    }

    fn read_script(
        &self,
        script: &Script,
        limit: Duration,
        stop: Arc<AtomicBool>,
    ) -> Result<ScriptRead, StoreError> {
        script::read(&self.shared, script, limit, stop)
    }

    fn compact(&self) -> Result<(), StoreError> {
        let connection = Connection::open(&self.shared, Role::Writer)?;
        connection.compact()?;
        // What was written lies in the log.
        self.checkpointer.committed();
        Ok(())
    }

    fn load(&self) -> Load {
        let mut log = self.shared.path.clone().into_os_string();
        log.push("-wal");
        let bytes = |path: &Path| path.metadata().map_or(0, |file| file.len());
        Load {
            waiting_writes: self.writer.waiting(),
            waiting_reads: self.readers.waiting(),
            file_bytes: bytes(&self.shared.path),
            log_bytes: bytes(Path::new(&log)),
        }
    }

    fn commits(&self) -> u64 {
        self.shared.commits()
    }

    fn schema_changed(&self) {
        self.shared.next_generation();
    }

    fn copy(&self, target: &Path, watch: &mut dyn FnMut(Copied) -> bool) -> Result<(), StoreError> {
        copy(&self.shared.path, target, watch)
    }

    fn close(&self) {
        let Some(threads) = self.threads.lock().take() else { return };
        self.asides.close();
        self.writer.close();
        join(threads.writer);
        self.readers.close();
        threads.readers.into_iter().for_each(join);
        self.locals.close();
        self.checkpointer.stop();
        join(threads.checkpointer);
        if !self.shared.options.joins {
            self.empty_log();
        }
        // Last, so that it flushes what the writer still had.
        if let Some(flusher) = &self.flusher {
            flusher.stop();
        }
        threads.flusher.into_iter().for_each(join);
    }
}

/// Waits for a thread, unless it is this one: a store may be let go of by its own job.
fn join(thread: JoinHandle<()>) {
    if thread.thread().id() != thread::current().id() && thread.join().is_err() {
        tracing::error!("a thread of the store had panicked");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use rusqlite::OpenFlags;

    use crate::store::Store;
    use crate::store::sqlite::connection::open_raw;

    use super::*;

    #[test]
    fn a_write_waits_for_an_outside_program_that_holds_the_lock() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreOptions::new(dir.path())).unwrap();
        let outside =
            open_raw(&dir.path().join("data.db"), OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
        outside.execute_batch("BEGIN IMMEDIATE; CREATE TABLE theirs (a TEXT)").unwrap();
        let is_free = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&is_free);
        let this = store.clone();
        let writes = thread::spawn(move || {
            this.write_blocking(move |tx| {
                assert!(seen.load(Ordering::SeqCst), "two programs write at once");
                Ok(tx.execute_script("INSERT INTO theirs VALUES ('ours')")?)
            })
        });
        is_free.store(true, Ordering::SeqCst);
        outside.execute_batch("COMMIT").unwrap();
        writes.join().unwrap().unwrap();
    }
}
