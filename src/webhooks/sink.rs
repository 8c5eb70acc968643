//! From a change to the jobs that deliver it, inside the transaction of the change.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

use crate::changes::{Action, Image, Sink};
use crate::crypto;
use crate::error::{Kind, Result};
use crate::jobs::NewJob;
use crate::json;
use crate::query::{self, Caller, RequestContext};
use crate::records::{Look, Records, Verdict};
use crate::schema::Collection;
use crate::store::Tx;
use crate::webhooks::collection::COLLECTION;
use crate::webhooks::hook::{self, Webhook};
use crate::webhooks::service::Inner;

/// The kind of job that delivers.
pub(super) const KIND: &str = "webhook";
/// About an hour and a half of attempts.
const ATTEMPTS: u32 = 13;
/// Between two lines of the log about changes that are not delivered.
const WARN_EVERY: u64 = 1000;

/// What the change log holds on to; the webhooks hold on to the records, which hold on to it.
pub(super) struct WebhookSink(pub Weak<Inner>);

impl Sink for WebhookSink {
    fn wants(&self, collection: &Collection, action: Action) -> bool {
        let Some(inner) = self.0.upgrade() else { return false };
        collection.name == COLLECTION
            || inner.hooks.load().iter().any(|hook| hook.follows(collection, action))
    }

    fn changed(&self, tx: &Tx<'_>, seq: Option<u64>, action: Action, image: &Image) {
        let Some(inner) = self.0.upgrade() else { return };
        if image.collection.name == COLLECTION {
            inner.reload(tx);
        }
        for hook in inner.hooks.load().iter() {
            if hook.follows(&image.collection, action)
                && let Err(error) = inner.queue(tx, hook, seq, action, image)
            {
                inner.tell_lost(hook, &error);
            }
        }
    }
}

impl Inner {
    /// What is set up now is in force after the commit.
    pub fn reload(self: &Arc<Self>, tx: &Tx<'_>) {
        match hook::load(tx) {
            Ok(hooks) => {
                let inner = Arc::clone(self);
                tx.on_commit(move || inner.hooks.store(Arc::new(hooks)));
            }
            Err(error) => tracing::error!(%error, "the webhooks could not be read"),
        }
    }

    fn queue(
        &self,
        tx: &Tx<'_>,
        hook: &Webhook,
        seq: Option<u64>,
        action: Action,
        image: &Image,
    ) -> Result<()> {
        if !hook.filter.is_empty() && !self.passes(tx, hook, image)? {
            return Ok(());
        }
        let record = self.records.show_outside(image);
        let message = match seq {
            Some(seq) => format!("msg_{}_{seq}", hook.id),
            // Of what is in no log nothing else tells two messages apart.
            None => format!("msg_{}_{}", hook.id, crypto::random_text(16, crypto::KEY_ALPHABET)),
        };
        let key = format!("{}/{}/{}", hook.id, image.collection.id, image.id);
        let job = |record: Option<&[u8]>| {
            let body = self.body(seq, action, image, record);
            NewJob::new(KIND, payload(&hook.id, &message, &body))
                .in_order_of(key.as_str())
                .in_lane(hook.id.as_str())
                .with_attempts(ATTEMPTS)
        };
        match self.jobs.enqueue(tx, job(Some(&record))) {
            // A message without the record is better than none.
            Err(error) if error.kind() == Kind::TooLarge => self.jobs.enqueue(tx, job(None)),
            queued => queued,
        }
    }

    fn passes(&self, tx: &Tx<'_>, hook: &Webhook, image: &Image) -> Result<bool> {
        let cx = RequestContext::new(Caller::Guest, "GET", self.clock.now());
        let filter = query::condition(&image.schema, &image.collection, &hook.filter, &cx)?;
        match Records::judge(image, &[filter]) {
            Verdict::Shown => Ok(true),
            Verdict::Hidden => Ok(false),
            Verdict::Ask(conditions) => self.records.ask(tx, image, Look::Image, conditions),
        }
    }

    /// `{"type": "posts.create", "timestamp": …, "data": {…}}`.
    fn body(
        &self,
        seq: Option<u64>,
        action: Action,
        image: &Image,
        record: Option<&[u8]>,
    ) -> String {
        let mut body = b"{\"type\":".to_vec();
        let (name, word) = (&image.collection.name, action.as_str());
        json::write_str(&mut body, &format!("{name}.{word}"));
        body.extend_from_slice(b",\"timestamp\":");
        json::write_str(&mut body, &self.clock.now().to_string().replace(' ', "T"));
        let seq = seq.map_or_else(|| "null".to_owned(), |seq| seq.to_string());
        body.extend_from_slice(format!(",\"data\":{{\"seq\":{seq},\"action\":").as_bytes());
        json::write_str(&mut body, word);
        body.extend_from_slice(b",\"collection\":{\"id\":");
        json::write_str(&mut body, &image.collection.id);
        body.extend_from_slice(b",\"name\":");
        json::write_str(&mut body, name);
        body.extend_from_slice(b"},\"record\":");
        match record {
            Some(record) => body.extend_from_slice(record),
            None => {
                body.extend_from_slice(b"{\"id\":");
                json::write_str(&mut body, &image.id);
                body.extend_from_slice(b"},\"isCut\":true");
            }
        }
        body.extend_from_slice(b"}}");
        String::from_utf8_lossy(&body).into_owned()
    }

    /// Tells of a change that will not be delivered, without filling the log.
    fn tell_lost(&self, hook: &Webhook, error: &crate::error::Error) {
        let lost = self.lost.fetch_add(1, Ordering::Relaxed) + 1;
        if hook.warns() || lost.is_multiple_of(WARN_EVERY) {
            let webhook = hook.id.as_str();
            tracing::warn!(webhook, lost, %error, "a change is not delivered to a webhook");
        }
    }
}

/// What the handler reads: whom it is for, its id, and the body, line by line.
pub(super) fn payload(hook: &str, message: &str, body: &str) -> String {
    format!("{hook}\n{message}\n{body}")
}
