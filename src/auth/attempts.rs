//! Counts tries to guess a code, by the record and by the address they come from.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;

use crate::clock::DateTime;
use crate::error::{Error, Kind, Result};

/// The time over which tries are counted.
const WINDOW: Duration = Duration::from_secs(180);
/// Tries of one record from one address.
const PER_PLACE: u32 = 5;
/// Tries of one record from everywhere: addresses are cheap.
const PER_RECORD: u32 = 50;
/// Counters that are kept. Each of them stands for a code that was checked, and no machine checks
/// as many within the window.
const MOST: usize = 65_536;

/// How often counters that ran out are looked for, once there is no room.
const SWEEP: Duration = Duration::from_secs(1);

/// Tries within a window; bounded.
#[derive(Default)]
pub(super) struct Attempts {
    counters: Mutex<Counters>,
}

#[derive(Default)]
struct Counters {
    by_key: HashMap<String, Counter>,
    swept: Option<DateTime>,
}

struct Counter {
    tries: u32,
    since: DateTime,
}

impl Counter {
    fn runs(&self, now: DateTime) -> bool {
        self.since <= now && now < self.since.after(WINDOW)
    }
}

impl Counters {
    fn make_room(&mut self, now: DateTime) {
        let is_due = self.swept.is_none_or(|swept| now < swept || swept.after(SWEEP) <= now);
        if self.by_key.len() + 2 > MOST && is_due {
            self.by_key.retain(|_, counter| counter.runs(now));
            self.swept = Some(now);
        }
    }
}

impl Attempts {
    /// Counts a try, the right one too.
    ///
    /// # Errors
    /// 429 with `message` where there were too many.
    pub fn take(
        &self,
        record: &str,
        address: &str,
        now: DateTime,
        message: &'static str,
    ) -> Result<()> {
        let mut counters = self.counters.lock();
        counters.make_room(now);
        let counters = &mut counters.by_key;
        let place = format!("{record}/{address}");
        let mut is_free = counters.len() + 2 <= MOST;
        for (key, most) in [(place.as_str(), PER_PLACE), (record, PER_RECORD)] {
            let counter = counters.get(key).filter(|counter| counter.runs(now));
            is_free &= counter.is_none_or(|counter| counter.tries < most);
        }
        if !is_free {
            let left = WINDOW.as_secs().try_into().unwrap_or(u32::MAX);
            return Err(Error::new(Kind::TooMany { retry_after_secs: left }, message));
        }
        for key in [place, record.to_owned()] {
            let counter = counters.entry(key).or_insert(Counter { tries: 0, since: now });
            if !counter.runs(now) {
                *counter = Counter { tries: 0, since: now };
            }
            counter.tries += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime = DateTime::from_unix_ms(1_700_000_000_000);

    fn take(attempts: &Attempts, record: &str, address: &str, now: DateTime) -> bool {
        attempts.take(record, address, now, "Too many.").is_ok()
    }

    #[test]
    fn five_tries_of_a_record_from_an_address_and_then_three_minutes_of_rest() {
        let attempts = Attempts::default();
        for _ in 0..5 {
            assert!(take(&attempts, "ada", "10.0.0.1", NOW));
        }
        assert!(!take(&attempts, "ada", "10.0.0.1", NOW));
        assert!(take(&attempts, "ada", "10.0.0.2", NOW));
        assert!(take(&attempts, "bob", "10.0.0.1", NOW));
        let almost = NOW.after(Duration::from_millis(179_999));
        assert!(!take(&attempts, "ada", "10.0.0.1", almost));
        assert!(take(&attempts, "ada", "10.0.0.1", NOW.after(WINDOW)));
    }

    #[test]
    fn many_addresses_do_not_help() {
        let attempts = Attempts::default();
        let tries = (0..1000).filter(|i| take(&attempts, "ada", &format!("2001::{i:x}"), NOW));
        assert_eq!(tries.count(), 50);
    }

    #[test]
    fn it_stays_within_its_bound_and_recovers() {
        let attempts = Attempts::default();
        for i in 0..MOST {
            take(&attempts, &i.to_string(), "", NOW);
        }
        assert!(attempts.counters.lock().by_key.len() <= MOST);
        assert!(!take(&attempts, "ada", "10.0.0.1", NOW), "closed rather than forgetful");
        assert!(take(&attempts, "ada", "10.0.0.1", NOW.after(WINDOW)));
    }
}
