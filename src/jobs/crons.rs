//! [`Crons`]: what runs when the clock says so, or when a superuser does.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::clock::{Clock, DateTime, Stopwatch};
use crate::cron::{CronError, Schedule, spelled_out};
use crate::error::{Error, Kind, Result};
use crate::faults;
use crate::jobs::dispatch::LONGEST_SLEEP;

/// What ids of the program's own crons begin with; these stand last.
const OWN: &str = "__pb";
/// How long a stop waits for what is running.
const PATIENCE: Duration = Duration::from_secs(5);

type Work = Arc<dyn Fn() -> BoxFuture<'static, Result<()>> + Send + Sync>;

/// Something that is due by the clock.
#[derive(Clone)]
pub struct Cron {
    id: String,
    expression: String,
    schedule: Schedule,
    work: Work,
}

impl Cron {
    /// `work` whenever `expression` says. It must not block its thread: all crons share it.
    ///
    /// # Errors
    /// The text is no cron expression.
    pub fn new<F>(
        id: &str,
        expression: &str,
        work: impl Fn() -> F + Send + Sync + 'static,
    ) -> std::result::Result<Self, CronError>
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let schedule = Schedule::parse(expression)?;
        let work: Work = Arc::new(move || Box::pin(work()));
        let expression = spelled_out(expression).to_owned();
        Ok(Self { id: id.to_owned(), expression, schedule, work })
    }
}

/// A cron as superusers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CronEntry {
    id: String,
    expression: String,
}

/// All crons; clones share them.
#[derive(Clone)]
pub struct Crons(Arc<Inner>);

struct Inner {
    clock: Clock,
    list: Mutex<Vec<Entry>>,
    changed: Notify,
}

struct Entry {
    cron: Cron,
    next: Option<DateTime>,
    /// Somebody wants it to run now.
    is_asked: bool,
}

impl Crons {
    /// Those of `list`. Nothing runs before [`crate::jobs::Background`] does.
    pub fn new(clock: Clock, list: Vec<Cron>) -> Self {
        let now = clock.now();
        let entry = |cron: Cron| {
            let next = cron.schedule.next_after(now);
            Entry { cron, next, is_asked: false }
        };
        let list = Mutex::new(list.into_iter().map(entry).collect());
        Self(Arc::new(Inner { clock, list, changed: Notify::new() }))
    }

    /// All of them, the program's own last.
    pub fn list(&self) -> Vec<CronEntry> {
        let list = self.0.list.lock();
        let (own, others): (Vec<&Cron>, Vec<&Cron>) =
            list.iter().map(|entry| &entry.cron).partition(|cron| cron.id.starts_with(OWN));
        let shown = others.into_iter().chain(own);
        let entry =
            |cron: &Cron| CronEntry { id: cron.id.clone(), expression: cron.expression.clone() };
        shown.map(entry).collect()
    }

    /// Puts a cron in, in the place of the one of its id if that has another expression.
    pub fn put(&self, cron: Cron) {
        let next = cron.schedule.next_after(self.0.clock.now());
        let entry = Entry { cron, next, is_asked: false };
        let mut list = self.0.list.lock();
        match list.iter_mut().find(|known| known.cron.id == entry.cron.id) {
            Some(known) if known.cron.expression == entry.cron.expression => return,
            Some(known) => *known = entry,
            None => list.push(entry),
        }
        self.0.changed.notify_one();
    }

    /// Takes a cron out; what runs of it goes on.
    pub fn remove(&self, id: &str) {
        self.0.list.lock().retain(|entry| entry.cron.id != id);
    }

    /// Lets a cron run soon, whatever the clock says: once more after its end if it is running.
    ///
    /// # Errors
    /// 404 when there is none of this id.
    pub fn run(&self, id: &str) -> Result<()> {
        let mut list = self.0.list.lock();
        let found = list.iter_mut().find(|entry| entry.cron.id == id);
        let entry =
            found.ok_or_else(|| Error::new(Kind::NotFound, "Missing or invalid cron job."))?;
        entry.is_asked = true;
        self.0.changed.notify_one();
        Ok(())
    }

    /// What is to run now beside what is `busy`, and how long to sleep then.
    fn take_due(&self, busy: &HashSet<String>) -> (Vec<Cron>, Duration) {
        let now = self.0.clock.now();
        let mut due = Vec::new();
        let mut sleep = LONGEST_SLEEP;
        for entry in self.0.list.lock().iter_mut() {
            let is_due = entry.next.is_some_and(|next| next <= now);
            if busy.contains(&entry.cron.id) {
                if is_due {
                    tracing::warn!(cron = entry.cron.id, "still running; this time is left out");
                }
            } else if is_due || entry.is_asked {
                entry.is_asked = false;
                due.push(entry.cron.clone());
            }
            let next = entry.cron.schedule.next_after(now);
            // After the clock was set back the minute to come is an earlier one.
            entry.next = if is_due { next } else { entry.next.into_iter().chain(next).min() };
            if let Some(next) = entry.next {
                let ms = next.unix_ms().saturating_sub(now.unix_ms());
                sleep = sleep.min(Duration::from_millis(ms.try_into().unwrap_or(0)));
            }
        }
        (due, sleep)
    }

    /// Runs until it is told to stop.
    pub(super) async fn follow(self, mut stop: watch::Receiver<bool>) {
        let mut running: JoinSet<String> = JoinSet::new();
        let mut busy = HashSet::new();
        loop {
            let (due, sleep) = self.take_due(&busy);
            for cron in due {
                busy.insert(cron.id.clone());
                running.spawn(once(cron));
            }
            tokio::select! {
                _ = stop.wait_for(|stopped| *stopped) => break,
                Some(ended) = running.join_next() => {
                    busy.retain(|id| !ended.as_ref().is_ok_and(|ended| ended == id));
                }
                () = self.0.changed.notified() => {}
                () = tokio::time::sleep(sleep) => {}
            }
        }
        let all = async { while running.join_next().await.is_some() {} };
        if tokio::time::timeout(PATIENCE, all).await.is_err() {
            tracing::warn!("crons were cut short by the stop");
        }
    }
}

/// Runs a cron once and logs how that went; never panics.
async fn once(cron: Cron) -> String {
    let Cron { id, work, .. } = cron;
    tracing::debug!(cron = id, "a cron starts");
    let watch = Stopwatch::start();
    let work = async {
        faults::pass("jobs::cron").map_err(Error::internal)?;
        work().await
    };
    let done = AssertUnwindSafe(work).catch_unwind().await;
    let ms = u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX);
    match done {
        Ok(Ok(())) => tracing::debug!(cron = id, ms, "a cron is done"),
        Ok(Err(error)) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::error!(cron = id, ms, %error, cause, "a cron failed");
        }
        Err(_) => tracing::error!(cron = id, ms, "a cron panicked"),
    }
    id
}
