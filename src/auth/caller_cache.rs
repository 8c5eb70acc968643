//! Remembers whose token a token is, for as long as nothing was written and no schema changed.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use parking_lot::Mutex;

use crate::clock::DateTime;
use crate::query::Caller;

/// Several locks, so that workers seldom wait for each other.
const SHARDS: usize = 16;
/// Tokens that one shard remembers.
const SHARD_SIZE: usize = 512;

/// How long an answer holds at most: a command beside the server may have changed the record, and
/// its commits are not counted here.
const MAX_AGE: Duration = Duration::from_secs(1);

/// What the answer to a token depends on besides the token itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Era {
    /// How many transactions the store had committed.
    pub commits: u64,
    /// The version of the schema.
    pub schema_version: u64,
}

/// Token -> caller, bounded.
pub(super) struct CallerCache {
    shards: [Mutex<HashMap<Box<str>, Entry>>; SHARDS],
    hasher: RandomState,
}

struct Entry {
    caller: Caller,
    expires: Option<DateTime>,
    found: DateTime,
    era: Era,
}

impl Entry {
    fn holds(&self, era: Era, now: DateTime) -> bool {
        let is_fresh = self.found <= now && now < self.found.after(MAX_AGE);
        self.era == era && is_fresh && self.expires.is_none_or(|end| end > now)
    }
}

impl Default for CallerCache {
    fn default() -> Self {
        Self { shards: Default::default(), hasher: RandomState::new() }
    }
}

impl CallerCache {
    /// The caller this token stood for, if that still holds.
    pub fn find(&self, token: &str, era: Era, now: DateTime) -> Option<Caller> {
        let shard = self.shard(token).lock();
        shard.get(token).filter(|entry| entry.holds(era, now)).map(|entry| entry.caller.clone())
    }

    /// Remembers what a token was found to stand for. `era` is the one *before* the store was read.
    pub fn remember(
        &self,
        token: &str,
        caller: Caller,
        expires: Option<DateTime>,
        era: Era,
        now: DateTime,
    ) {
        let mut shard = self.shard(token).lock();
        if shard.len() >= SHARD_SIZE {
            shard.retain(|_, entry| entry.holds(era, now));
        }
        if shard.len() >= SHARD_SIZE {
            shard.clear();
        }
        shard.insert(token.into(), Entry { caller, expires, found: now, era });
    }

    fn shard(&self, token: &str) -> &Mutex<HashMap<Box<str>, Entry>> {
        let hash = self.hasher.hash_one(token);
        &self.shards[(hash % SHARDS as u64) as usize]
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::query::AuthRecord;

    const NOW: DateTime = DateTime::from_unix_ms(1_700_000_000_000);
    const ERA: Era = Era { commits: 7, schema_version: 3 };

    fn caller() -> Caller {
        Caller::Record(Arc::new(AuthRecord { id: "a".into(), ..AuthRecord::default() }))
    }

    #[test]
    fn an_answer_holds_until_a_write_a_schema_change_or_its_end() {
        let cache = CallerCache::default();
        let end = NOW.after(Duration::from_secs(60));
        cache.remember("token", caller(), Some(end), ERA, NOW);
        assert!(cache.find("token", ERA, NOW).is_some_and(|c| c.record().is_some()));
        assert!(cache.find("other", ERA, NOW).is_none());
        assert!(cache.find("token", Era { commits: 8, ..ERA }, NOW).is_none());
        assert!(cache.find("token", Era { schema_version: 4, ..ERA }, NOW).is_none());
        assert!(cache.find("token", ERA, end).is_none());
    }

    #[test]
    fn an_answer_grows_old_for_the_sake_of_commands_beside_the_server() {
        let cache = CallerCache::default();
        cache.remember("token", caller(), None, ERA, NOW);
        assert!(cache.find("token", ERA, NOW.after(Duration::from_millis(999))).is_some());
        assert!(cache.find("token", ERA, NOW.after(MAX_AGE)).is_none());
    }

    #[test]
    fn it_never_grows_past_its_bound() {
        let cache = CallerCache::default();
        for i in 0..SHARDS * SHARD_SIZE * 3 {
            cache.remember(&format!("token {i}"), caller(), None, ERA, NOW);
        }
        let remembered: usize = cache.shards.iter().map(|shard| shard.lock().len()).sum();
        assert!(remembered <= SHARDS * SHARD_SIZE, "{remembered}");
        assert!(remembered > 0);
    }
}
