//! Catching up: a subscription that names the last change it knows is told what it missed before
//! it is told what comes.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;

use crate::error::Result;
use crate::realtime::client::Frame;
use crate::realtime::group;
use crate::realtime::hub::{Hub, Subscription};
use crate::records::{Missed, MissedQuery};
use crate::store::{Cost, Tx};

/// Rows of the log that are read at a time.
const STEP: usize = 500;
/// Who missed more is better off reading the collection anew.
const MAX_STEPS: usize = 40;

/// Tells a subscription what it missed, until nothing more happened meanwhile; then lets it live.
pub(super) async fn catch_up(hub: Arc<Hub>, subscription: Arc<Subscription>, since: u64) {
    let Ok(_turn) = hub.catching_up.acquire().await else { return };
    let mut since = since;
    for _ in 0..MAX_STEPS {
        let missed = match missed(&hub, &subscription, since).await {
            Ok(missed) => missed,
            Err(error) => {
                // The client connects again, and asks from where it was.
                tracing::warn!(%error, "a subscription could not be told what it missed");
                return subscription.client.close();
            }
        };
        match missed {
            None => return,
            Some(Missed::Resync { newest }) => return resync(&hub, &subscription, newest),
            Some(Missed::Changes { seen, up_to, has_more }) => {
                for change in seen {
                    let json = group::picked(change.json, &subscription.view.fields);
                    let Some(json) = json else { continue };
                    let data = group::message(change.action, &json, Some(change.seq));
                    subscription.send(&hub, data);
                }
                if !has_more && hub.goes_live(&subscription, up_to) {
                    return note(&hub, &subscription, "sync", up_to);
                }
                since = up_to;
            }
        }
    }
    let newest = hub.told.load(Ordering::Acquire);
    resync(&hub, &subscription, newest);
}

/// `None` when the collection is gone.
async fn missed(hub: &Hub, subscription: &Arc<Subscription>, since: u64) -> Result<Option<Missed>> {
    let (schema, now) = (hub.schema.load(), hub.clock.now());
    let Some(collection) = subscription.topic.find(&schema) else { return Ok(None) };
    let query = MissedQuery {
        collection: Arc::clone(collection),
        since,
        record: subscription.topic.record.clone(),
        slot: subscription.topic.slot(),
        filter: subscription.view.filter.clone(),
        expand: subscription.view.expand.clone(),
        limit: STEP,
    };
    let (records, subscription) = (hub.records.clone(), Arc::clone(subscription));
    hub.store
        .read(Cost::Unbounded, move |tx: &Tx<'_>| {
            let standing = subscription.client.standing.lock().clone();
            let caller = standing.under(tx, &schema, now)?.caller(now);
            let cx = group::context(caller, &subscription.view, now);
            records.missed(tx, &schema, &query, &cx).map(Some)
        })
        .await
}

/// What was missed cannot be told: the copy must be read anew, and live changes follow from here.
fn resync(hub: &Hub, subscription: &Arc<Subscription>, newest: u64) {
    // Live first: whoever reads the collection after the note misses nothing.
    hub.lives_from(subscription, newest);
    note(hub, subscription, "resync", newest);
}

fn note(hub: &Hub, subscription: &Subscription, action: &str, seq: u64) {
    let data = format!("{{\"action\":\"{action}\",\"seq\":{seq}}}");
    subscription.send(hub, Bytes::from(data));
}

impl Subscription {
    fn send(&self, hub: &Hub, data: Bytes) {
        let topic = Arc::clone(&self.topic.text);
        hub.send(&self.client, Frame { topic, data });
    }
}
