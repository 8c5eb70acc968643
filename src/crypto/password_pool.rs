//! Where passwords are hashed: a few threads of the lowest priority behind a bounded queue, so
//! that a burst of logins can neither stall other requests nor take the machine's memory.

use std::sync::Arc;
use std::thread;

use tokio::sync::oneshot;

use crate::crypto::Secret;
use crate::crypto::password::{
    HashError, Scratch, hash_password, unmatchable_hash, verify_password,
};
use crate::error::{Error, Kind, Result};

/// Jobs that may wait: about 0.6 seconds of work on two cores.
const QUEUE: usize = 64;
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
pub struct PasswordPool {
    jobs: flume::Sender<Job>,
    unmatchable: Arc<str>,
}

enum Job {
    Hash { password: Secret, reply: oneshot::Sender<Result<String, HashError>> },
    Verify { password: Secret, hash: Arc<str>, reply: oneshot::Sender<bool> },
}

impl PasswordPool {
    /// Starts the threads.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(size: PoolSize) -> std::io::Result<Self> {
        let (jobs, queue) = flume::bounded::<Job>(size.queue);
        for number in 1..=size.threads.max(1) {
            let queue = queue.clone();
            thread::Builder::new().name(format!("password-{number}")).spawn(move || {
                step_back();
                let mut scratch = Scratch::default();
                queue.into_iter().for_each(|job| job.run(&mut scratch));
            })?;
        }
        let unmatchable = unmatchable_hash().map_err(std::io::Error::other)?.into();
        Ok(Self { jobs, unmatchable })
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// [`Kind::TooMany`] when too many wait already.
    pub async fn hash(&self, password: Secret) -> Result<String> {
        let (reply, answer) = oneshot::channel();
        self.submit(Job::Hash { password, reply })?;
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
        self.verify(password, Arc::clone(&self.unmatchable)).await.map(drop)
    }

    fn submit(&self, job: Job) -> Result<()> {
        self.jobs.try_send(job).map_err(|_| {
            let kind = Kind::TooMany { retry_after_secs: RETRY_AFTER_SECS };
            Error::new(kind, "Too many sign-ins at once, please try again.")
        })
    }
}

impl Job {
    /// Works and answers; a client that left in the meantime costs nothing.
    fn run(self, scratch: &mut Scratch) {
        match self {
            Self::Hash { password, reply } => {
                if !reply.is_closed() {
                    let _ = reply.send(hash_password(&password, scratch));
                }
            }
            Self::Verify { password, hash, reply } => {
                if !reply.is_closed() {
                    let _ = reply.send(verify_password(&password, &hash, scratch));
                }
            }
        }
    }
}

/// Lets every other thread go first. On an idle machine this costs nothing.
#[cfg(target_os = "linux")]
fn step_back() {
    // Linux counts priorities by thread, whatever POSIX says. Without it logins merely weigh more.
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), 19);
}

/// Other systems know priorities of whole processes only.
#[cfg(not(target_os = "linux"))]
fn step_back() {}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(threads: usize, queue: usize) -> PasswordPool {
        PasswordPool::start(PoolSize { threads, queue }).unwrap()
    }

    #[tokio::test]
    async fn it_hashes_and_verifies() {
        let pool = pool(2, 4);
        let hash = pool.hash(Secret::new("1234567890")).await.unwrap();
        assert!(pool.verify(Secret::new("1234567890"), hash.as_str()).await.unwrap());
        assert!(!pool.verify(Secret::new("123456789"), hash.as_str()).await.unwrap());
        pool.verify_nobody(Secret::new("1234567890")).await.unwrap();
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once_and_recovers() {
        let pool = pool(1, 2);
        let tries: Vec<_> = (0..16).map(|_| pool.hash(Secret::new("1234567890"))).collect();
        let results = futures_util::future::join_all(tries).await;
        let refused: Vec<_> = results.iter().filter_map(|r| r.as_ref().err()).collect();
        assert!(results.iter().any(Result::is_ok));
        assert!(refused.len() >= 8, "one at work and two that wait: {}", refused.len());
        assert!(refused.iter().all(|e| e.kind() == Kind::TooMany { retry_after_secs: 1 }));
        pool.hash(Secret::new("1234567890")).await.unwrap();
    }

    #[tokio::test]
    async fn a_job_nobody_waits_for_is_dropped() {
        let (reply, answer) = oneshot::channel();
        drop(answer);
        let job = Job::Verify { password: Secret::new("x"), hash: "".into(), reply };
        job.run(&mut Scratch::default());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_thread_that_steps_back_leaves_the_others_where_they_were() {
        let nice = || rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap();
        let before = nice();
        let inside = thread::spawn(move || {
            step_back();
            nice()
        });
        assert_eq!(inside.join().unwrap(), 19);
        assert_eq!(nice(), before);
    }
}
