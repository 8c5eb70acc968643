//! Where passwords are hashed: a few threads behind a bounded queue, so that a burst of logins can
//! neither stall other requests nor take the machine's memory.
//!
//! One thread is steady: its priority is low, but not the lowest, so that logins advance however
//! busy the machine is, and others seldom wait for it. The rest are patient: of the lowest
//! priority, they help while cores are idle, and only with what the steady one cannot begin now.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

use crate::crypto::Secret;
use crate::crypto::password::{
    Cost, HashError, Scratch, hash_password, needs_rehash, unmatchable_hash, verify_password,
};
use crate::error::{Error, Kind, Result};

/// Jobs that may wait: about 0.6 seconds of work on two cores.
const QUEUE: usize = 64;
/// The priority of threads that work only while there is nothing else to do; 0 is that of others.
const LAST: i32 = 19;
/// The priority of a thread that others go before, and that still advances on a busy machine: it
/// has a tenth of what one of them has.
const BEHIND: i32 = 10;
/// What a refused client is told to wait.
const RETRY_AFTER_SECS: u32 = 1;

/// How many threads, and how many jobs may wait for them.
#[derive(Debug, Clone, Copy)]
pub struct PoolSize {
    /// Threads; each keeps 19 MiB.
    pub threads: usize,
    /// Jobs that wait at most.
    pub queue: usize,
}

impl Default for PoolSize {
    /// One thread for each core and a queue of 64.
    fn default() -> Self {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        Self { threads, queue: QUEUE }
    }
}

/// The threads that hash; clones share them. They end when the last clone is dropped.
#[derive(Clone)]
pub struct PasswordPool(Arc<Handle>);

struct Handle {
    queue: Arc<Queue>,
    /// Passes of new hashes.
    passes: Arc<AtomicU32>,
    threads: usize,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl PasswordPool {
    /// Starts the threads.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(size: PoolSize) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::new(size.queue));
        let passes = Arc::new(AtomicU32::new(Cost::default().passes()));
        let threads = size.threads.max(1);
        let handle = Handle { queue: Arc::clone(&queue), passes, threads };
        for number in 1..=threads {
            let queue = Arc::clone(&queue);
            let temper = if number == 1 { Temper::Steady } else { Temper::Patient };
            thread::Builder::new().name(format!("password-{number}")).spawn(move || {
                step_back(if temper == Temper::Patient { LAST } else { BEHIND });
                let mut scratch = Scratch::default();
                while let Some(job) = queue.next(temper) {
                    // The thread outlives a job that panics; who asked learns that it failed.
                    if catch_unwind(AssertUnwindSafe(|| job.run(&mut scratch))).is_err() {
                        tracing::error!("hashing a password panicked");
                        scratch = Scratch::default();
                    }
                }
            })?;
        }
        Ok(Self(Arc::new(handle)))
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// [`Kind::TooMany`] when too many wait already.
    pub async fn hash(&self, password: Secret) -> Result<String> {
        let (reply, answer) = oneshot::channel();
        self.submit(Job::Hash { password, cost: self.cost(), reply })?;
        answer.await.map_err(Error::internal)?.map_err(Error::internal)
    }

    /// Whether `password` fits `hash`.
    ///
    /// # Errors
    /// [`Kind::TooMany`] when too many wait already.
    pub async fn verify(&self, password: Secret, hash: impl Into<Arc<str>>) -> Result<bool> {
        let (reply, answer) = oneshot::channel();
        self.submit(Job::Verify { password, hash: hash.into(), reply })?;
        answer.await.map_err(Error::internal)
    }

    /// Does the work of [`Self::verify`] for an identity that does not exist.
    ///
    /// # Errors
    /// [`Kind::TooMany`] when too many wait already.
    pub async fn verify_nobody(&self, password: Secret) -> Result<()> {
        self.verify(password, self.unmatchable_hash()?).await.map(drop)
    }

    /// A hash no password fits, which takes as long to refuse as a new one.
    ///
    /// # Errors
    /// The library refuses.
    pub fn unmatchable_hash(&self) -> Result<String> {
        unmatchable_hash(self.cost()).map_err(Error::internal)
    }

    /// True for a hash that is not argon2id, or costs less than a new one.
    pub fn needs_rehash(&self, hash: &str) -> bool {
        needs_rehash(hash, self.cost())
    }

    /// Lets new hashes cost so many passes, or what this machine can afford; at least what is
    /// recommended, and at most four times that. It is measured by a thread of the pool, in the
    /// memory that thread keeps anyway.
    ///
    /// # Errors
    /// [`Kind::TooMany`] when too many wait already.
    pub fn set_cost(&self, passes: Option<u32>) -> Result<()> {
        if let Some(passes) = passes {
            self.0.passes.store(Cost::of_passes(passes).passes(), Ordering::Relaxed);
            return Ok(());
        }
        self.submit(Job::Measure { passes: Arc::clone(&self.0.passes) })
    }

    /// Jobs that wait for a thread.
    pub fn waiting(&self) -> usize {
        self.0.queue.waiting.lock().jobs.len()
    }

    /// Threads that hash.
    pub fn threads(&self) -> usize {
        self.0.threads
    }

    /// Passes of new hashes.
    pub fn passes(&self) -> u32 {
        self.0.passes.load(Ordering::Relaxed)
    }

    fn cost(&self) -> Cost {
        Cost::of_passes(self.0.passes.load(Ordering::Relaxed))
    }

    fn submit(&self, job: Job) -> Result<()> {
        if self.0.queue.push(job) {
            return Ok(());
        }
        let kind = Kind::TooMany { retry_after_secs: RETRY_AFTER_SECS };
        Err(Error::new(kind, "Too many sign-ins at once, please try again."))
    }
}

enum Job {
    Hash {
        password: Secret,
        cost: Cost,
        reply: oneshot::Sender<Result<String, HashError>>,
    },
    Verify {
        password: Secret,
        hash: Arc<str>,
        reply: oneshot::Sender<bool>,
    },
    /// Sets the cost of new hashes to what this machine can afford.
    Measure {
        passes: Arc<AtomicU32>,
    },
}

impl Job {
    /// Works and answers; a client that left in the meantime costs nothing.
    fn run(self, scratch: &mut Scratch) {
        match self {
            Self::Hash { password, cost, reply } => {
                if !reply.is_closed() {
                    let _ = reply.send(hash_password(&password, cost, scratch));
                }
            }
            Self::Verify { password, hash, reply } => {
                if !reply.is_closed() {
                    let _ = reply.send(verify_password(&password, &hash, scratch));
                }
            }
            Self::Measure { passes } => match Cost::measured(scratch) {
                Ok(cost) => {
                    passes.store(cost.passes(), Ordering::Relaxed);
                    tracing::debug!(passes = cost.passes(), "the cost of password hashes");
                }
                Err(error) => tracing::warn!(%error, "the cost of hashes was not measured"),
            },
        }
    }
}

/// How a thread of the pool behaves when cores are scarce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Temper {
    Steady,
    Patient,
}

/// What waits for a thread.
struct Queue {
    waiting: Mutex<Waiting>,
    for_steady: Condvar,
    for_patient: Condvar,
    limit: usize,
}

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    steady_is_busy: bool,
    is_closed: bool,
}

impl Waiting {
    /// The next job for a thread. A patient one leaves the only job to a steady one that is free.
    fn take(&mut self, temper: Temper) -> Option<Job> {
        let may_take = match temper {
            Temper::Steady => true,
            Temper::Patient => self.steady_is_busy || self.jobs.len() > 1,
        };
        let job = if may_take { self.jobs.pop_front() } else { None };
        if temper == Temper::Steady {
            self.steady_is_busy = job.is_some();
        }
        job
    }
}

impl Queue {
    fn new(limit: usize) -> Self {
        let (for_steady, for_patient) = (Condvar::new(), Condvar::new());
        Self { waiting: Mutex::default(), for_steady, for_patient, limit }
    }

    /// False when it is full.
    fn push(&self, job: Job) -> bool {
        let mut waiting = self.waiting.lock();
        if waiting.jobs.len() >= self.limit {
            return false;
        }
        waiting.jobs.push_back(job);
        let steady_is_busy = waiting.steady_is_busy;
        let has_more = waiting.jobs.len() > 1;
        drop(waiting);
        if !steady_is_busy {
            self.for_steady.notify_one();
        }
        if steady_is_busy || has_more {
            self.for_patient.notify_one();
        }
        true
    }

    /// Waits for a job; `None` once the pool is gone.
    fn next(&self, temper: Temper) -> Option<Job> {
        let mut waiting = self.waiting.lock();
        loop {
            if let Some(job) = waiting.take(temper) {
                // What is left may have become a patient one's to take.
                if temper == Temper::Steady && !waiting.jobs.is_empty() {
                    self.for_patient.notify_one();
                }
                return Some(job);
            }
            if waiting.is_closed {
                return None;
            }
            match temper {
                Temper::Steady => self.for_steady.wait(&mut waiting),
                Temper::Patient => self.for_patient.wait(&mut waiting),
            }
        }
    }

    /// Sends the threads home; what waits is dropped.
    fn close(&self) {
        let mut waiting = self.waiting.lock();
        waiting.is_closed = true;
        waiting.jobs.clear();
        drop(waiting);
        self.for_steady.notify_all();
        self.for_patient.notify_all();
    }
}

/// Lets every other thread go first. On an idle machine this costs nothing.
#[cfg(target_os = "linux")]
fn step_back(priority: i32) {
    // Linux counts priorities by thread, whatever POSIX says. Without it logins merely weigh more.
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), priority);
}

/// Other systems know priorities of whole processes only.
#[cfg(not(target_os = "linux"))]
fn step_back(_: i32) {}

#[cfg(test)]
mod tests;
