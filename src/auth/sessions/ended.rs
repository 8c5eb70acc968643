//! Tells connections that stay open of the end of their session, at the commit that ends it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

/// Sessions of which somebody waits for the end.
#[derive(Default)]
pub(in crate::auth) struct Ended(Mutex<Watched>);

#[derive(Default)]
struct Watched {
    flags: HashMap<String, Weak<AtomicBool>>,
    /// How many there may be before those are swept that nobody waits for any more.
    limit: usize,
}

/// Tells whether one session has ended since it was made.
#[derive(Clone)]
pub(in crate::auth) struct Watch(Arc<AtomicBool>);

impl Watch {
    pub fn has_ended(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Ended {
    /// Waits for the end of a session. Whether it is open now is to be asked after this.
    pub fn watch(&self, session_id: &str) -> Watch {
        let mut watched = self.0.lock();
        if let Some(flag) = watched.flags.get(session_id).and_then(Weak::upgrade) {
            return Watch(flag);
        }
        if watched.flags.len() >= watched.limit {
            watched.flags.retain(|_, flag| flag.strong_count() > 0);
            watched.limit = 2 * watched.flags.len() + 64;
        }
        let flag = Arc::new(AtomicBool::new(false));
        watched.flags.insert(session_id.to_owned(), Arc::downgrade(&flag));
        Watch(flag)
    }

    /// The session is over, and that is committed.
    pub fn end(&self, session_id: &str) {
        if let Some(flag) = self.0.lock().flags.remove(session_id).and_then(|f| f.upgrade()) {
            flag.store(true, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_is_told_and_who_left_is_forgotten() {
        let ended = Ended::default();
        let (one, same, other) = (ended.watch("a"), ended.watch("a"), ended.watch("b"));
        ended.end("a");
        assert!(one.has_ended() && same.has_ended() && !other.has_ended());
        assert!(!ended.watch("a").has_ended(), "whether it is open, the store knows");
        for i in 0..10_000 {
            drop(ended.watch(&format!("session {i}")));
        }
        assert!(ended.0.lock().flags.len() < 200);
        ended.end("b");
        assert!(other.has_ended());
    }
}
