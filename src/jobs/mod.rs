//! What runs by itself: crons, which are due by the clock, and a durable queue of jobs.
//!
//! # Invariants
//! - A job is queued in the transaction of the change it follows, and is gone with it.
//! - A job that was begun and not finished when the process died runs again: each runs at least
//!   once, never twice at a time, so what it does must be safe to repeat.
//! - Jobs of one ordering key run one after the other, in the order they were queued. One that
//!   waits for its next attempt holds those behind it; one that is dead does not.
//! - What is queued, what runs at a time, payloads, attempts and the history have limits.
//! - A handler that fails or panics is a failed attempt, told in the log, and nothing else.
//! - Nothing is looked at in vain: without work everything here sleeps.

mod back_off;
mod background;
mod crons;
mod dispatch;
mod job;
mod queue;
mod table;

pub use background::Background;
pub use crons::{Cron, CronEntry, Crons};
pub use job::{Job, JobError, JobKind, JobState, Kept, NewJob};
pub use queue::Jobs;
pub use table::{JobEntry, JobPage};

#[cfg(test)]
mod tests;
