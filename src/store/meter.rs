//! [`Meter`]: how much of the store a task uses, on whichever threads its statements run.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::Stopwatch;

/// Statements that ran, and how long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// How many.
    pub statements: u64,
    /// From their first step to their last row, with what was made of the rows.
    pub time: Duration,
}

/// Counts for one task; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    statements: AtomicU64,
    nanos: AtomicU64,
}

tokio::task_local! {
    static CURRENT: Meter;
}

thread_local! {
    /// What this thread has spent so far.
    static SPENT: Cell<Spent> = const { Cell::new(Spent { statements: 0, time: Duration::ZERO }) };
    /// Whether a statement is running, whose rows may ask for another one.
    static IS_RUNNING: Cell<bool> = const { Cell::new(false) };
}

impl Meter {
    /// Counts what `work` asks of the store.
    pub async fn follow<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }

    /// What was counted so far.
    pub fn spent(&self) -> Spent {
        Spent {
            statements: self.0.statements.load(Ordering::Relaxed),
            time: Duration::from_nanos(self.0.nanos.load(Ordering::Relaxed)),
        }
    }

    /// That of the task which is running.
    pub(super) fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Runs `work`, whose statements count for the task of `meter`, here or on another thread.
    pub(super) fn charged<T>(meter: Option<&Self>, work: impl FnOnce() -> T) -> T {
        let Some(Self(counts)) = meter else { return work() };
        let before = SPENT.get();
        let done = work();
        let after = SPENT.get();
        let nanos = after.time.saturating_sub(before.time).as_nanos();
        counts.nanos.fetch_add(u64::try_from(nanos).unwrap_or(u64::MAX), Ordering::Relaxed);
        counts.statements.fetch_add(after.statements - before.statements, Ordering::Relaxed);
        done
    }
}

/// Runs one statement, and counts it on this thread.
pub(super) fn statement<T>(run: impl FnOnce() -> T) -> T {
    if IS_RUNNING.replace(true) {
        let spent = SPENT.get();
        SPENT.set(Spent { statements: spent.statements + 1, ..spent });
        return run();
    }
    let running = Running(Stopwatch::start());
    let done = run();
    drop(running);
    done
}

/// A statement that is not run by the rows of another; counted even if a row panics.
struct Running(Stopwatch);

impl Drop for Running {
    fn drop(&mut self) {
        IS_RUNNING.set(false);
        let Spent { statements, time } = SPENT.get();
        let time = time.saturating_add(self.0.elapsed());
        SPENT.set(Spent { statements: statements + 1, time });
    }
}
