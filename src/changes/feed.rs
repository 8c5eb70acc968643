//! From the writer's thread to whoever listens: bounded, and never waited for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use crate::changes::Event;

/// Changes that may wait for the listener.
pub(super) const MAX_EVENTS: usize = 65_536;
/// Bytes of records that may wait for the listener.
const MAX_BYTES: usize = 64 << 20;

/// What the listener is told.
#[derive(Debug)]
pub enum Told {
    /// Something was committed.
    Change(Box<Event>),
    /// Some changes could not be told: whoever follows must read them from the log.
    Gap,
}

/// The listener's end.
pub struct Feed {
    receiver: flume::Receiver<Event>,
    load: Arc<Load>,
}

/// The writer's end.
pub(super) struct FeedSender {
    sender: flume::Sender<Event>,
    load: Arc<Load>,
}

#[derive(Default)]
struct Load {
    bytes: AtomicUsize,
    has_gap: AtomicBool,
    /// The place in the log of the newest change that was to be told.
    newest: AtomicU64,
    /// How many changes were to be told.
    turns: AtomicU64,
}

/// How far the feed was at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    /// The newest place in the log.
    pub seq: u64,
    /// The turn of the newest change, in the log or not.
    pub turn: u64,
}

pub(super) fn feed() -> (FeedSender, Feed) {
    let (sender, receiver) = flume::bounded(MAX_EVENTS);
    let load = Arc::<Load>::default();
    (FeedSender { sender, load: Arc::clone(&load) }, Feed { receiver, load })
}

impl FeedSender {
    /// How far it is: up to the newest change that was to be told.
    pub fn newest(&self) -> Mark {
        let seq = self.load.newest.load(Ordering::Acquire);
        Mark { seq, turn: self.load.turns.load(Ordering::Acquire) }
    }

    /// Notes that some changes could not be told.
    pub fn tell_gap(&self) {
        self.load.has_gap.store(true, Ordering::Release);
    }

    /// Tells of a change, or notes that it could not be told.
    pub fn tell(&self, mut event: Event) {
        event.turn = self.load.turns.fetch_add(1, Ordering::AcqRel) + 1;
        if let Some(seq) = event.seq {
            self.load.newest.store(seq, Ordering::Release);
        }
        let size = event.image.size();
        let waiting = self.load.bytes.fetch_add(size, Ordering::AcqRel);
        // One may always wait, however long: nothing else would make the listener look.
        let is_full = waiting > 0 && waiting + size > MAX_BYTES;
        if is_full || self.sender.try_send(event).is_err() {
            self.load.bytes.fetch_sub(size, Ordering::AcqRel);
            self.load.has_gap.store(true, Ordering::Release);
        }
    }
}

impl Feed {
    /// Waits for the next change; `None` when there will be none.
    pub fn next(&self) -> Option<Told> {
        // The gap lies behind what was queued before it; telling of it early loses nothing.
        if self.load.has_gap.swap(false, Ordering::AcqRel) {
            return Some(Told::Gap);
        }
        let event = self.receiver.recv().ok()?;
        self.load.bytes.fetch_sub(event.image.size(), Ordering::AcqRel);
        Some(Told::Change(Box::new(event)))
    }
}

#[cfg(test)]
mod tests {
    use crate::changes::{Action, Image};
    use crate::clock::DateTime;
    use crate::schema::{Schema, system};
    use crate::sql::Value;

    use super::*;

    fn event(seq: u64, text: usize) -> Event {
        let image = Image {
            schema: Arc::new(Schema::default()),
            collection: Arc::new(system::collections(DateTime::from_unix_ms(0)).remove(0)),
            id: "a".to_owned(),
            values: Arc::new(vec![Value::Text("x".repeat(text))]),
        };
        let (left_as, is_brief, seen) = (None, false, None);
        Event { seq: Some(seq), turn: 0, action: Action::Create, image, left_as, is_brief, seen }
    }

    #[test]
    fn a_listener_that_falls_behind_is_told_of_the_gap() {
        let (sender, feed) = feed();
        sender.tell(event(1, MAX_BYTES / 2));
        sender.tell(event(2, MAX_BYTES / 2));
        assert!(matches!(feed.next(), Some(Told::Gap)));
        assert!(matches!(feed.next(), Some(Told::Change(event)) if event.turn == 1));
        sender.tell(event(3, MAX_BYTES / 2));
        assert!(matches!(feed.next(), Some(Told::Change(event)) if event.turn == 3));
        drop(sender);
        assert!(feed.next().is_none());
    }
}
