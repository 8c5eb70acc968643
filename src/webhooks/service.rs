//! [`Webhooks`]: set up, looked at, tried out.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use arc_swap::ArcSwap;

use crate::changes::{Changes, Sink};
use crate::clock::Clock;
use crate::collections::Collections;
use crate::error::{Error, Result};
use crate::jobs::{Jobs, NewJob};
use crate::outgoing::Outgoing;
use crate::query::Page;
use crate::records::Records;
use crate::store::{Cost, Store, Tx};
use crate::webhooks::check::WebhookCheck;
use crate::webhooks::collection::{COLLECTION, definition};
use crate::webhooks::deliveries::{self, DeliveryPage};
use crate::webhooks::hook::{self, Webhook};
use crate::webhooks::sink::{KIND, WebhookSink, payload};

/// The webhooks of one data folder; clones share them.
#[derive(Clone)]
pub struct Webhooks(pub(super) Arc<Inner>);

/// What they are made of.
pub struct Parts {
    /// Where rows live.
    pub store: Store,
    /// Where the time comes from.
    pub clock: Clock,
    /// Makes their collection.
    pub collections: Collections,
    /// Shows the records that changed.
    pub records: Records,
    /// Carries messages.
    pub jobs: Jobs,
    /// Reaches other servers.
    pub outgoing: Outgoing,
}

pub(super) struct Inner {
    pub store: Store,
    pub clock: Clock,
    pub collections: Collections,
    pub records: Records,
    pub jobs: Jobs,
    pub outgoing: Outgoing,
    /// Those that are switched on.
    pub hooks: ArcSwap<Vec<Arc<Webhook>>>,
    /// Changes that could not be queued.
    pub lost: AtomicU64,
}

impl Webhooks {
    /// Reads what is set up, and follows `changes` from now on. Blocks.
    ///
    /// # Errors
    /// The store fails.
    pub fn open(parts: Parts, changes: &Changes) -> Result<Self> {
        let Parts { store, clock, collections, records, jobs, outgoing } = parts;
        let hooks = match collections.schema().load().find_by_name(COLLECTION) {
            Some(_) => store.read_blocking(Cost::Unbounded, hook::load)?,
            None => Vec::new(),
        };
        let (hooks, lost) = (ArcSwap::from_pointee(hooks), AtomicU64::new(0));
        let inner =
            Arc::new(Inner { store, clock, collections, records, jobs, outgoing, hooks, lost });
        let sink: Arc<dyn Sink> = Arc::new(WebhookSink(Arc::downgrade(&inner)));
        changes.attach(sink);
        inner.records.attach_check(Arc::new(WebhookCheck));
        Ok(Self(inner))
    }

    /// Takes what is set up now, which somebody may have changed past this service, from the commit
    /// of this transaction on.
    pub fn reread(&self, tx: &Tx<'_>) {
        if self.0.collections.schema().load().find_by_name(COLLECTION).is_some() {
            self.0.reload(tx);
        }
    }

    /// Makes their collection, if it is not there.
    ///
    /// # Errors
    /// What the making of a collection says.
    pub async fn enable(&self) -> Result<()> {
        let is_there = || self.0.collections.schema().load().find_by_name(COLLECTION).is_some();
        if is_there() {
            return Ok(());
        }
        match self.0.collections.create(definition()).await {
            // Somebody else was faster.
            Err(_) if is_there() => Ok(()),
            made => made.map(drop),
        }
    }

    /// Queues a message without a change, tried once.
    ///
    /// # Errors
    /// 404 when there is no webhook of this id that is switched on.
    pub async fn test(&self, id: &str) -> Result<()> {
        let is_known = self.0.hooks.load().iter().any(|hook| hook.id == id);
        if !is_known {
            return Err(Error::not_found());
        }
        let now = self.0.clock.now();
        let at = now.to_string().replace(' ', "T");
        let body = format!("{{\"type\":\"test\",\"timestamp\":\"{at}\",\"data\":{{}}}}");
        let message = format!("msg_{id}_test_{}", now.unix_ms());
        let job = NewJob::new(KIND, payload(id, &message, &body)).in_lane(id).with_attempts(1);
        let jobs = self.0.jobs.clone();
        self.0.store.write(move |tx| jobs.enqueue(tx, job)).await
    }

    /// What a webhook was answered, the newest first.
    ///
    /// # Errors
    /// 404 when there is no webhook of this id, switched on or not.
    pub async fn deliveries(&self, id: &str, page: Page) -> Result<DeliveryPage> {
        let schema = self.0.collections.schema().load();
        let collection = schema.find_by_name(COLLECTION).cloned().ok_or_else(Error::not_found)?;
        let (id, records) = (id.to_owned(), self.0.records.clone());
        let read = move |tx: &Tx<'_>| {
            records.stored(tx, &collection, &id)?.ok_or_else(Error::not_found)?;
            deliveries::list(tx, &id, page)
        };
        self.0.store.read(Cost::Unbounded, read).await
    }

    /// Sends the message of a delivery once more.
    ///
    /// # Errors
    /// 404 when the delivery or its message is forgotten; 400 when it is on its way.
    pub async fn redeliver(&self, delivery: i64) -> Result<()> {
        let read = move |tx: &Tx<'_>| deliveries::job(tx, delivery);
        let job = self.0.store.read(Cost::Bounded, read).await?;
        self.0.jobs.retry(job.ok_or_else(Error::not_found)?).await
    }

    /// Forgets old deliveries.
    ///
    /// # Errors
    /// The store fails.
    pub async fn trim(&self) -> Result<()> {
        let now = self.0.clock.now();
        self.0.store.write(move |tx| deliveries::trim(tx, now)).await
    }
}
