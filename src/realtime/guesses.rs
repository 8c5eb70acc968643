//! Who guesses at the ids of clients is slowed down: after so many misses nothing more is looked
//! up for that address until its minute is over.

use std::time::Duration;

use crate::clock::DateTime;
use crate::throttle::{Throttle, network_of_text};

/// Misses that an address has in one window; a page that is loaded again and again has few.
const MAX_MISSES: u64 = 100;
const WINDOW: Duration = Duration::from_secs(60);

/// Misses by address.
#[derive(Default)]
pub(super) struct Guesses(Throttle);

impl Guesses {
    /// Seconds that an address has to wait; `None` while it may ask.
    pub fn wait(&self, address: &str, now: DateTime) -> Option<u32> {
        let left = self.0.wait(network_of_text(address), MAX_MISSES, now)?;
        Some(u32::try_from(left.as_secs()).unwrap_or(0) + 1)
    }

    /// Notes that an address named an id that is not there, or not its own.
    pub fn missed(&self, address: &str, now: DateTime) {
        // It is `wait` that tells when there were too many.
        let _ = self.0.count(network_of_text(address), MAX_MISSES, WINDOW, now);
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
}
