//! The writer: one thread, one connection, transactions shared by a group of jobs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::RwLock;

use crate::clock::Stopwatch;
use crate::error::Result as ServiceResult;
use crate::faults;
use crate::store::engine::{Session, WriteJob};
use crate::store::job::caught;
use crate::store::sqlite::checkpoint::CheckpointerSignal;
use crate::store::sqlite::connection::{Checkpoint, Connection};
use crate::store::sqlite::flush::Flusher;
use crate::store::sqlite::pool::spawn;
use crate::store::sqlite::shared::Shared;
use crate::store::{StoreError, Tx};

/// Jobs that may wait; one more is told that the database is busy.
const QUEUE: usize = 1024;

/// Where a group ends, if its time is not up before.
const GROUP_JOBS: usize = 256;
const GROUP_BYTES: usize = 8 << 20;

/// How long the writer waits for another program that holds the lock.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long one try of that takes: between two of them the writer looks whether it is to end.
const TRY: Duration = Duration::from_millis(250);

/// A job on its way; with a limit it gets a transaction of its own.
struct Queued {
    job: Box<dyn WriteJob>,
    exclusive: Option<Duration>,
}

type OnCommit = Vec<Box<dyn FnOnce() + Send>>;

/// A job that ran in the group that is open.
struct Ran {
    job: Box<dyn WriteJob>,
    /// What to call after COMMIT; `None` when the job was rolled back.
    kept: Option<OnCommit>,
}

/// The end of the writer's queue that the store holds.
pub(super) struct WriterQueue {
    sender: RwLock<Option<flume::Sender<Queued>>>,
    is_closing: Arc<AtomicBool>,
}

impl WriterQueue {
    /// Starts the thread; it ends when the queue is closed and empty.
    pub fn start(
        shared: Arc<Shared>,
        connection: Connection,
        flusher: Option<Arc<Flusher>>,
        checkpointer: Arc<CheckpointerSignal>,
    ) -> Result<(Self, JoinHandle<()>), StoreError> {
        let (sender, receiver) = flume::bounded(QUEUE);
        connection.set_patience(TRY)?;
        let is_closing = Arc::new(AtomicBool::new(false));
        let closing = Arc::clone(&is_closing);
        let waiting = None;
        let mut writer =
            Writer { shared, connection, receiver, waiting, closing, flusher, checkpointer };
        let thread = spawn("write".to_owned(), move || writer.run())?;
        Ok((Self { sender: RwLock::new(Some(sender)), is_closing }, thread))
    }

    pub fn push(
        &self,
        job: Box<dyn WriteJob>,
        exclusive: Option<Duration>,
    ) -> Result<(), StoreError> {
        let sender = self.sender.read();
        let sender = sender.as_ref().ok_or(StoreError::Closed)?;
        sender.try_send(Queued { job, exclusive }).map_err(|refused| match refused {
            flume::TrySendError::Full(_) => StoreError::Busy,
            flume::TrySendError::Disconnected(_) => StoreError::Closed,
        })
    }

    /// Jobs in the queue.
    pub fn waiting(&self) -> usize {
        self.sender.read().as_ref().map_or(0, flume::Sender::len)
    }

    /// Lets the thread finish what is queued, and end. It waits for no other program any more.
    pub fn close(&self) {
        self.is_closing.store(true, Ordering::Release);
        *self.sender.write() = None;
    }
}

struct Writer {
    shared: Arc<Shared>,
    connection: Connection,
    receiver: flume::Receiver<Queued>,
    /// An exclusive job that ended the last group.
    waiting: Option<Queued>,
    closing: Arc<AtomicBool>,
    flusher: Option<Arc<Flusher>>,
    checkpointer: Arc<CheckpointerSignal>,
}

/// How one job of a group ended.
enum Step {
    Kept(OnCommit),
    RolledBack,
    /// The engine ended the whole transaction.
    Lost,
}

impl Writer {
    fn run(&mut self) {
        while let Some(Queued { job, exclusive }) = self.next() {
            self.connection.refresh(self.shared.generation());
            // Jobs catch their own panics; this is for the writer's: it must outlive them all.
            // Whoever waits for a job that is dropped learns that it was lost.
            let _: ServiceResult<()> = caught(|| {
                faults::pass("store::write").map_err(StoreError::from)?;
                match exclusive {
                    Some(limit) => self.run_exclusive(job, limit),
                    None => self.run_group(job),
                }
                Ok(())
            });
            self.finish_checkpoint();
        }
    }

    fn next(&mut self) -> Option<Queued> {
        self.waiting.take().or_else(|| self.receiver.recv().ok())
    }

    /// One more job for the open group; an exclusive one has to wait for its end.
    fn next_of_group(&mut self) -> Option<Box<dyn WriteJob>> {
        let queued = self.receiver.try_recv().ok()?;
        if queued.exclusive.is_some() {
            self.waiting = Some(queued);
            return None;
        }
        Some(queued.job)
    }

    fn begin(&self) -> Result<(), StoreError> {
        if self.connection.in_transaction() {
            self.connection.control("ROLLBACK")?;
        }
        self.connection.take_bound_bytes();
        let watch = Stopwatch::start();
        loop {
            match self.connection.control("BEGIN IMMEDIATE") {
                Err(StoreError::Busy)
                    if watch.elapsed() < PATIENCE && !self.closing.load(Ordering::Acquire) => {}
                begun => return begun,
            }
        }
    }

    /// No transaction begins. Where another program holds the lock, all that is queued has waited
    /// for it as long, and would wait once more for each job before it.
    fn refuse(&mut self, first: Box<dyn WriteJob>, error: StoreError) {
        tracing::error!(%error, "a transaction could not begin");
        let is_busy = matches!(error, StoreError::Busy);
        first.answer(Err(error));
        if is_busy {
            let queued = self.waiting.take().into_iter().chain(self.receiver.drain());
            queued.for_each(|queued| queued.job.answer(Err(StoreError::Busy)));
        }
    }

    fn run_group(&mut self, first: Box<dyn WriteJob>) {
        if let Err(error) = self.begin() {
            return self.refuse(first, error);
        }
        let (watch, work) = (Stopwatch::start(), self.shared.options.group_work);
        let mut ran: Vec<Ran> = Vec::new();
        let mut bytes = 0;
        let mut next = Some(first);
        while let Some(mut job) = next.take() {
            let kept = match self.run_in_savepoint(job.as_mut()) {
                Step::Kept(calls) => Some(calls),
                Step::RolledBack => None,
                Step::Lost => {
                    ran.push(Ran { job, kept: None });
                    return lose(ran);
                }
            };
            ran.push(Ran { job, kept });
            bytes += self.connection.take_bound_bytes();
            if ran.len() < GROUP_JOBS && bytes < GROUP_BYTES && watch.elapsed() < work {
                next = self.next_of_group();
            }
        }
        self.commit(ran);
    }

    fn run_in_savepoint(&self, job: &mut dyn WriteJob) -> Step {
        if self.connection.savepoint().is_err() {
            return Step::Lost;
        }
        let (keep, calls) = self.run_limited(job, self.shared.options.write_timeout);
        if !self.connection.in_transaction() {
            return Step::Lost;
        }
        if keep && self.connection.release().is_ok() {
            return Step::Kept(calls);
        }
        match self.connection.roll_back() {
            Ok(()) => Step::RolledBack,
            Err(_) => Step::Lost,
        }
    }

    fn run_limited(&self, job: &mut dyn WriteJob, limit: Duration) -> (bool, OnCommit) {
        self.connection.limit().arm(limit);
        let tx = Tx::new(&self.connection);
        let keep = job.run(&tx) && !tx.is_broken();
        self.connection.limit().disarm();
        (keep, tx.into_on_commit())
    }

    fn run_exclusive(&mut self, mut job: Box<dyn WriteJob>, limit: Duration) {
        if let Err(error) = self.begin() {
            return self.refuse(job, error);
        }
        let (keep, calls) = self.run_limited(job.as_mut(), limit);
        if !self.connection.in_transaction() {
            return lose(vec![Ran { job, kept: None }]);
        }
        if keep {
            self.commit(vec![Ran { job, kept: Some(calls) }]);
        } else {
            self.roll_back_all();
            job.answer(Err(StoreError::Lost));
        }
    }

    /// Commits, then calls and replies in the order of the jobs.
    fn commit(&self, mut ran: Vec<Ran>) {
        let committed = faults::pass("store::commit").map_err(StoreError::from);
        if let Err(error) = committed.and_then(|()| self.connection.control("COMMIT")) {
            tracing::error!(%error, "a commit failed; all writes of the group are refused");
            self.roll_back_all();
            let is_full = matches!(error, StoreError::Full);
            for Ran { job, .. } in ran {
                job.answer(Err(if is_full { StoreError::Full } else { StoreError::Lost }));
            }
            return;
        }
        if ran.iter().any(|ran| ran.kept.is_some()) {
            self.shared.count_commit();
            self.checkpointer.committed();
            if let Some(flusher) = &self.flusher {
                flusher.committed();
            }
        }
        for call in ran.iter_mut().filter_map(|ran| ran.kept.as_mut()).flat_map(std::mem::take) {
            // A panic is logged by `caught`; the commit stands.
            let _: ServiceResult<()> = caught(|| {
                call();
                Ok(())
            });
        }
        for Ran { job, kept } in ran {
            // A job that was rolled back has its own reason, which it prefers.
            job.answer(if kept.is_some() { Ok(()) } else { Err(StoreError::Lost) });
        }
    }

    fn roll_back_all(&self) {
        if self.connection.in_transaction()
            && let Err(error) = self.connection.control("ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }

    /// The last frames of a checkpoint are moved here, where no commit can come between: then
    /// the log starts over.
    fn finish_checkpoint(&self) {
        if self.shared.take_checkpoint_request()
            && let Err(error) = self.connection.checkpoint(Checkpoint::Passive)
        {
            tracing::warn!(%error, "the log could not be moved into the database");
        }
    }
}

/// The engine ended the transaction of these jobs: none of them was kept.
fn lose(ran: Vec<Ran>) {
    tracing::error!(jobs = ran.len(), "the engine ended a transaction; its writes are refused");
    for Ran { job, .. } in ran {
        job.answer(Err(StoreError::Lost));
    }
}
