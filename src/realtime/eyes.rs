//! Looks at records before they are deleted, while what they relate to is still there.

use std::any::Any;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;

use crate::changes::{Before, Image, Witness};
use crate::clock::Stopwatch;
use crate::realtime::group::{self, Key, Outlook, Shown};
use crate::realtime::hub::Hub;
use crate::realtime::topic::View;
use crate::records::Look;

/// The writer waits while a delete is looked at: no more of each second than this is spent so.
const BUDGET: Duration = Duration::from_millis(100);
const SECOND: Duration = Duration::from_secs(1);

/// What was found out about a delete before it happened.
#[derive(Default)]
pub(super) struct Witnessed {
    /// What those groups may see of it whose answer needs more than the record. A key names a view
    /// by its address, so the view stays.
    pub known: HashMap<Key, (Arc<View>, Shown)>,
    /// There was no time for all of them.
    pub is_partial: bool,
}

/// See the module.
pub(super) struct Eyes {
    hub: Weak<Hub>,
    spent: Mutex<Spent>,
}

/// Time that went by looking, of the second that began with the stopwatch.
struct Spent {
    since: Stopwatch,
    time: Duration,
}

impl Eyes {
    pub fn new(hub: Weak<Hub>) -> Self {
        let spent = Spent { since: Stopwatch::start(), time: Duration::ZERO };
        Self { hub, spent: Mutex::new(spent) }
    }

    /// Reads see what is committed: the record, and all it relates to.
    fn look(&self, hub: &Hub, image: &Image) -> Option<Witnessed> {
        let now = hub.clock.now();
        let groups = group::groups(hub.followers_elsewhere(image), image, now);
        if groups.is_empty() {
            return None;
        }
        let mut spent = self.spent.lock();
        if spent.since.elapsed() >= SECOND {
            *spent = Spent { since: Stopwatch::start(), time: Duration::ZERO };
        }
        let watch = Stopwatch::start();
        let mut seen = Witnessed::default();
        for group in groups {
            let Outlook::Open(conditions) = group.outlook(hub, image) else { continue };
            if spent.time + watch.elapsed() > BUDGET {
                seen.is_partial = true;
                break;
            }
            let (cx, view) = (group.context(), Arc::clone(group.view()));
            let answer = hub.store.read_at_once(BUDGET, |tx| {
                group::ask(tx, &hub.records, image, Look::Stored, &conditions, &view, &cx)
            });
            match answer {
                Some(Ok(shown)) => drop(seen.known.insert(group.key, (view, shown))),
                _ => seen.is_partial = true,
            }
        }
        spent.time += watch.elapsed();
        Some(seen)
    }
}

impl Witness for Eyes {
    fn listens(&self) -> bool {
        self.hub.upgrade().is_some_and(|hub| hub.count.load(Ordering::Acquire) > 0)
    }

    fn before_delete(&self, image: &Image) -> Option<Box<dyn Any + Send>> {
        let hub = self.hub.upgrade()?;
        // Trouble here must not keep a record from being deleted.
        let seen = catch_unwind(AssertUnwindSafe(|| self.look(&hub, image)));
        let seen = seen.unwrap_or_else(|_| {
            tracing::error!("realtime panicked over a delete");
            Some(Witnessed { is_partial: true, ..Witnessed::default() })
        });
        seen.map(|seen| Box::new(seen) as Box<dyn Any + Send>)
    }

    fn committed(&self, image: &Image) -> Before {
        let Some(hub) = self.hub.upgrade() else { return Before::Unknown };
        let read = hub.store.read_at_once(BUDGET, |tx| {
            let stored = hub.records.stored(tx, &image.collection, &image.id)?;
            Ok(stored.map(crate::records::Record::into_values))
        });
        match read {
            Some(Ok(Some(values))) => Before::Row(values),
            Some(Ok(None)) => Before::Nothing,
            _ => Before::Unknown,
        }
    }
}
