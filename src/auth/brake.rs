//! The brake on guessing passwords: after some failures whoever comes next has to wait, longer
//! each time. Nobody waits inside of the server, and nothing tells whether an identity exists.
//!
//! Failures are counted by identity and address together, which is strict, and by either alone,
//! which is lenient: nobody can keep others out of their account, nor an office out of all, for
//! more than moments. They are counted when they are known, so a burst gets as many tries as wait
//! for a hash at a time, and pays for all of them.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use parking_lot::Mutex;

use crate::clock::DateTime;
use crate::error::{Error, Kind, Result};
use crate::throttle::network_of_text;

const SHARDS: usize = 16;
/// Counters of one shard. Each stands for a password that was hashed.
const SHARD_SIZE: usize = 4096;
/// A counter is forgotten when it rests for so long.
const MEMORY: Duration = Duration::from_secs(15 * 60);

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Scope {
    Both,
    Identity,
    Address,
}

impl Scope {
    const ALL: [Self; 3] = [Self::Both, Self::Identity, Self::Address];

    /// Failures without a delay.
    fn free(self) -> u32 {
        match self {
            Self::Both => 10,
            Self::Identity => 100,
            Self::Address => 200,
        }
    }

    /// The longest delay; the first is a second, and each is twice the one before.
    fn longest(self) -> Duration {
        match self {
            Self::Both => Duration::from_secs(5 * 60),
            Self::Identity => Duration::from_secs(10),
            Self::Address => Duration::from_secs(60),
        }
    }

    fn delay(self, failures: u32) -> Duration {
        let Some(over) = failures.checked_sub(self.free()).filter(|over| *over > 0) else {
            return Duration::ZERO;
        };
        Duration::from_secs(1_u64 << (over - 1).min(32)).min(self.longest())
    }
}

#[derive(Clone, Copy)]
struct Counter {
    failures: u32,
    last: DateTime,
    until: DateTime,
}

impl Counter {
    fn is_remembered(&self, now: DateTime) -> bool {
        // A clock that was set back must not keep anybody out.
        self.last <= now && now < self.last.after(MEMORY)
    }
}

#[derive(Default)]
struct Shard {
    counters: HashMap<u64, Counter>,
    swept: Option<DateTime>,
}

/// Counts failures; bounded.
#[derive(Default)]
pub(super) struct Brake {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
}

/// Somebody who tries to sign in.
pub(super) struct Try<'a> {
    brake: &'a Brake,
    keys: [(Scope, u64); 3],
}

impl Brake {
    /// A try of `identity` from `address`.
    ///
    /// # Errors
    /// 429 while there were too many failures just now.
    pub fn begin(
        &self,
        collection: &str,
        identity: &str,
        address: &str,
        now: DateTime,
    ) -> Result<Try<'_>> {
        let (identity, network) = (identity.to_lowercase(), network_of_text(address));
        let keys = Scope::ALL.map(|scope| {
            let (identity, network) = match scope {
                Scope::Both => (identity.as_str(), network.as_str()),
                Scope::Identity => (identity.as_str(), ""),
                Scope::Address => ("", network.as_str()),
            };
            // One address guesses in all collections.
            let collection = if scope == Scope::Address { "" } else { collection };
            (scope, self.hasher.hash_one((scope, collection, identity, network)))
        });
        let waits = keys.iter().filter_map(|(_, key)| {
            let counter = self.shard(*key).lock().counters.get(key).copied()?;
            let ms = counter.until.unix_ms().saturating_sub(now.unix_ms());
            (counter.is_remembered(now) && ms > 0).then_some(ms)
        });
        match waits.max() {
            None => Ok(Try { brake: self, keys }),
            Some(ms) => {
                let secs = u32::try_from((ms + 999) / 1000).unwrap_or(u32::MAX);
                let kind = Kind::TooMany { retry_after_secs: secs };
                Err(Error::new(kind, "Too many failed sign-ins, please try again later."))
            }
        }
    }

    fn shard(&self, key: u64) -> &Mutex<Shard> {
        &self.shards[(key % SHARDS as u64) as usize]
    }
}

impl Try<'_> {
    /// The password was wrong, or there is nobody.
    pub fn failed(self, now: DateTime) {
        for (scope, key) in self.keys {
            let mut shard = self.brake.shard(key).lock();
            shard.make_room(now);
            let is_full = shard.counters.len() >= SHARD_SIZE;
            let known = shard.counters.get(&key).copied().filter(|c| c.is_remembered(now));
            if known.is_none() && is_full && !shard.counters.contains_key(&key) {
                continue;
            }
            let failures = known.map_or(0, |counter| counter.failures).saturating_add(1);
            let until = now.after(scope.delay(failures));
            shard.counters.insert(key, Counter { failures, last: now, until });
        }
    }

    /// The password was right: who knows it may forget it again.
    pub fn succeeded(self) {
        for (_, key) in self.keys.into_iter().filter(|(scope, _)| *scope == Scope::Both) {
            self.brake.shard(key).lock().counters.remove(&key);
        }
    }
}

impl Shard {
    fn make_room(&mut self, now: DateTime) {
        let is_due =
            self.swept.is_none_or(|at| now < at || at.after(Duration::from_secs(1)) <= now);
        if self.counters.len() >= SHARD_SIZE && is_due {
            self.counters.retain(|_, counter| counter.is_remembered(now));
            self.swept = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime = DateTime::from_unix_ms(1_700_000_000_000);

    fn fail(brake: &Brake, identity: &str, address: &str, now: DateTime) -> u32 {
        match brake.begin("users", identity, address, now) {
            Ok(attempt) => {
                attempt.failed(now);
                0
            }
            Err(error) => match error.kind() {
                Kind::TooMany { retry_after_secs } => retry_after_secs,
                kind => panic!("{kind:?}"),
            },
        }
    }

    fn later(secs: u64) -> DateTime {
        NOW.after(Duration::from_secs(secs))
    }

    #[test]
    fn delays_begin_after_ten_failures_and_double() {
        let brake = Brake::default();
        for _ in 0..11 {
            assert_eq!(fail(&brake, "Ada", "10.0.0.1", NOW), 0);
        }
        assert_eq!(fail(&brake, "aDA", "10.0.0.1", NOW), 1);
        assert_eq!(fail(&brake, "ada", "10.0.0.1", later(1)), 0);
        assert_eq!(fail(&brake, "ada", "10.0.0.1", later(1)), 2);
        let mut now = later(3);
        for _ in 0..20 {
            assert_eq!(fail(&brake, "ada", "10.0.0.1", now), 0);
            now = now.after(Duration::from_secs(300));
        }
        // Others, and the same person elsewhere, notice nothing.
        assert_eq!(fail(&brake, "bob", "10.0.0.1", NOW), 0);
        assert_eq!(fail(&brake, "ada", "10.0.0.2", NOW), 0);
        assert_eq!(fail(&brake, "ada", "10.0.0.1", now.after(MEMORY)), 0);
        assert_eq!(fail(&brake, "ada", "10.0.0.1", now.after(MEMORY)), 0, "it begins anew");
    }

    #[test]
    fn who_guesses_from_everywhere_delays_the_owner_for_moments_only() {
        let brake = Brake::default();
        for i in 0..1000 {
            fail(&brake, "ada", &format!("10.0.{}.{}", i / 250, i % 250), later(i * 11));
        }
        let wait = fail(&brake, "ada", "10.9.9.9", later(999 * 11));
        assert!((1..=10).contains(&wait), "{wait}");
        assert_eq!(fail(&brake, "ada", "10.9.9.9", later(1000 * 11)), 0);
    }

    #[test]
    fn one_address_cannot_try_everybody() {
        let brake = Brake::default();
        let tries = (0..1000).filter(|i| {
            let address = format!("2001:db8:0:1::{i:x}");
            fail(&brake, &format!("user {i}"), &address, NOW) == 0
        });
        assert_eq!(tries.count(), 201);
        assert_eq!(fail(&brake, "ada", "2001:db8:0:2::1", NOW), 0);
    }

    #[test]
    fn a_right_password_clears_what_its_owner_mistyped() {
        let brake = Brake::default();
        for _ in 0..5 {
            for _ in 0..10 {
                assert_eq!(fail(&brake, "ada", "10.0.0.1", NOW), 0);
            }
            brake.begin("users", "ada", "10.0.0.1", NOW).ok().unwrap().succeeded();
        }
    }

    #[test]
    fn it_stays_within_its_bound_and_recovers() {
        let brake = Brake::default();
        for i in 0..SHARDS * SHARD_SIZE {
            fail(&brake, &format!("user {i}"), &format!("10.{}.{}.1", i >> 8, i & 255), NOW);
        }
        let kept: usize = brake.shards.iter().map(|shard| shard.lock().counters.len()).sum();
        assert!(kept <= SHARDS * SHARD_SIZE, "{kept}");
        let now = NOW.after(MEMORY);
        for _ in 0..11 {
            assert_eq!(fail(&brake, "ada", "192.168.0.1", now), 0);
        }
        assert_eq!(fail(&brake, "ada", "192.168.0.1", now), 1);
    }
}
