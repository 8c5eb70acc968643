//! The thread that tells followers of changes, one after the other, in the order of the commits.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::thread;

use crate::changes::{Changes, Event, Feed, STEP, Told};
use crate::config::KeptChanges;
use crate::faults;
use crate::realtime::group;
use crate::realtime::hub::Hub;
use crate::store::Cost;

/// See the module.
pub(super) struct Dispatcher {
    hub: Weak<Hub>,
    /// The schema under which the sign-ins of clients were last checked.
    schema_version: u64,
    changes: Changes,
    keep: KeptChanges,
    /// Changes since the log was last trimmed.
    untrimmed: usize,
}

impl Dispatcher {
    pub fn new(hub: Weak<Hub>, changes: Changes, keep: KeptChanges) -> Self {
        Self { hub, schema_version: 0, changes, keep, untrimmed: 0 }
    }

    /// Runs until the feed ends or the hub is gone.
    pub fn start(mut self, feed: Feed) -> std::io::Result<()> {
        thread::Builder::new().name("realtime".to_owned()).spawn(move || {
            while let Some(told) = feed.next() {
                let Some(hub) = self.hub.upgrade() else { return };
                let work = AssertUnwindSafe(|| match told {
                    Told::Change(event) => {
                        // Nothing here has an error to give.
                        let _ = faults::pass("realtime::tell");
                        self.tell(&hub, &event);
                        self.trim(&hub);
                    }
                    Told::Gap => hub.cut_all(),
                });
                if catch_unwind(work).is_err() {
                    tracing::error!("realtime panicked over a change");
                    // It may be told to some, and sign-ins that it ended may be open still.
                    hub.cut_all();
                }
            }
        })?;
        Ok(())
    }

    fn tell(&mut self, hub: &Hub, event: &Event) {
        self.keep_up_with_schema(hub);
        // First: who lost the sign-in with this change sees it as a guest.
        if event.image.collection.auth().is_some() {
            follow_sign_ins(hub, event);
        }
        let now = hub.clock.now();
        let followers = hub.followers(event);
        let groups = group::groups(followers, &event.image, now);
        if !groups.is_empty() {
            match group::shown(hub, event, &groups) {
                Ok(shown) => {
                    for (group, record) in groups.iter().zip(shown) {
                        if let Some(record) = record {
                            group.tell(hub, event, &record);
                        }
                    }
                }
                Err(error) => {
                    tracing::error!(%error, ?event, "followers were not told of a change");
                    hub.cut_all();
                }
            }
        }
    }

    /// Takes away as much of the log as comes in, a step at a time.
    fn trim(&mut self, hub: &Hub) {
        self.untrimmed += 1;
        if self.untrimmed < STEP {
            return;
        }
        self.untrimmed = 0;
        let (changes, keep) = (self.changes.clone(), self.keep);
        if let Err(error) = hub.store.write_blocking(move |tx| changes.trim(tx, keep)) {
            tracing::warn!(%error, "the change log could not be trimmed");
        }
    }

    /// A change of the schema may end sign-ins: by another secret, or with their collection.
    fn keep_up_with_schema(&mut self, hub: &Hub) {
        let schema = hub.schema.load();
        if schema.version() == self.schema_version {
            return;
        }
        self.schema_version = schema.version();
        let now = hub.clock.now();
        for client in hub.signed_in() {
            let (standing, schema) = (client.standing.lock().clone(), Arc::clone(&schema));
            let check = move |tx: &crate::store::Tx<'_>| standing.under(tx, &schema, now);
            match hub.store.read_blocking(Cost::Bounded, check) {
                Ok(standing) => *client.standing.lock() = standing,
                Err(error) => {
                    tracing::warn!(%error, "a sign-in could not be checked; it ends");
                    *client.standing.lock() = crate::auth::Standing::default();
                }
            }
        }
    }
}

/// Clients whose own record changed stand for what it is now, or for nobody.
fn follow_sign_ins(hub: &Hub, event: &Event) {
    let now = hub.clock.now();
    for client in hub.signed_in() {
        let mut standing = client.standing.lock();
        if let Some(after) = standing.after(event, now) {
            *standing = after;
        }
    }
}
