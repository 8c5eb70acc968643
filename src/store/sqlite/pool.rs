//! The reader pool: a few threads, each read within the long limit.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::RwLock;

use crate::faults;
use crate::store::engine::ReadJob;
use crate::store::job::caught;
use crate::store::sqlite::connection::{Connection, Role};
use crate::store::sqlite::shared::Shared;
use crate::store::{StoreError, Tx};

/// Reads that may wait for a thread; one more is told that the database is busy.
const QUEUE: usize = 2048;

/// How long a thread waits for a connection of its pool.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);

/// Opens the connections of the pool.
struct Manager(Arc<Shared>);

impl r2d2::ManageConnection for Manager {
    type Connection = Connection;
    type Error = StoreError;

    fn connect(&self) -> Result<Connection, StoreError> {
        Connection::open(&self.0, Role::Reader)
    }

    fn is_valid(&self, _: &mut Connection) -> Result<(), StoreError> {
        // A file does not hang up.
        Ok(())
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        connection.in_transaction()
    }
}

pub(super) struct ReaderPool {
    queue: RwLock<Option<flume::Sender<ReadJob>>>,
}

impl ReaderPool {
    /// Starts the threads; they end when the pool is closed.
    pub fn start(shared: &Arc<Shared>) -> Result<(Self, Vec<JoinHandle<()>>), StoreError> {
        let readers = shared.options.readers.max(1);
        let connections = r2d2::Pool::builder()
            .max_size(u32::try_from(readers).unwrap_or(u32::MAX))
            .min_idle(Some(0))
            .test_on_check_out(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connection_timeout(CONNECT_PATIENCE)
            .build_unchecked(Manager(Arc::clone(shared)));
        let (sender, receiver) = flume::bounded::<ReadJob>(QUEUE);
        let mut threads = Vec::with_capacity(readers);
        for index in 0..readers {
            let (connections, receiver) = (connections.clone(), receiver.clone());
            let shared = Arc::clone(shared);
            let serve = move || {
                for job in receiver {
                    // Jobs catch their own panics; the thread must outlive any other.
                    let _: Result<(), _> = caught(|| {
                        faults::pass("store::read").map_err(StoreError::from)?;
                        run(&shared, &connections, job);
                        Ok(())
                    });
                }
            };
            threads.push(spawn(format!("read-{index}"), serve)?);
        }
        Ok((Self { queue: RwLock::new(Some(sender)) }, threads))
    }

    pub fn push(&self, job: ReadJob) -> Result<(), StoreError> {
        let queue = self.queue.read();
        let sender = queue.as_ref().ok_or(StoreError::Closed)?;
        sender.try_send(job).map_err(|refused| match refused {
            flume::TrySendError::Full(_) => StoreError::Busy,
            flume::TrySendError::Disconnected(_) => StoreError::Closed,
        })
    }

    /// Reads in the queue.
    pub fn waiting(&self) -> usize {
        self.queue.read().as_ref().map_or(0, flume::Sender::len)
    }

    /// Lets the threads finish what is queued, and end.
    pub fn close(&self) {
        *self.queue.write() = None;
    }
}

fn run(shared: &Shared, connections: &r2d2::Pool<Manager>, job: ReadJob) {
    let connection = match connections.get() {
        Ok(connection) => connection,
        Err(error) => {
            tracing::error!(%error, "the reader pool has no connection");
            return job(Err(StoreError::Busy));
        }
    };
    connection.refresh(shared.generation());
    let mut job = Some(job);
    let ended = connection.with_snapshot(shared.options.query_timeout, |session| {
        if let Some(job) = job.take() {
            job(Ok(&Tx::new(session)));
        }
    });
    if let Err(error) = ended {
        tracing::warn!(%error, "a snapshot of the reader pool failed");
        if let Some(job) = job {
            job(Err(error));
        }
    }
}

/// A named thread of the store.
pub(super) fn spawn(
    name: String,
    work: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, StoreError> {
    thread::Builder::new()
        .name(name)
        .spawn(work)
        .map_err(|source| StoreError::Io { context: "cannot start a thread".to_owned(), source })
}
