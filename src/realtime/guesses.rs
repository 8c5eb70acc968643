//! Who guesses at the ids of clients is slowed down: after so many misses nothing more is looked
//! up for that address until its minute is over.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;

use crate::clock::DateTime;

/// Misses that an address has in one window; a page that is loaded again and again has few.
const MAX_MISSES: u32 = 100;
const WINDOW: Duration = Duration::from_secs(60);
/// Addresses that are remembered.
const MAX_ADDRESSES: usize = 10_000;
/// Of an IPv6 address in full: the part that a network is given as a whole.
const NETWORK_V6: usize = "0000:0000:0000:0000".len();

/// Misses by address.
#[derive(Default)]
pub(super) struct Guesses(Mutex<HashMap<String, Misses>>);

struct Misses {
    count: u32,
    until: DateTime,
}

impl Guesses {
    /// Seconds that an address has to wait; `None` while it may ask.
    pub fn wait(&self, address: &str, now: DateTime) -> Option<u32> {
        let known = self.0.lock();
        let misses = known.get(network(address))?;
        if misses.count < MAX_MISSES || misses.until <= now {
            return None;
        }
        let ms = misses.until.unix_ms() - now.unix_ms();
        Some(u32::try_from(ms / 1000).unwrap_or(0) + 1)
    }

    /// Notes that an address named an id that is not there, or not its own.
    pub fn missed(&self, address: &str, now: DateTime) {
        let mut known = self.0.lock();
        if known.len() >= MAX_ADDRESSES && !known.contains_key(network(address)) {
            known.retain(|_, misses| misses.until > now);
            if known.len() >= MAX_ADDRESSES {
                // Whoever has so many addresses is not stopped by counting each of them.
                known.clear();
            }
        }
        let misses = known
            .entry(network(address).to_owned())
            .or_insert_with(|| Misses { count: 0, until: now.after(WINDOW) });
        if misses.until <= now {
            *misses = Misses { count: 0, until: now.after(WINDOW) };
        }
        misses.count = misses.count.saturating_add(1);
    }
}

fn network(address: &str) -> &str {
    match address.get(..NETWORK_V6) {
        Some(network) if address.contains(':') => network,
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime = DateTime::from_unix_ms(1_000_000);

    #[test]
    fn an_address_waits_until_its_minute_is_over() {
        let guesses = Guesses::default();
        for _ in 0..MAX_MISSES {
            assert_eq!(guesses.wait("192.0.2.1", NOW), None);
            guesses.missed("192.0.2.1", NOW);
        }
        let later = NOW.after(Duration::from_secs(20));
        assert_eq!(guesses.wait("192.0.2.1", later), Some(41));
        assert_eq!(guesses.wait("192.0.2.2", later), None);
        assert_eq!(guesses.wait("192.0.2.1", NOW.after(WINDOW)), None);
        guesses.missed("192.0.2.1", NOW.after(WINDOW));
        assert_eq!(guesses.wait("192.0.2.1", NOW.after(WINDOW)), None);
    }

    #[test]
    fn the_addresses_of_one_network_are_counted_together() {
        let guesses = Guesses::default();
        for i in 0..MAX_MISSES {
            let address = format!("2001:0db8:0000:0001:0000:0000:0000:{i:04x}");
            guesses.missed(&address, NOW);
        }
        let [same, other] =
            ["0001", "0002"].map(|network| format!("2001:0db8:0000:{network}:ffff:0000:0000:0001"));
        assert!(guesses.wait(&same, NOW).is_some());
        assert_eq!(guesses.wait(&other, NOW), None);
    }

    #[test]
    fn memory_is_bounded() {
        let guesses = Guesses::default();
        for i in 0..3 * MAX_ADDRESSES {
            guesses.missed(&format!("client {i}"), NOW);
            assert!(guesses.0.lock().len() <= MAX_ADDRESSES);
        }
    }
}
