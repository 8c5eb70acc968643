//! What rule and filter of a subscription come to for its caller, kept from one change to the next.

use std::sync::Arc;

use crate::changes::Image;
use crate::clock::DateTime;
use crate::query::{Caller, Predicate};
use crate::realtime::group::context;
use crate::realtime::hub::{Hub, Subscription};

/// Conditions, and for what they were made.
pub(super) struct Compiled {
    schema: u64,
    collection: String,
    caller: Caller,
    conditions: Conditions,
}

/// `None` where nothing can be seen.
pub(super) type Conditions = Option<Arc<Vec<Predicate>>>;

impl Compiled {
    fn is_for(&self, image: &Image, caller: &Caller) -> bool {
        self.schema == image.schema.version()
            && self.collection == image.collection.id
            && is_same(&self.caller, caller)
    }
}

/// The same sign-in, not only the same record: what is known of it may have changed.
fn is_same(a: &Caller, b: &Caller) -> bool {
    match (a, b) {
        (Caller::Guest, Caller::Guest) => true,
        (Caller::Record(a), Caller::Record(b)) | (Caller::Superuser(a), Caller::Superuser(b)) => {
            Arc::ptr_eq(a, b)
        }
        _ => false,
    }
}

impl Subscription {
    /// The conditions that rule and filter set for `caller` on the records of the image's
    /// collection.
    pub fn conditions(
        &self,
        hub: &Hub,
        image: &Image,
        caller: &Caller,
        now: DateTime,
    ) -> Conditions {
        let mut kept = self.compiled.lock();
        if let Some(compiled) = kept.as_ref().filter(|compiled| compiled.is_for(image, caller)) {
            return compiled.conditions.clone();
        }
        let (slot, filter) = (self.topic.slot(), self.view.filter.as_str());
        let cx = context(caller.clone(), &self.view, now);
        let conditions = hub.records.conditions(image, slot, filter, &cx).map(Arc::new);
        let rule = image.collection.rule(slot).unwrap_or_default();
        *kept = (is_timeless(rule) && is_timeless(filter)).then(|| Compiled {
            schema: image.schema.version(),
            collection: image.collection.id.clone(),
            caller: caller.clone(),
            conditions: conditions.clone(),
        });
        conditions
    }
}

/// True when no macro of time is in it, such as `@now`.
fn is_timeless(text: &str) -> bool {
    text.split('@')
        .skip(1)
        .all(|rest| ["request.", "collection."].iter().any(|k| rest.starts_with(k)))
}

/// True when other records, which may go with this one, may decide.
pub(super) fn looks_elsewhere(text: &str) -> bool {
    text.contains("@collection") || text.replace("@request.auth.id", "").contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macros_of_time_are_noticed() {
        for text in ["", "a = 1", "owner = @request.auth.id", "@collection.a.b ?= id"] {
            assert!(is_timeless(text), "{text}");
        }
        for text in ["at < @now", "@request.auth.id != \"\" && at > @todayStart", "a ~ \"x@y\""] {
            assert!(!is_timeless(text), "{text}");
        }
    }

    #[test]
    fn paths_lead_elsewhere() {
        for text in ["", "a = 1", "owner = @request.auth.id"] {
            assert!(!looks_elsewhere(text), "{text}");
        }
        for text in ["team.open = true", "@request.auth.name = a", "@collection.a.b ?= id"] {
            assert!(looks_elsewhere(text), "{text}");
        }
    }
}
