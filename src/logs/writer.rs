//! The log's own thread: gathers entries, writes them in batches, drops what is too old or too
//! much. It outlives whatever goes wrong in a turn.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::{Clock, DateTime, Stopwatch};
use crate::crypto::ordered_id;
use crate::error::Result;
use crate::faults;
use crate::logs::RequestEntry;
use crate::logs::database::{LogDatabase, reason};
use crate::logs::entry::LogRow;
use crate::logs::message::MessageEntry;
use crate::settings::{self, SettingsCache};
use crate::sql::{Statement, Value, ValueRef};
use crate::store::{Store, StoreError, Tx};

/// Entries of one batch.
const BATCH: usize = 200;
/// Without anything to do, the settings are looked at after so long.
const REST: Duration = Duration::from_secs(60);
/// How long an entry waits for its batch to fill.
const WAIT: Duration = Duration::from_secs(3);
const DAY: Duration = Duration::from_secs(86_400);
/// Entries that are deleted in one transaction.
const DELETED: i64 = 10_000;
/// Entries that are written between two looks at the size.
const UNCHECKED: usize = 5_000;
/// Of the limit, in percent, what is left when it was passed.
const LEFT: i64 = 90;

/// One row to be.
pub(super) enum Entry {
    Request(Box<RequestEntry>),
    Message(MessageEntry),
}

/// What the thread is told.
pub(super) enum Message {
    /// Keep this.
    Entry(Entry),
    /// Write what waits, then answer.
    Flush(flume::Sender<()>),
    /// Delete what is too old or too much, then answer.
    Trim(flume::Sender<()>),
    /// Give room on the disk back, then answer.
    Compact(flume::Sender<()>),
    /// A read found this store broken: replace it, then answer.
    Mend { store: Arc<Store>, done: flume::Sender<()> },
    /// Write what waits, then end.
    Close,
}

/// The state of the thread.
pub(super) struct Writer {
    pub receiver: flume::Receiver<Message>,
    pub dropped: Arc<AtomicU64>,
    pub settings: SettingsCache,
    pub database: Arc<LogDatabase>,
    pub clock: Clock,
    /// Entries since the last look at the size.
    pub unchecked: usize,
}

/// What of the settings decides what is deleted.
type Limits = (i64, i64);

impl Writer {
    /// Runs until it is told to close, or nobody is left to tell it anything.
    pub fn run(&mut self) {
        // What passes these limits was deleted; at the start nothing was.
        let mut held = None;
        loop {
            let turn = catch_unwind(AssertUnwindSafe(|| self.turn(&mut held)));
            match turn {
                Ok(true) => {}
                Ok(false) => break,
                Err(_) => tracing::error!("the thread of the log panicked and goes on"),
            }
        }
        self.database.close();
    }

    /// One batch, or one task; false at the end.
    fn turn(&mut self, held: &mut Option<Limits>) -> bool {
        let logs = self.settings.load().logs.clone();
        let _ = faults::pass("logs::turn");
        let limits = (logs.max_days, logs.max_size);
        if *held != Some(limits) || self.unchecked >= UNCHECKED {
            *held = Some(limits);
            self.trim(&logs);
        }
        let (entries, ended) = self.gather();
        self.unchecked += entries.len();
        self.write(entries);
        match ended {
            Ended::Full => {}
            Ended::Asked(Message::Flush(done)) => drop(done.send(())),
            Ended::Asked(Message::Trim(done)) => {
                self.trim(&self.settings.load().logs.clone());
                let _ = done.send(());
            }
            Ended::Asked(Message::Compact(done)) => {
                self.compact();
                let _ = done.send(());
            }
            Ended::Asked(Message::Mend { store, done }) => {
                self.database.mend(&store);
                let _ = done.send(());
            }
            Ended::Asked(_) => return false,
        }
        true
    }

    /// Takes entries until there are enough, the wait is over, or something else is asked.
    fn gather(&self) -> (Vec<Entry>, Ended) {
        let mut entries = Vec::new();
        let mut started: Option<Stopwatch> = None;
        while entries.len() < BATCH {
            let left = started.map_or(Some(REST), |first| WAIT.checked_sub(first.elapsed()));
            let Some(left) = left else { break };
            match self.receiver.recv_timeout(left) {
                Ok(Message::Entry(entry)) => entries.push(entry),
                Ok(other) => return (entries, Ended::Asked(other)),
                Err(flume::RecvTimeoutError::Timeout) => break,
                Err(flume::RecvTimeoutError::Disconnected) => {
                    return (entries, Ended::Asked(Message::Close));
                }
            }
            started.get_or_insert_with(Stopwatch::start);
        }
        (entries, Ended::Full)
    }

    fn write(&self, entries: Vec<Entry>) {
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
        let rows = Arc::new(rows);
        let write = || {
            let rows = Arc::clone(&rows);
            let insert = move |tx: &Tx<'_>| {
                faults::pass("logs::write").map_err(StoreError::from)?;
                for row in rows.iter() {
                    tx.execute(&insert_row(now, row))?;
                }
                Ok(())
            };
            self.on_store(|store| store.write_blocking(insert))
        };
        let done = match write() {
            // In a database that took the place of the broken one.
            Some(Err(error)) if LogDatabase::is_broken(&error) => write(),
            done => done,
        };
        if let Some(Err(error)) = done {
            let count = rows.len();
            tracing::warn!(count, error = reason(&error), "activity log entries were lost");
        }
    }

    /// Lets `work` have the store, if there is one; a broken one is replaced.
    fn on_store<T>(&self, work: impl FnOnce(&Store) -> Result<T>) -> Option<Result<T>> {
        self.database.revive();
        let store = self.database.store().ok()?;
        let done = work(&store);
        if let Err(error) = &done {
            self.database.failed(&store, error);
        }
        Some(done)
    }

    /// Deletes what is too old, then what is too much.
    fn trim(&mut self, logs: &settings::Logs) {
        self.unchecked = 0;
        let now = self.clock.now();
        let done = self.on_store(|store| {
            delete_old(store, now, logs.max_days)?;
            delete_excess(store, logs.max_size)
        });
        if let Some(Err(error)) = done {
            tracing::warn!(error = reason(&error), "old log entries could not be deleted");
        }
    }

    fn compact(&self) {
        if let Some(Err(error)) = self.on_store(|store| Ok(store.compact_blocking()?)) {
            tracing::warn!(error = reason(&error), "the log's file could not be made smaller");
        }
    }
}

impl Entry {
    fn into_row(self, kept: &settings::Logs) -> LogRow {
        match self {
            Self::Request(entry) => entry.into_row(kept),
            Self::Message(entry) => entry.into_row(kept),
        }
    }
}

/// Why the thread stopped gathering.
enum Ended {
    Full,
    Asked(Message),
}

/// Deletes what is older than `max_days`; 0 deletes everything.
fn delete_old(store: &Store, now: DateTime, max_days: i64) -> Result<()> {
    if max_days == 0 {
        let delete = Statement::new("DELETE FROM _logs", Vec::new());
        return store.write_blocking(move |tx| Ok(tx.execute(&delete).map(drop)?));
    }
    let keep = DAY.saturating_mul(u32::try_from(max_days).unwrap_or(u32::MAX));
    let keep_ms = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
    let oldest = DateTime::from_unix_ms(now.unix_ms().saturating_sub(keep_ms)).to_string();
    // The index is one of hours.
    let sql = "DELETE FROM _logs WHERE rowid IN (SELECT rowid FROM _logs WHERE \
               strftime('%Y-%m-%d %H:00:00', created) <= ?1 AND created < ?1 LIMIT ?2)";
    let params = vec![Value::from(oldest), Value::Int(DELETED)];
    let delete = Statement::new(sql, params);
    let mut count = 0;
    loop {
        let delete = delete.clone();
        let gone = store.write_blocking(move |tx| Ok(tx.execute(&delete)?))?;
        count += gone;
        if gone == 0 {
            break;
        }
    }
    if count > 0 {
        tracing::debug!(count, "old log entries were deleted");
    }
    Ok(())
}

/// Deletes the oldest entries while the database holds more than `max_size` megabytes.
fn delete_excess(store: &Store, max_size: i64) -> Result<()> {
    let most = max_size.saturating_mul(1 << 20);
    let (used, file) = sizes(store)?;
    if most == 0 || used <= most {
        // After a limit was lowered most of the file may be empty.
        if most > 0 && file > most.saturating_mul(2) {
            store.compact_blocking()?;
        }
        return Ok(());
    }
    let count = Statement::new("SELECT count(*) FROM _logs", Vec::new());
    let count = store.write_blocking(move |tx| tx.query_one(&count, |row| Ok(int(row.get(0)))))?;
    let count = count.unwrap_or(0);
    let excess = used - most / 100 * LEFT;
    let share = i128::from(count) * i128::from(excess) / i128::from(used.max(1));
    let mut left = i64::try_from(share).unwrap_or(count).clamp(1, count.max(1));
    tracing::info!(entries = left, max_size, "the log passes its size; its oldest entries go");
    while left > 0 {
        let sql = "DELETE FROM _logs WHERE rowid IN (SELECT rowid FROM _logs ORDER BY rowid \
                   LIMIT ?1)";
        let delete = Statement::new(sql, vec![Value::Int(left.min(DELETED))]);
        let gone = store.write_blocking(move |tx| Ok(tx.execute(&delete)?))?;
        left -= i64::try_from(gone).unwrap_or(left);
        if gone == 0 {
            break;
        }
    }
    if file > most.saturating_mul(2) {
        store.compact_blocking()?;
    }
    Ok(())
}

/// Bytes that hold something, and bytes of the file.
fn sizes(store: &Store) -> Result<(i64, i64)> {
    let read = |tx: &Tx<'_>| {
        let sizes = Statement::new(tx.dialect().sizes(), Vec::new());
        tx.query_one(&sizes, |row| Ok((int(row.get(0)), int(row.get(1)))))
    };
    Ok(store.write_blocking(read)?.unwrap_or_default())
}

fn int(value: ValueRef<'_>) -> i64 {
    match value {
        ValueRef::Int(int) => int,
        _ => 0,
    }
}

fn insert_row(now: DateTime, row: &LogRow) -> Statement {
    Statement::new(
        "INSERT INTO _logs (id, level, message, data, created) VALUES (?1, ?2, ?3, ?4, ?5)",
        vec![
            Value::from(ordered_id(now)),
            Value::from(row.level),
            Value::from(row.message.as_str()),
            Value::from(row.data.as_str()),
            Value::from(row.created.to_string()),
        ],
    )
}
