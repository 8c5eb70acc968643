//! A job of the queue: as it is handed in, as its handler sees it, and who handles it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

/// Attempts a job has when nothing else is said: about a quarter of an hour.
const ATTEMPTS: u32 = 10;

/// A job to be queued.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    pub(super) kind: &'static str,
    pub(super) payload: String,
    pub(super) key: String,
    pub(super) lane: String,
    pub(super) delay: Duration,
    pub(super) max_attempts: u32,
}

impl NewJob {
    /// A job of `kind`; its handler reads `payload`.
    pub fn new(kind: &'static str, payload: String) -> Self {
        let (key, lane, delay) = (String::new(), String::new(), Duration::ZERO);
        Self { kind, payload, key, lane, delay, max_attempts: ATTEMPTS }
    }

    /// The same job, one after the other with all that have this key.
    #[must_use]
    pub fn in_order_of(self, key: impl Into<String>) -> Self {
        Self { key: key.into(), ..self }
    }

    /// The same job, sharing places with all of its kind that are in this lane.
    #[must_use]
    pub fn in_lane(self, lane: impl Into<String>) -> Self {
        Self { lane: lane.into(), ..self }
    }

    /// The same job, not before `delay` has passed.
    #[must_use]
    pub fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// The same job, tried so often at most.
    #[must_use]
    pub fn with_attempts(self, max_attempts: u32) -> Self {
        Self { max_attempts: max_attempts.max(1), ..self }
    }
}

/// A job on its way through its handler.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Grows with every job.
    pub id: i64,
    /// What its handler reads.
    pub payload: String,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// True when there will be no other.
    pub is_last: bool,
}

/// Why an attempt failed, in words for superusers. They are stored, so they hold no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobError {
    /// Another attempt may do better.
    Failed(String),
    /// No other attempt will.
    Hopeless(String),
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Failed(text) | Self::Hopeless(text)) = self;
        f.write_str(text)
    }
}

/// What a handler returns.
pub type Outcome = Result<(), JobError>;
pub(super) type Handler = Arc<dyn Fn(Job) -> BoxFuture<'static, Outcome> + Send + Sync>;

/// What is kept of a job that is done. One that was given up is kept whole, to be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// The job with what its handler read, unless that is large: it can run again.
    Payload,
    /// That there was a job; for payloads that hold secrets.
    Trace,
    /// Nothing; for jobs that strangers can queue at will.
    Nothing,
}

/// The jobs of one kind and what runs them.
#[derive(Clone)]
pub struct JobKind {
    pub(super) name: &'static str,
    pub(super) at_a_time: usize,
    pub(super) kept: Kept,
    /// Places that the jobs of one lane may hold.
    pub(super) per_lane: usize,
    pub(super) handler: Handler,
}

impl JobKind {
    /// Jobs of the kind `name` are run by `handler`, so many at a time. It must not block its
    /// thread: all handlers share it.
    pub fn new<F>(
        name: &'static str,
        at_a_time: usize,
        handler: impl Fn(Job) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |job| Box::pin(handler(job)));
        let kept = Kept::Payload;
        Self { name, at_a_time, per_lane: at_a_time, kept, handler }
    }

    /// The same kind, of whose jobs that are done only this is kept.
    #[must_use]
    pub fn keeping(self, kept: Kept) -> Self {
        Self { kept, ..self }
    }

    /// The same kind, with so many places at most for the jobs of one lane.
    #[must_use]
    pub fn with_per_lane(self, per_lane: usize) -> Self {
        Self { per_lane: per_lane.clamp(1, self.at_a_time), ..self }
    }
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// Behind another of its key.
    Waiting,
    /// Ready when its time has come.
    Queued,
    /// With its handler.
    Running,
    /// Finished.
    Done,
    /// Given up.
    Dead,
}

impl JobState {
    /// All states.
    pub const ALL: [Self; 5] = [Self::Waiting, Self::Queued, Self::Running, Self::Done, Self::Dead];

    /// The word on the wire and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
        }
    }

    /// The state of a word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}
