//! [`Jobs`]: hands jobs in, and lets superusers look at them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::sync::Notify;

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::jobs::job::{JobState, NewJob};
use crate::jobs::table::{self, Found, JobPage, Load};
use crate::query::Page;
use crate::store::{Cost, Store, Tx};

/// Jobs that may be open at a time.
const MAX_OPEN: i64 = 100_000;
/// Bytes of payload that may be open at a time.
const MAX_OPEN_BYTES: i64 = 256 << 20;
/// Bytes of one payload.
const MAX_PAYLOAD: usize = 1 << 20;

/// The queue of one data folder; clones share it.
#[derive(Clone)]
pub struct Jobs(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub store: Store,
    pub clock: Clock,
    /// Something may be ready to run.
    pub woken: Notify,
    open: AtomicI64,
    open_bytes: AtomicI64,
}

impl Jobs {
    /// The queue in an open data folder. Nothing runs before [`crate::jobs::Background`] does.
    pub fn new(store: Store, clock: Clock) -> Self {
        let (open, open_bytes) = (AtomicI64::new(0), AtomicI64::new(0));
        Self(Arc::new(Inner { store, clock, woken: Notify::new(), open, open_bytes }))
    }

    /// Queues a job within a transaction: it is there when that commits.
    ///
    /// # Errors
    /// [`crate::error::Kind::Busy`] when too much is open already; 413 for a payload past its
    /// limit.
    pub fn enqueue(&self, tx: &Tx<'_>, job: NewJob) -> Result<()> {
        if job.payload.len() > MAX_PAYLOAD {
            return Err(Error::too_large());
        }
        let size = i64::try_from(job.payload.len()).unwrap_or(i64::MAX);
        self.require_room()?;
        table::insert(tx, job, size, self.0.clock.now())?;
        let jobs = self.clone();
        tx.on_commit(move || {
            jobs.count(1, size);
            jobs.0.woken.notify_one();
        });
        Ok(())
    }

    /// What is not committed yet is not counted, so that a group of writes may go a little over.
    fn require_room(&self) -> Result<()> {
        let is_full = self.0.open.load(Ordering::Relaxed) >= MAX_OPEN
            || self.0.open_bytes.load(Ordering::Relaxed) >= MAX_OPEN_BYTES;
        if is_full { Err(Error::busy("Too many jobs wait already.")) } else { Ok(()) }
    }

    pub(super) fn count(&self, jobs: i64, bytes: i64) {
        self.0.open.fetch_add(jobs, Ordering::Relaxed);
        self.0.open_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn set_load(&self, load: Load) {
        self.0.open.store(load.jobs, Ordering::Relaxed);
        self.0.open_bytes.store(load.bytes, Ordering::Relaxed);
    }

    /// How many jobs of each kind are not done yet.
    ///
    /// # Errors
    /// What the store says.
    pub async fn open_by_kind(&self) -> Result<Vec<(String, i64)>> {
        self.0.store.read(Cost::Unbounded, table::open_by_kind).await
    }

    /// A page of jobs, the newest first, of one state and kind where those are named.
    ///
    /// # Errors
    /// 400 for a state that there is not; what the store says.
    pub async fn list(&self, state: &str, kind: &str, page: Page) -> Result<JobPage> {
        let named = match state {
            "" => None,
            word => Some(JobState::parse(word).ok_or_else(|| {
                Error::bad_request("There is no such state; ask for one of the items' states.")
            })?),
        };
        let kind = kind.to_owned();
        let read = move |tx: &Tx<'_>| table::list(tx, named, &kind, page);
        self.0.store.read(Cost::Unbounded, read).await
    }

    /// Whether a job of a kind waits or runs.
    ///
    /// # Errors
    /// What the store says.
    pub fn has_open(&self, tx: &Tx<'_>, kind: &str) -> Result<bool> {
        for state in [JobState::Waiting, JobState::Queued, JobState::Running] {
            let page = Page::parse(None, Some("1"), None)?;
            if !table::list(tx, Some(state), kind, page)?.items.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Lets a job that is done or dead run again from its first attempt, and one that waits for
    /// its time run now.
    ///
    /// # Errors
    /// 404 when there is none of this id, 400 when it runs or stands behind another.
    pub async fn retry(&self, id: i64) -> Result<()> {
        let jobs = self.clone();
        let write = move |tx: &Tx<'_>| {
            let Found { state, size, is_empty, .. } =
                table::find(tx, id)?.ok_or_else(Error::not_found)?;
            let now = jobs.0.clock.now();
            match state {
                JobState::Running => return Err(Error::bad_request("The job is running.")),
                JobState::Waiting => {
                    return Err(Error::bad_request("The job stands behind another of its key."));
                }
                JobState::Queued => table::hasten(tx, id, now)?,
                JobState::Done | JobState::Dead if is_empty => {
                    return Err(Error::bad_request("What the job was to do has not been kept."));
                }
                JobState::Done | JobState::Dead => {
                    jobs.require_room()?;
                    table::revive(tx, id, now)?;
                    let jobs = jobs.clone();
                    tx.on_commit(move || jobs.count(1, size));
                }
            }
            let jobs = jobs.clone();
            tx.on_commit(move || jobs.0.woken.notify_one());
            Ok(())
        };
        self.0.store.write(write).await
    }

    /// Removes a job, unless it is running.
    ///
    /// # Errors
    /// 404 when there is none of this id, 400 when it runs.
    pub async fn discard(&self, id: i64) -> Result<()> {
        let jobs = self.clone();
        let write = move |tx: &Tx<'_>| {
            let Found { state, key, size, .. } =
                table::find(tx, id)?.ok_or_else(Error::not_found)?;
            if state == JobState::Running {
                return Err(Error::bad_request("The job is running."));
            }
            table::delete(tx, id, &key)?;
            if matches!(state, JobState::Waiting | JobState::Queued) {
                let jobs = jobs.clone();
                tx.on_commit(move || {
                    jobs.count(-1, -size);
                    jobs.0.woken.notify_one();
                });
            }
            Ok(())
        };
        self.0.store.write(write).await
    }

    /// Lets `change` look at the payload of every job of a kind, and replaces those it answers.
    /// For a process that runs no jobs: what is open is not counted anew.
    ///
    /// # Errors
    /// What `change` says; what the store says.
    pub fn rewrite(
        &self,
        tx: &Tx<'_>,
        kind: &str,
        change: impl Fn(&str) -> Result<Option<String>>,
    ) -> Result<()> {
        for id in table::with_payload(tx, kind)? {
            let payload = table::payload(tx, id)?.unwrap_or_default();
            if let Some(new) = change(&payload)? {
                table::set_payload(tx, id, new)?;
            }
        }
        Ok(())
    }

    /// Forgets finished jobs that are old, or more than are kept.
    ///
    /// # Errors
    /// The store fails.
    pub async fn trim(&self) -> Result<()> {
        let now = self.0.clock.now();
        let gone = self.0.store.write(move |tx| table::trim(tx, now)).await?;
        tracing::debug!(gone, "finished jobs were forgotten");
        Ok(())
    }
}
