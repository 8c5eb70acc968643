//! How far an import is, for whoever looks, and how it ended.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;
use serde::Serialize;

use crate::clock::DateTime;
use crate::error::Result;
use crate::imports::rejects::{Reject, Rejects};
use crate::records::Written;

/// Refused rows that stand in a report; all that are kept stand in its file.
const SHOWN: usize = 20;

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Rows are being read.
    Running,
    /// All rows were read.
    Done,
    /// A row was refused, and that ends it.
    Stopped,
    /// Somebody ended it.
    Cancelled,
    /// It could not go on.
    Failed,
}

/// An import as superusers see it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Its id.
    pub id: String,
    /// The name of the collection.
    pub collection: String,
    /// How the file is written.
    pub format: &'static str,
    /// Whether nothing is kept.
    pub dry_run: bool,
    /// Where it stands.
    pub state: State,
    /// Why it could not go on, or which row ended it.
    pub message: String,
    /// Rows that were read.
    pub rows: u64,
    /// Records that were made.
    pub created: u64,
    /// Records that were changed.
    pub updated: u64,
    /// Rows that were refused.
    pub rejected: u64,
    /// Columns that no field takes.
    pub ignored: Vec<String>,
    /// The first rows that were refused.
    pub errors: Vec<Reject>,
    /// How many refused rows the file of them has.
    pub errors_kept: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// Bytes of the file; 0 where nobody said.
    pub total_bytes: u64,
    /// When it began.
    pub started: String,
    /// When it ended; empty until then.
    pub finished: String,
}

/// What is known of an import.
pub struct Progress {
    id: String,
    collection: String,
    format: &'static str,
    dry_run: bool,
    total_bytes: u64,
    started: DateTime,
    pub(super) bytes: AtomicU64,
    pub(super) rows: AtomicU64,
    created: AtomicU64,
    updated: AtomicU64,
    rejected: AtomicU64,
    is_cancelled: AtomicBool,
    inner: Mutex<Inner>,
}

struct Inner {
    state: State,
    message: String,
    ignored: Vec<String>,
    errors: Vec<Reject>,
    rejects: Option<Rejects>,
    finished: Option<DateTime>,
}

/// What is known of an import from its start.
pub(super) struct Begun {
    pub id: String,
    pub collection: String,
    pub format: &'static str,
    pub dry_run: bool,
    pub total_bytes: u64,
    pub started: DateTime,
}

impl Progress {
    pub(super) fn new(begun: Begun) -> Self {
        let Begun { id, collection, format, dry_run, total_bytes, started } = begun;
        let inner = Inner {
            state: State::Running,
            message: String::new(),
            ignored: Vec::new(),
            errors: Vec::new(),
            rejects: None,
            finished: None,
        };
        Self {
            id,
            collection,
            format,
            dry_run,
            total_bytes,
            started,
            bytes: AtomicU64::new(0),
            rows: AtomicU64::new(0),
            created: AtomicU64::new(0),
            updated: AtomicU64::new(0),
            rejected: AtomicU64::new(0),
            is_cancelled: AtomicBool::new(false),
            inner: Mutex::new(inner),
        }
    }

    /// The id of the import.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// True until it ended.
    pub fn is_running(&self) -> bool {
        self.inner.lock().state == State::Running
    }

    /// Asks it to end. What is being written at this moment may still be.
    pub(super) fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Release);
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Acquire)
    }

    pub(super) fn ignore(&self, column: &str) {
        let mut inner = self.inner.lock();
        if !inner.ignored.iter().any(|known| known == column) {
            inner.ignored.push(column.to_owned());
        }
    }

    /// Counts rows that were just committed.
    pub(super) fn count(&self, outcome: &[Result<Written>]) {
        let of = |what| outcome.iter().flatten().filter(|written| **written == what).count() as u64;
        self.created.fetch_add(of(Written::Created), Ordering::Relaxed);
        self.updated.fetch_add(of(Written::Updated), Ordering::Relaxed);
    }

    pub(super) fn reject(&self, reject: &Reject) {
        self.rejected.fetch_add(1, Ordering::Relaxed);
        let mut inner = self.inner.lock();
        if inner.errors.len() < SHOWN {
            inner.errors.push(reject.clone());
        }
    }

    pub(super) fn end(&self, state: State, message: String, rejects: Rejects, now: DateTime) {
        let mut inner = self.inner.lock();
        (inner.state, inner.message) = (state, message);
        (inner.rejects, inner.finished) = (Some(rejects), Some(now));
    }

    /// The rows that were refused, once the import ended.
    pub fn rejects(&self) -> Option<Rejects> {
        self.inner.lock().rejects.clone()
    }

    /// As of now.
    pub fn report(&self) -> Report {
        let count = |number: &AtomicU64| number.load(Ordering::Relaxed);
        let inner = self.inner.lock();
        Report {
            id: self.id.clone(),
            collection: self.collection.clone(),
            format: self.format,
            dry_run: self.dry_run,
            state: inner.state,
            message: inner.message.clone(),
            rows: count(&self.rows),
            created: count(&self.created),
            updated: count(&self.updated),
            rejected: count(&self.rejected),
            ignored: inner.ignored.clone(),
            errors: inner.errors.clone(),
            errors_kept: inner.rejects.as_ref().map_or(0, Rejects::count),
            bytes: count(&self.bytes),
            total_bytes: self.total_bytes,
            started: self.started.to_string(),
            finished: inner.finished.map(|now| now.to_string()).unwrap_or_default(),
        }
    }
}
