//! [`Changes`]: where writes tell what they did, and where others ask for it.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use crate::changes::batch::{Before, Current};
use crate::changes::feed::{Feed, FeedSender, Mark, feed};
use crate::changes::{Action, Event, Image, Since, Span, log};
use crate::clock::{Clock, DateTime};
use crate::config::KeptChanges;
use crate::error::Result;
use crate::schema::{Collection, Schema};
use crate::sql::Value;
use crate::store::{Store, Tx};

/// Looks at a record before it is deleted: rules may need rows that go along with it.
pub trait Witness: Send + Sync {
    /// Whether anybody is there to be told. While nobody is, changes are written down only.
    fn listens(&self) -> bool;

    /// What is worth knowing of the record when the delete is told, if anything. It runs on the
    /// writer's thread, so it must be short; reads it makes see what is committed.
    fn before_delete(&self, image: &Image) -> Option<Box<dyn Any + Send>>;

    /// What is committed of a record, whatever the transaction at work made of it.
    fn committed(&self, image: &Image) -> Before;
}

/// Sees each change inside its transaction: what it writes is committed with the change.
pub trait Sink: Send + Sync {
    /// Whether it wants to see changes of this kind.
    fn wants(&self, collection: &Collection, action: Action) -> bool;
    /// It runs on the writer's thread, so it must be short. It cannot fail the write. `seq` is the
    /// change's place in the log, where the collection keeps one.
    fn changed(&self, tx: &Tx<'_>, seq: Option<u64>, action: Action, image: &Image);
}

/// A record that is about to be deleted.
pub struct Going {
    image: Image,
    seen: Option<Box<dyn Any + Send>>,
    /// The same transaction made it.
    is_brief: bool,
}

/// The change log of a store. Cheap to clone.
#[derive(Clone)]
pub struct Changes {
    clock: Clock,
    listener: Arc<OnceLock<Listener>>,
    current: Current,
    sink: Arc<OnceLock<Arc<dyn Sink>>>,
}

pub(super) struct Listener {
    pub sender: FeedSender,
    witness: Arc<dyn Witness>,
}

impl Changes {
    /// A log that nobody listens to yet.
    pub fn new(clock: Clock) -> Self {
        let current = Current::default();
        Self { clock, listener: Arc::default(), current, sink: Arc::default() }
    }

    /// Lets one listener follow all changes from now on. `None` when there is one already.
    pub fn listen(&self, witness: Arc<dyn Witness>) -> Option<Feed> {
        let (sender, feed) = feed();
        self.listener.set(Listener { sender, witness }).ok()?;
        Some(feed)
    }

    fn listening(&self) -> Option<&Listener> {
        self.listener.get().filter(|listener| listener.witness.listens())
    }

    /// The newest change that the listener is told of. A write that was answered is not behind it.
    pub fn newest(&self) -> Mark {
        self.listener.get().map_or(Mark::default(), |listener| listener.sender.newest())
    }

    /// The moment that changes are written down under.
    pub fn now(&self) -> DateTime {
        self.clock.now()
    }

    /// Lets `sink` see all changes from now on; there is one at most.
    pub fn attach(&self, sink: Arc<dyn Sink>) {
        let _ = self.sink.set(sink);
    }

    fn sink_for(&self, collection: &Collection, action: Action) -> Option<&Arc<dyn Sink>> {
        self.sink.get().filter(|sink| sink.wants(collection, action))
    }

    /// Writes down that a record was made or changed, and tells it after COMMIT. `values` are
    /// those it has now.
    pub fn written(
        &self,
        tx: &Tx<'_>,
        schema: &Arc<Schema>,
        collection: &Arc<Collection>,
        id: &str,
        action: Action,
        values: impl FnOnce() -> Vec<Value>,
    ) -> Result<()> {
        let seq = log::append(tx, collection, id, action, None, self.clock.now())?;
        let sink = self.sink_for(collection, action);
        let listener = self.listening();
        if listener.is_none() && sink.is_none() {
            return Ok(());
        }
        let image = image(schema, collection, id, values());
        if let Some(sink) = sink {
            sink.changed(tx, seq, action, &image);
        }
        if listener.is_some() {
            let batch = self.current.of(tx, &self.listener);
            if !batch.has_room() {
                return Ok(());
            }
            batch.touch(&image);
            let (left_as, is_brief, seen) = (None, false, None);
            tx.on_commit(move || {
                batch.add(Event { seq, turn: 0, action, image, left_as, is_brief, seen });
            });
        }
        Ok(())
    }

    /// To be called before a record is deleted, with the values it has.
    pub fn before_delete(
        &self,
        tx: &Tx<'_>,
        schema: &Arc<Schema>,
        collection: &Arc<Collection>,
        id: &str,
        values: Vec<Value>,
    ) -> Going {
        let mut image = image(schema, collection, id, values);
        let Some(listener) = self.listening() else {
            return Going { image, seen: None, is_brief: false };
        };
        if self.current.has_touched(tx, &image) {
            match listener.witness.committed(&image) {
                Before::Row(values) => image.values = Arc::new(values),
                Before::Nothing => return Going { image, seen: None, is_brief: true },
                Before::Unknown => {}
            }
        }
        let seen = listener.witness.before_delete(&image);
        Going { image, seen, is_brief: false }
    }

    /// Writes down that a record was deleted, and tells it after COMMIT.
    pub fn deleted(&self, tx: &Tx<'_>, going: Going) -> Result<()> {
        let Going { image, seen, is_brief } = going;
        let (action, now) = (Action::Delete, self.clock.now());
        let before = Some(image.values.as_slice());
        let seq = log::append(tx, &image.collection, &image.id, action, before, now)?;
        if let Some(sink) = self.sink_for(&image.collection, action) {
            sink.changed(tx, seq, action, &image);
        }
        if self.listening().is_some() {
            let batch = self.current.of(tx, &self.listener);
            if !batch.has_room() {
                return Ok(());
            }
            let left_as = None;
            tx.on_commit(move || {
                batch.add(Event { seq, turn: 0, action, image, left_as, is_brief, seen });
            });
        }
        Ok(())
    }

    /// What the log still knows.
    pub fn span(&self, tx: &Tx<'_>) -> Result<Span> {
        log::span(tx)
    }

    /// What happened to the records of `collection` after `since`, told by at most `limit` rows
    /// of the log; `None` where it was switched off for a while since.
    pub fn since(
        &self,
        tx: &Tx<'_>,
        collection: &Collection,
        since: u64,
        limit: usize,
    ) -> Result<Option<Since>> {
        log::since(tx, collection, since, limit)
    }

    /// Takes away all that is not to be kept, in small steps between other writes.
    ///
    /// # Errors
    /// The store fails.
    pub async fn trim_all(&self, store: &Store, keep: KeptChanges) -> Result<()> {
        let mut gone = 0;
        loop {
            let log = self.clone();
            let step = store.write(move |tx| log.trim(tx, keep)).await?;
            gone += step;
            if step < log::STEP {
                tracing::debug!(gone, "old changes were forgotten");
                return Ok(());
            }
        }
    }

    /// Takes away one small step of what is not to be kept; tells how many rows went.
    pub fn trim(&self, tx: &Tx<'_>, keep: KeptChanges) -> Result<usize> {
        let ms = i64::try_from(keep.age.as_millis()).unwrap_or(i64::MAX);
        let before = DateTime::from_unix_ms(self.clock.now().unix_ms().saturating_sub(ms));
        log::trim(tx, before, keep.rows)
    }
}

fn image(
    schema: &Arc<Schema>,
    collection: &Arc<Collection>,
    id: &str,
    values: Vec<Value>,
) -> Image {
    Image {
        schema: Arc::clone(schema),
        collection: Arc::clone(collection),
        id: id.to_owned(),
        values: Arc::new(values),
    }
}
