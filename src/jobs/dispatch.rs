//! The task that gives jobs to their handlers: one loop owns all that runs, so nothing runs twice.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::clock::DateTime;
use crate::error::Result;
use crate::faults;
use crate::jobs::job::{Handler, JobKind};
use crate::jobs::table::{self, Claimed, Ended, Room};
use crate::jobs::{JobError, Jobs, Kept};
use crate::store::{Cost, Tx};

/// The longest sleep: a clock that was set, or a machine that slept, is noticed then.
pub(super) const LONGEST_SLEEP: Duration = Duration::from_secs(300);
/// After the store refused a step.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a stop waits for what is running; the rest runs again after the next start.
const PATIENCE: Duration = Duration::from_secs(5);
/// Finished jobs between two looks at the history.
const TRIM_EVERY: usize = 1000;

/// What one step of the loop did.
struct Step {
    claimed: Vec<(&'static str, Vec<Claimed>)>,
    finished: usize,
    /// How much is not open any more.
    bytes: i64,
}

/// The loop's own state.
pub(super) struct Dispatcher {
    jobs: Jobs,
    kinds: Vec<JobKind>,
    running: JoinSet<Ended>,
    /// How many of each kind and lane are running.
    counts: HashMap<&'static str, HashMap<String, usize>>,
    /// What came back and is not written down yet.
    ended: Vec<(&'static str, Ended)>,
    /// Kind and lane of what is running.
    place_of: HashMap<i64, (&'static str, String)>,
    since_trim: usize,
}

impl Dispatcher {
    pub fn new(jobs: Jobs, kinds: Vec<JobKind>) -> Self {
        Self {
            jobs,
            kinds,
            running: JoinSet::new(),
            counts: HashMap::new(),
            ended: Vec::new(),
            place_of: HashMap::new(),
            since_trim: 0,
        }
    }

    /// Runs until it is told to stop.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        while let Err(error) = self.recover().await {
            tracing::warn!(%error, "the queue of jobs could not be read");
            if is_stopped_within(&mut stop, PAUSE).await {
                return;
            }
        }
        loop {
            let sleep = self.step().await.unwrap_or_else(|error| {
                tracing::warn!(%error, "the queue of jobs could not be written");
                PAUSE
            });
            tokio::select! {
                _ = stop.wait_for(|stopped| *stopped) => break,
                Some(ended) = self.running.join_next() => self.take(ended.ok()),
                () = self.jobs.0.woken.notified() => {}
                () = tokio::time::sleep(sleep) => {}
            }
        }
        self.finish().await;
    }

    async fn recover(&self) -> Result<()> {
        let now = self.jobs.0.clock.now();
        let load = self.jobs.0.store.write(move |tx| table::recover(tx, now)).await?;
        self.jobs.set_load(load);
        Ok(())
    }

    /// Writes down what ended, takes what is due and starts it; tells how long to sleep.
    async fn step(&mut self) -> Result<Duration> {
        while let Some(ended) = self.running.try_join_next() {
            self.take(ended.ok());
        }
        let free = self.free();
        let now = self.jobs.0.clock.now();
        let mut due = self.next_due(&free).await?;
        if !self.ended.is_empty() || due.is_some_and(|due| due <= now) {
            let step = self.write(free, now).await?;
            self.jobs.count(-i64::try_from(step.finished).unwrap_or(0), -step.bytes);
            self.since_trim += step.finished;
            for (kind, claimed) in step.claimed {
                claimed.into_iter().for_each(|job| self.start(kind, job));
            }
            if self.since_trim >= TRIM_EVERY {
                self.since_trim = 0;
                self.jobs.trim().await?;
            }
            due = self.next_due(&self.free()).await?;
        }
        let ms = due.map_or(i64::MAX, |due| due.unix_ms().saturating_sub(now.unix_ms()).max(0));
        Ok(Duration::from_millis(ms.try_into().unwrap_or(0)).min(LONGEST_SLEEP))
    }

    /// How many more of each kind may run.
    fn free(&self) -> Vec<Room> {
        let room = |kind: &JobKind| {
            let running = self.counts.get(kind.name).cloned().unwrap_or_default();
            let places = kind.at_a_time.saturating_sub(running.values().sum());
            Room { kind: kind.name, places, per_lane: kind.per_lane, running }
        };
        self.kinds.iter().map(room).filter(|room| room.places > 0).collect()
    }

    async fn next_due(&self, free: &[Room]) -> Result<Option<DateTime>> {
        let free = free.to_vec();
        let read = move |tx: &Tx<'_>| {
            let mut first: Option<DateTime> = None;
            for room in &free {
                let next = table::next_due(tx, room)?;
                first = first.into_iter().chain(next).min();
            }
            Ok(first)
        };
        self.jobs.0.store.read(Cost::Bounded, read).await
    }

    async fn write(&mut self, free: Vec<Room>, now: DateTime) -> Result<Step> {
        // Kept until the commit: a step that the store refuses is tried again.
        let ended = Arc::new(std::mem::take(&mut self.ended));
        let shared = Arc::clone(&ended);
        let write = move |tx: &Tx<'_>| {
            let mut step = Step { claimed: Vec::new(), finished: 0, bytes: 0 };
            for (_, ended) in shared.iter() {
                if table::end(tx, ended, now)? {
                    step.finished += 1;
                    step.bytes += ended.size;
                }
            }
            for room in free {
                step.claimed.push((room.kind, table::claim(tx, &room, now)?));
            }
            Ok(step)
        };
        let done = self.jobs.0.store.write(write).await;
        if done.is_err() {
            self.ended = Arc::unwrap_or_clone(ended);
        }
        done
    }

    fn start(&mut self, kind: &'static str, claimed: Claimed) {
        let Some(JobKind { handler, kept, .. }) = self.kinds.iter().find(|k| k.name == kind) else {
            return;
        };
        let lane = claimed.lane.clone();
        *self.counts.entry(kind).or_default().entry(lane.clone()).or_default() += 1;
        self.place_of.insert(claimed.job.id, (kind, lane));
        self.running.spawn(attempt(kind, Arc::clone(handler), *kept, claimed));
    }

    /// Notes a job that came back.
    fn take(&mut self, ended: Option<Ended>) {
        let Some(ended) = ended else { return };
        let Some((kind, lane)) = self.place_of.remove(&ended.id) else { return };
        if let Some(lanes) = self.counts.get_mut(kind)
            && let Some(count) = lanes.get_mut(&lane)
        {
            *count -= 1;
            if *count == 0 {
                lanes.remove(&lane);
            }
        }
        self.ended.push((kind, ended));
    }

    /// Waits a while for what is running and writes down how it ended.
    async fn finish(mut self) {
        let patience = tokio::time::sleep(PATIENCE);
        tokio::pin!(patience);
        while !self.running.is_empty() {
            tokio::select! {
                Some(ended) = self.running.join_next() => self.take(ended.ok()),
                () = &mut patience => break,
            }
        }
        let left = self.running.len();
        if left > 0 {
            tracing::warn!(left, "jobs were cut short; they run again after the next start");
        }
        let now = self.jobs.0.clock.now();
        if !self.ended.is_empty()
            && let Err(error) = self.write(Vec::new(), now).await
        {
            tracing::warn!(%error, "finished jobs could not be written down; they run again");
        }
    }
}

/// True when the stop came before the time was up.
async fn is_stopped_within(stop: &mut watch::Receiver<bool>, time: Duration) -> bool {
    tokio::time::timeout(time, stop.wait_for(|stopped| *stopped)).await.is_ok()
}

/// One attempt at a job; a panic of the handler is a failed one.
async fn attempt(kind: &'static str, handler: Handler, kept: Kept, claimed: Claimed) -> Ended {
    let Claimed { job, key, size, .. } = claimed;
    let (id, attempt, is_last) = (job.id, job.attempt, job.is_last);
    // The handler is called within: it may panic before it returns its future.
    let work = async move {
        faults::pass("jobs::run").map_err(|error| JobError::Failed(error.to_string()))?;
        handler(job).await
    };
    let outcome = AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| {
        // The panic's own text is in the console; here it might hold anything.
        Err(JobError::Failed("The handler panicked.".to_owned()))
    });
    if let Err(error) = &outcome {
        let is_dead = is_last || matches!(error, JobError::Hopeless(_));
        tracing::warn!(kind, id, attempt, is_dead, %error, "a job failed");
    }
    Ended { id, key, size, attempt, is_last, kept, outcome }
}
