//! Reads on the calling thread: each thread has its own connection to each open store.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;

use crate::store::Tx;
use crate::store::engine::Inline;
use crate::store::sqlite::connection::{Connection, Role};
use crate::store::sqlite::shared::Shared;

/// What a read may take here before it is sent to the pool.
const BUDGET: Duration = Duration::from_millis(2);

/// More threads than this share the pool.
const MAX_CONNECTIONS: usize = 64;

/// A thread that is closing a store waits this long for a read on another thread.
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);

/// A thread's connection. The lock is free but when the store closes.
struct Slot {
    store: u64,
    connection: Mutex<Option<Connection>>,
}

thread_local! {
    static SLOTS: RefCell<Vec<Arc<Slot>>> = const { RefCell::new(Vec::new()) };
}

static NEXT_STORE: AtomicU64 = AtomicU64::new(0);

/// The connections of all threads to one store.
pub(super) struct Locals {
    store: u64,
    shared: Arc<Shared>,
    open: Mutex<Option<Vec<Weak<Slot>>>>,
}

impl Locals {
    pub fn new(shared: Arc<Shared>) -> Self {
        let store = NEXT_STORE.fetch_add(1, Ordering::Relaxed);
        Self { store, shared, open: Mutex::new(Some(Vec::new())) }
    }

    /// Runs `work` with a snapshot on this thread, unless it has to go to the pool.
    pub fn read(&self, budget: Option<Duration>, work: &mut dyn FnMut(&Tx<'_>)) -> Inline {
        let Some(slot) = self.slot() else { return Inline::ToPool };
        // Taken already: a read inside a read.
        let Some(mut held) = slot.connection.try_lock() else { return Inline::ToPool };
        let Some(connection) = held.as_ref() else { return Inline::ToPool };
        connection.refresh(self.shared.generation());
        let within =
            connection.with_snapshot(budget.unwrap_or(BUDGET), |session| work(&Tx::new(session)));
        match within {
            Ok(true) => Inline::Done,
            Ok(false) => Inline::ToPool,
            Err(error) => {
                tracing::warn!(%error, "a reading connection is thrown away");
                *held = None;
                Inline::ToPool
            }
        }
    }

    /// Closes them all.
    pub fn close(&self) {
        let open = self.open.lock().take();
        for slot in open.into_iter().flatten().filter_map(|slot| slot.upgrade()) {
            if let Some(mut held) = slot.connection.try_lock_for(CLOSE_PATIENCE) {
                *held = None;
            }
        }
    }

    fn slot(&self) -> Option<Arc<Slot>> {
        SLOTS.with(|slots| {
            let found = slots.borrow().iter().find(|slot| slot.store == self.store).cloned();
            found.filter(|slot| slot.is_open()).or_else(|| self.add(&mut slots.borrow_mut()))
        })
    }

    /// Opens this thread's connection, and lets go of those whose stores are closed.
    fn add(&self, slots: &mut Vec<Arc<Slot>>) -> Option<Arc<Slot>> {
        slots.retain(|slot| slot.is_open());
        let mut open = self.open.lock();
        let all = open.as_mut()?;
        all.retain(|slot| slot.strong_count() > 0);
        if all.len() >= MAX_CONNECTIONS {
            return None;
        }
        let connection = Connection::open(&self.shared, Role::Reader)
            .inspect_err(|error| tracing::warn!(%error, "cannot open a reading connection"))
            .ok()?
            .avoiding_slow(Arc::clone(&self.shared));
        let slot = Arc::new(Slot { store: self.store, connection: Mutex::new(Some(connection)) });
        all.push(Arc::downgrade(&slot));
        slots.push(Arc::clone(&slot));
        Some(slot)
    }
}

impl Slot {
    /// False once the connection was closed; a connection in use is open.
    fn is_open(&self) -> bool {
        self.connection.try_lock().is_none_or(|held| held.is_some())
    }
}
