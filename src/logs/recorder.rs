//! [`ActivityLog`]: takes entries from requests and hands them to the writer's thread.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use parking_lot::Mutex;

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::logs::RequestEntry;
use crate::logs::database::LogDatabase;
use crate::logs::message::MessageEntry;
use crate::logs::writer::{Entry, Message, Writer};
use crate::settings::SettingsCache;
use crate::store::{Cost, Store, StoreError, Tx};

/// Entries that may wait to be written; more are dropped and counted.
const QUEUE: usize = 8192;

/// The activity log of one data folder; clones share it.
#[derive(Clone)]
pub struct ActivityLog(Arc<Inner>);

struct Inner {
    sender: flume::Sender<Message>,
    dropped: Arc<AtomicU64>,
    settings: SettingsCache,
    database: Arc<LogDatabase>,
    clock: Clock,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl ActivityLog {
    /// Opens auxiliary.db of a data folder that is open already. One that is broken is set aside
    /// with a warning: the log is worth less than a start. Blocks.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn open(dir: &Path, settings: SettingsCache, clock: Clock) -> Result<Self> {
        let database = Arc::new(LogDatabase::open(dir, clock.clone()));
        let (sender, receiver) = flume::bounded(QUEUE);
        let dropped = Arc::new(AtomicU64::new(0));
        let mut writer = Writer {
            receiver,
            dropped: Arc::clone(&dropped),
            settings: settings.clone(),
            database: Arc::clone(&database),
            clock: clock.clone(),
            unchecked: 0,
        };
        let thread = std::thread::Builder::new()
            .name("logs".to_owned())
            .spawn(move || writer.run())
            .map_err(Error::internal)?;
        let thread = Mutex::new(Some(thread));
        Ok(Self(Arc::new(Inner { sender, dropped, settings, database, clock, thread })))
    }

    /// Whether an entry of `level` would be kept; ask before making one.
    pub fn keeps(&self, level: i64) -> bool {
        let kept = &self.0.settings.load().logs;
        kept.max_days > 0 && level >= kept.min_level
    }

    /// Hands an entry over. When the queue is full it is dropped and counted.
    pub fn record(&self, entry: RequestEntry) {
        if self.keeps(entry.level()) {
            self.hand_over(Entry::Request(Box::new(entry)));
        }
    }

    /// As [`ActivityLog::record`], for what the program itself has to tell.
    pub fn tell(&self, entry: MessageEntry) {
        if self.keeps(entry.level) {
            self.hand_over(Entry::Message(entry));
        }
    }

    fn hand_over(&self, entry: Entry) {
        if self.0.sender.try_send(Message::Entry(entry)).is_err() {
            self.0.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until everything recorded so far is on disk. For tests and for a stop.
    pub async fn flush(&self) {
        self.ask(Message::Flush).await;
    }

    /// Lets what is older or more than the settings say be deleted.
    pub async fn trim(&self) {
        self.ask(Message::Trim).await;
    }

    /// Gives back the room on the disk that deleted entries left.
    pub(super) async fn compact(&self) {
        self.ask(Message::Compact).await;
    }

    /// Refused only when the log is closed.
    async fn ask(&self, message: impl FnOnce(flume::Sender<()>) -> Message) {
        let (sender, receiver) = flume::bounded(1);
        if self.0.sender.send_async(message(sender)).await.is_ok() {
            let _ = receiver.recv_async().await;
        }
    }

    /// Entries that wait to be written.
    pub fn waiting(&self) -> usize {
        self.0.sender.len()
    }

    /// The database of the entries.
    ///
    /// # Errors
    /// 503 while there is none that can be used.
    pub fn store(&self) -> Result<Arc<Store>> {
        self.0.database.store()
    }

    /// Reads entries. A database that turns out to be broken is replaced.
    ///
    /// # Errors
    /// 503 while there is no log; what the store says.
    pub(super) async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&Tx<'_>) -> Result<T> + Send + Sync + 'static,
    {
        let store = self.store()?;
        let done = store.read(Cost::Unbounded, work).await;
        if let Err(error) = &done {
            self.mend(store, error).await;
        }
        done
    }

    /// Replaces a broken database, on the thread that may block.
    async fn mend(&self, store: Arc<Store>, error: &Error) {
        // A filter may be one that the engine refuses: only what it calls damaged is.
        if matches!(StoreError::below(error), Some(StoreError::Corrupt { .. })) {
            self.ask(|done| Message::Mend { store, done }).await;
        }
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Writes what waits and closes the database. Blocks; later entries are dropped.
    pub fn close(&self) {
        if let Some(thread) = self.0.thread.lock().take() {
            let _ = self.0.sender.send(Message::Close);
            let _ = thread.join();
        }
    }
}
