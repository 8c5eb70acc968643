//! [`ActivityLog`]: takes entries from requests and hands them to the writer's thread.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use arc_swap::ArcSwap;
use parking_lot::Mutex;

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::logs::RequestEntry;
use crate::logs::writer::{self, Message, Writer};
use crate::settings::SettingsCache;
use crate::store::Store;

/// Entries that may wait to be written; more are dropped and counted.
const QUEUE: usize = 8192;

/// The activity log of one data folder; clones share it.
#[derive(Clone)]
pub struct ActivityLog(Arc<Inner>);

struct Inner {
    sender: flume::Sender<Message>,
    dropped: Arc<AtomicU64>,
    settings: SettingsCache,
    store: Arc<ArcSwap<Store>>,
    clock: Clock,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl ActivityLog {
    /// Opens auxiliary.db of a data folder that is open already. A damaged file is set aside
    /// with a warning: the log is worth less than a start. Blocks.
    ///
    /// # Errors
    /// The folder does not let a new file be made.
    pub fn open(dir: &Path, settings: SettingsCache, clock: Clock) -> Result<Self> {
        let store = Arc::new(ArcSwap::from_pointee(writer::open_or_replace(dir, &clock)?));
        let (sender, receiver) = flume::bounded(QUEUE);
        let dropped = Arc::new(AtomicU64::new(0));
        let writer = Writer {
            dir: dir.to_owned(),
            receiver,
            dropped: Arc::clone(&dropped),
            settings: settings.clone(),
            store: Arc::clone(&store),
            clock: clock.clone(),
        };
        let thread = std::thread::Builder::new()
            .name("logs".to_owned())
            .spawn(move || writer.run())
            .map_err(Error::internal)?;
        let thread = Mutex::new(Some(thread));
        Ok(Self(Arc::new(Inner { sender, dropped, settings, store, clock, thread })))
    }

    /// Whether an entry of `level` would be kept; ask before making one.
    pub fn keeps(&self, level: i64) -> bool {
        let kept = &self.0.settings.load().logs;
        kept.max_days > 0 && level >= kept.min_level
    }

    /// Hands an entry over. When the queue is full it is dropped and counted.
    pub fn record(&self, entry: RequestEntry) {
        if !self.keeps(entry.level()) {
            return;
        }
        if self.0.sender.try_send(Message::Entry(Box::new(entry))).is_err() {
            self.0.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until everything recorded so far is on disk. For tests and for a stop.
    pub async fn flush(&self) {
        let (sender, receiver) = flume::bounded(1);
        if self.0.sender.send_async(Message::Flush(sender)).await.is_ok() {
            let _ = receiver.recv_async().await;
        }
    }

    /// Lets what is older than the settings say be deleted.
    pub async fn trim(&self) {
        // Refused only when the log is closed.
        let _ = self.0.sender.send_async(Message::Trim).await;
    }

    /// The database of the entries.
    pub fn store(&self) -> Arc<Store> {
        self.0.store.load_full()
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
