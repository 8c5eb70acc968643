//! Counts what happens in windows of time, in memory that does not grow with who asks.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::time::Duration;

use parking_lot::Mutex;

use crate::clock::DateTime;

/// Several locks, so that workers seldom wait for each other.
const SHARDS: usize = 16;
/// Windows that one shard remembers: 16 × 8192 of 40 bytes are 5 MiB.
const SHARD_SIZE: usize = 8192;

/// Counts by key. A window opens with the first count and is closed for good when its time is over.
#[derive(Debug)]
pub struct Throttle {
    shards: [Mutex<HashMap<u64, Window>>; SHARDS],
    hasher: RandomState,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    opened: DateTime,
    ends: DateTime,
    count: u64,
}

impl Window {
    fn open(now: DateTime, span: Duration) -> Self {
        Self { opened: now, ends: now.after(span), count: 0 }
    }

    /// False, too, for one that a clock that was set back leaves in the future.
    fn is_open(&self, now: DateTime) -> bool {
        self.opened <= now && now < self.ends
    }

    fn left(&self, now: DateTime) -> Duration {
        Duration::from_millis(self.ends.unix_ms().abs_diff(now.unix_ms()))
    }
}

impl Default for Throttle {
    fn default() -> Self {
        Self { shards: Default::default(), hasher: RandomState::new() }
    }
}

impl Throttle {
    /// Counts one more for `key` unless there were `max` in its window, which lasts for `span`.
    ///
    /// # Errors
    /// There were `max` already: how long the window stays open.
    pub fn count(
        &self,
        key: impl Hash,
        max: u64,
        span: Duration,
        now: DateTime,
    ) -> Result<(), Duration> {
        let key = self.hasher.hash_one(key);
        let mut shard = self.shards[(key % SHARDS as u64) as usize].lock();
        if shard.len() >= SHARD_SIZE && !shard.contains_key(&key) {
            make_room(&mut shard, now);
        }
        let window = shard.entry(key).or_insert_with(|| Window::open(now, span));
        if !window.is_open(now) {
            *window = Window::open(now, span);
        }
        if window.count >= max {
            return Err(window.left(now));
        }
        window.count += 1;
        Ok(())
    }

    /// For how long nothing more is counted for `key`; `None` while there were fewer than `max`.
    pub fn wait(&self, key: impl Hash, max: u64, now: DateTime) -> Option<Duration> {
        let key = self.hasher.hash_one(key);
        let shard = self.shards[(key % SHARDS as u64) as usize].lock();
        let window = shard.get(&key).filter(|window| window.is_open(now) && window.count >= max)?;
        Some(window.left(now))
    }
}

/// What counts as one address: of IPv6 the network (/64), which is given as a whole.
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() >> 64 << 64).into()),
        v4 => v4,
    }
}

/// As [`network_of`]; what is no address stays as it is.
pub fn network_of_text(address: &str) -> String {
    let network = address.parse().map(|address| network_of(address).to_string());
    network.unwrap_or_else(|_| address.to_owned())
}

/// Drops what is over. Where all are open still, a quarter goes, those with the least counts: they
/// say least. With one at a time, each of many new addresses would cost a look at the whole shard.
fn make_room(shard: &mut HashMap<u64, Window>, now: DateTime) {
    shard.retain(|_, window| window.is_open(now));
    if shard.len() < SHARD_SIZE {
        return;
    }
    let mut counts: Vec<u64> = shard.values().map(|window| window.count).collect();
    let mut quota = counts.len() / 4;
    let (_, most, _) = counts.select_nth_unstable(quota);
    let most = *most;
    shard.retain(|_, window| {
        let stays = quota == 0 || window.count > most;
        quota -= usize::from(!stays);
        stays
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_window_opens_with_the_first_and_ends_for_all() {
        let throttle = Throttle::default();
        let start = DateTime::from_unix_ms(1_700_000_000_000);
        let at = |seconds: u64| start.after(Duration::from_secs(seconds));
        assert_eq!(throttle.count("a", 2, MINUTE, at(0)), Ok(()));
        assert_eq!(throttle.count("a", 2, MINUTE, at(50)), Ok(()));
        assert_eq!(throttle.count("a", 2, MINUTE, at(59)), Err(Duration::from_secs(1)));
        assert_eq!(throttle.count("b", 2, MINUTE, at(59)), Ok(()));
        assert_eq!(throttle.wait("a", 2, at(59)), Some(Duration::from_secs(1)));
        assert_eq!(throttle.wait("a", 3, at(59)), None);
        assert_eq!(throttle.wait("a", 1, at(60)), None);
        assert_eq!(throttle.count("a", 2, MINUTE, at(60)), Ok(()));
        assert!(throttle.wait("a", 1, at(60)).is_some());
        // The clock was set back: what is in the future counts no more.
        assert_eq!(throttle.wait("a", 1, at(10)), None);
        assert_eq!(throttle.count("a", 1, MINUTE, at(10)), Ok(()));
    }

    #[test]
    fn it_keeps_within_its_memory_and_does_not_forget_who_asked_most() {
        let throttle = Throttle::default();
        let now = DateTime::from_unix_ms(1_700_000_000_000);
        for _ in 0..5 {
            throttle.count("often", 5, MINUTE, now).unwrap();
        }
        // A flood from so many addresses that each is new.
        for i in 0..1_000_000 {
            throttle.count(i, 5, MINUTE, now).unwrap();
        }
        let kept: usize = throttle.shards.iter().map(|shard| shard.lock().len()).sum();
        assert!(kept <= SHARDS * SHARD_SIZE, "{kept}");
        assert!(throttle.count("often", 5, MINUTE, now).is_err());
    }

    #[test]
    fn who_has_one_address_of_a_network_has_them_all() {
        let same = |a: &str, b: &str| network_of_text(a) == network_of_text(b);
        assert!(same("2001:db8::1", "2001:0db8:0000:0000:0000:0000:ffff:0002"));
        assert!(!same("2001:db8::1", "2001:db8:0:1::1"));
        assert!(!same("10.0.0.1", "10.0.0.2"));
        assert!(same("::ffff:10.0.0.1", "10.0.0.1"));
        assert_eq!(network_of_text("no address"), "no address");
    }
}
