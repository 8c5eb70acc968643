//! The log's own thread: gathers entries, writes them in batches, drops what is too old.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::clock::{Clock, DateTime, Stopwatch};
use crate::crypto::ordered_id;
use crate::error::Result;
use crate::logs::RequestEntry;
use crate::logs::entry::LogRow;
use crate::settings::SettingsCache;
use crate::sql::{Statement, Value};
use crate::store::{Store, StoreError};

/// Entries of one batch.
const BATCH: usize = 200;
/// How long an entry waits for its batch to fill.
const WAIT: Duration = Duration::from_secs(3);
const DAY: Duration = Duration::from_secs(86_400);
const FILE: &str = "auxiliary.db";

/// What the thread is told.
pub(super) enum Message {
    /// Keep this.
    Entry(Box<RequestEntry>),
    /// Write what waits, then answer.
    Flush(flume::Sender<()>),
    /// Delete what is too old.
    Trim,
    /// Write what waits, then end.
    Close,
}

/// The state of the thread.
pub(super) struct Writer {
    pub dir: PathBuf,
    pub receiver: flume::Receiver<Message>,
    pub dropped: Arc<AtomicU64>,
    pub settings: SettingsCache,
    pub store: Arc<ArcSwap<Store>>,
    pub clock: Clock,
}

impl Writer {
    /// Runs until it is told to close, or nobody is left to tell it anything.
    pub fn run(self) {
        // What is older than so many days was deleted; at the start nothing was.
        let mut dropped_beyond = None;
        loop {
            let max_days = self.settings.load().logs.max_days;
            if dropped_beyond != Some(max_days) {
                self.drop_old(max_days);
                dropped_beyond = Some(max_days);
            }
            let (entries, ended) = self.gather();
            self.write(entries);
            match ended {
                Ended::Full => {}
                Ended::Flush(done) => drop(done.send(())),
                Ended::Trim => dropped_beyond = None,
                Ended::Close => break,
            }
        }
        self.store.load().close();
    }

    /// Takes entries until there are enough, the wait is over, or something else is asked.
    fn gather(&self) -> (Vec<RequestEntry>, Ended) {
        let mut entries = Vec::new();
        let started = Stopwatch::start();
        while entries.len() < BATCH {
            let Some(left) = WAIT.checked_sub(started.elapsed()) else { break };
            match self.receiver.recv_timeout(left) {
                Ok(Message::Entry(entry)) => entries.push(*entry),
                Ok(Message::Flush(done)) => return (entries, Ended::Flush(done)),
                Ok(Message::Trim) => return (entries, Ended::Trim),
                Ok(Message::Close) | Err(flume::RecvTimeoutError::Disconnected) => {
                    return (entries, Ended::Close);
                }
                Err(flume::RecvTimeoutError::Timeout) => break,
            }
        }
        (entries, Ended::Full)
    }

    fn write(&self, entries: Vec<RequestEntry>) {
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            tracing::warn!(dropped, "the activity log could not keep up, entries were dropped");
        }
        if entries.is_empty() {
            return;
        }
        let kept = self.settings.load();
        let now = self.clock.now();
        let rows: Vec<LogRow> = entries.into_iter().map(|e| e.into_row(&kept.logs)).collect();
        let count = rows.len();
        let insert = move |tx: &crate::store::Tx<'_>| {
            for row in rows {
                tx.execute(&insert_row(now, row))?;
            }
            Ok(())
        };
        if let Err(error) = self.store.load().write_blocking(insert) {
            tracing::warn!(count, error = reason(&error), "activity log entries were lost");
            self.replace_if_damaged(&error);
        }
    }

    /// Deletes what is older than `max_days`; 0 deletes everything.
    fn drop_old(&self, max_days: i64) {
        let keep = DAY.saturating_mul(u32::try_from(max_days).unwrap_or(u32::MAX));
        let keep_ms = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
        let oldest = DateTime::from_unix_ms(self.clock.now().unix_ms().saturating_sub(keep_ms));
        let delete = match max_days {
            0 => Statement::new("DELETE FROM _logs", Vec::new()),
            _ => Statement::new(
                "DELETE FROM _logs WHERE created < ?1",
                vec![Value::from(oldest.to_string())],
            ),
        };
        let done = self.store.load().write_blocking(move |tx| Ok(tx.execute(&delete)?));
        match done {
            Ok(0) => {}
            Ok(count) => tracing::debug!(count, "old activity log entries were deleted"),
            Err(error) => {
                tracing::warn!(error = reason(&error), "old log entries could not be deleted");
                self.replace_if_damaged(&error);
            }
        }
    }

    fn replace_if_damaged(&self, error: &crate::error::Error) {
        if !is_damaged(error) {
            return;
        }
        self.store.load().close();
        match open_or_replace(&self.dir, &self.clock) {
            Ok(store) => self.store.store(Arc::new(store)),
            Err(error) => tracing::error!(error = reason(&error), "the activity log is off"),
        }
    }
}

/// Why the thread stopped gathering.
enum Ended {
    Full,
    Flush(flume::Sender<()>),
    Trim,
    Close,
}

fn insert_row(now: DateTime, row: LogRow) -> Statement {
    Statement::new(
        "INSERT INTO _logs (id, level, message, data, created) VALUES (?1, ?2, ?3, ?4, ?5)",
        vec![
            Value::from(ordered_id(now)),
            Value::from(row.level),
            Value::from(row.message),
            Value::from(row.data),
            Value::from(row.created.to_string()),
        ],
    )
}

/// Opens the log's database, and proves that it can be read; a damaged one is set aside first.
pub(super) fn open_or_replace(dir: &Path, clock: &Clock) -> Result<Store> {
    let opened = Store::open_auxiliary(dir).map_err(crate::error::Error::from).and_then(|store| {
        let probe = Statement::new("SELECT id FROM _logs ORDER BY created DESC LIMIT 1", vec![]);
        store.write_blocking(move |tx| tx.query_one(&probe, |_| Ok(())))?;
        Ok(store)
    });
    match opened {
        Err(error) if is_damaged(&error) => {
            set_aside(dir, clock.now())?;
            Ok(Store::open_auxiliary(dir)?)
        }
        other => other,
    }
}

/// Damaged, no database at all, or one of a newer version: none is worth a failed start.
fn is_damaged(error: &crate::error::Error) -> bool {
    let below = StoreError::below(error);
    matches!(below, Some(StoreError::Corrupt { .. } | StoreError::Folder(_)))
}

/// Renames the files of the database, so that somebody may look at them later.
fn set_aside(dir: &Path, now: DateTime) -> Result<()> {
    let aside = format!("{FILE}.damaged-{}", now.unix_secs());
    tracing::warn!("{FILE} is damaged; it is kept as {aside} and a new activity log begins");
    for suffix in ["", "-wal", "-shm"] {
        let from = dir.join(format!("{FILE}{suffix}"));
        if from.exists() {
            std::fs::rename(&from, dir.join(format!("{aside}{suffix}")))
                .map_err(crate::error::Error::internal)?;
        }
    }
    Ok(())
}

fn reason(error: &crate::error::Error) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    cause.unwrap_or_else(|| error.to_string())
}
