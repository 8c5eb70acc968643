//! The changes of one transaction, told together when it is committed.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use parking_lot::Mutex;

use crate::changes::feed::MAX_EVENTS;
use crate::changes::service::Listener;
use crate::changes::{Action, Event, Image};
use crate::sql::Value;
use crate::store::Tx;

/// What a record was before the transaction that is now at work.
#[derive(Debug)]
pub enum Before {
    /// These values.
    Row(Vec<Value>),
    /// It was not there.
    Nothing,
    /// The store could not be asked.
    Unknown,
}

/// A collection's id and a record's.
type Key = (String, String);

/// The changes of the transaction that is at work.
#[derive(Clone, Default)]
pub(super) struct Current(Arc<Mutex<(u64, Weak<Batch>)>>);

/// It tells of its changes when the last of its commit's calls has run, which is when nothing
/// refers to it any more. A call that was rolled back is dropped without having added anything.
pub(super) struct Batch {
    listener: Arc<OnceLock<Listener>>,
    /// Records that were written, if only for a while.
    touched: Mutex<HashSet<Key>>,
    events: Mutex<Vec<Event>>,
    /// Changes that were let in; past [`MAX_EVENTS`] none is.
    count: AtomicUsize,
}

impl Current {
    /// The batch of a transaction.
    pub fn of(&self, tx: &Tx<'_>, listener: &Arc<OnceLock<Listener>>) -> Arc<Batch> {
        let mut current = self.0.lock();
        if current.0 == tx.number()
            && let Some(batch) = current.1.upgrade()
        {
            return batch;
        }
        let batch = Arc::new(Batch {
            listener: Arc::clone(listener),
            touched: Mutex::default(),
            events: Mutex::default(),
            count: AtomicUsize::new(0),
        });
        *current = (tx.number(), Arc::downgrade(&batch));
        batch
    }

    /// True when the transaction wrote this record before.
    pub fn has_touched(&self, tx: &Tx<'_>, image: &Image) -> bool {
        let current = self.0.lock();
        let batch = current.1.upgrade().filter(|_| current.0 == tx.number());
        batch.is_some_and(|batch| batch.touched.lock().contains(&key(image)))
    }
}

impl Batch {
    /// Whether another change may be kept until COMMIT. Past that the listener is told of a gap:
    /// a transaction must not hold more records in memory than it could be told of.
    pub fn has_room(&self) -> bool {
        self.count.fetch_add(1, Ordering::Relaxed) < MAX_EVENTS
    }

    /// Notes that a record is written.
    pub fn touch(&self, image: &Image) {
        self.touched.lock().insert(key(image));
    }

    /// Adds a change that is committed.
    pub fn add(&self, event: Event) {
        self.events.lock().push(event);
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        let Some(listener) = self.listener.get() else { return };
        let events = std::mem::take(self.events.get_mut());
        if *self.count.get_mut() > MAX_EVENTS {
            listener.sender.tell_gap();
            // Without an event the listener would not look.
            return events
                .into_iter()
                .next_back()
                .into_iter()
                .for_each(|e| listener.sender.tell(e));
        }
        settled(events).into_iter().for_each(|event| listener.sender.tell(event));
    }
}

fn key(image: &Image) -> Key {
    (image.collection.id.clone(), image.id.clone())
}

/// How a transaction left a record.
enum Left {
    /// Like this.
    As(Image),
    /// It is gone, and was there before.
    Gone,
    /// It is gone, and was not there before either.
    Brief,
}

/// Each change, with how the transaction left the record where that is not how the change left it.
/// Of a record that was there and went, nothing but that it went: what it was in between could
/// never be seen.
fn settled(events: Vec<Event>) -> Vec<Event> {
    if events.len() < 2 {
        return events;
    }
    let mut last: HashMap<Key, Left> = HashMap::new();
    let mut told = Vec::with_capacity(events.len());
    for mut event in events.into_iter().rev() {
        let key = key(&event.image);
        if event.action == Action::Delete {
            last.insert(key, if event.is_brief { Left::Brief } else { Left::Gone });
            told.push(event);
            continue;
        }
        match last.get(&key) {
            None => drop(last.insert(key, Left::As(event.image.clone()))),
            Some(Left::As(image)) => event.left_as = Some(image.clone()),
            Some(Left::Gone) => continue,
            Some(Left::Brief) => {}
        }
        told.push(event);
    }
    told.reverse();
    told
}
