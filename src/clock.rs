//! Time: the only file that asks the system what time it is. Everything else is handed a [`Clock`].

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

const EPOCH: jiff::civil::DateTime = jiff::civil::datetime(1970, 1, 1, 0, 0, 0, 0);

/// A moment in UTC, to the millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime {
    unix_ms: i64,
}

impl DateTime {
    /// From milliseconds since 1970.
    pub const fn from_unix_ms(unix_ms: i64) -> Self {
        Self { unix_ms }
    }

    /// Milliseconds since 1970.
    pub const fn unix_ms(self) -> i64 {
        self.unix_ms
    }

    /// Whole seconds since 1970.
    pub const fn unix_secs(self) -> i64 {
        self.unix_ms.div_euclid(1000)
    }

    /// This moment and `duration` more.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        let ms = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self { unix_ms: self.unix_ms.saturating_add(ms) }
    }

    /// The moment as a calendar sees it, in UTC.
    pub fn civil(self) -> jiff::civil::DateTime {
        match jiff::Timestamp::from_millisecond(self.unix_ms) {
            Ok(timestamp) => timestamp.to_zoned(jiff::tz::TimeZone::UTC).datetime(),
            // A timestamp leaves room for zones at both ends; the calendar goes on for two days.
            Err(_) => {
                let span = jiff::Span::new().try_milliseconds(self.unix_ms).unwrap_or_default();
                EPOCH.saturating_add(span)
            }
        }
    }

    /// From a time of the system, such as a file has.
    pub fn from_system(time: std::time::SystemTime) -> Self {
        let since = time.duration_since(std::time::UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Self { unix_ms: i64::try_from(since.as_millis()).unwrap_or(i64::MAX) }
    }

    /// From a calendar's date and time in UTC.
    pub fn from_civil(civil: jiff::civil::DateTime) -> Self {
        let ms = civil.duration_since(EPOCH).as_millis();
        Self { unix_ms: i64::try_from(ms).unwrap_or(i64::MAX) }
    }
}

/// `2006-01-02 15:04:05.000Z`, the form of the wire and of the disk (contract §1.7).
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let c = self.civil();
        write!(
            f,
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03}Z",
            c.year(),
            c.month(),
            c.day(),
            c.hour(),
            c.minute(),
            c.second(),
            c.millisecond()
        )
    }
}

/// Where the time comes from: the system, or a test's hand.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    offset_ms: Arc<AtomicI64>,
}

impl Clock {
    /// The system's time.
    pub fn system() -> Self {
        Self::default()
    }

    /// Now.
    #[expect(clippy::disallowed_methods, reason = "the home of the system's clock")]
    pub fn now(&self) -> DateTime {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        let ms = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        DateTime { unix_ms: ms.saturating_add(self.offset_ms.load(Ordering::Relaxed)) }
    }

    /// Moves this clock, and all its clones, ahead.
    pub fn advance(&self, by: Duration) {
        let ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.offset_ms.fetch_add(ms, Ordering::Relaxed);
    }
}

/// A stopwatch for spans of time that have no calendar, such as how long a request took.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch {
    started: std::time::Instant,
}

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "the home of the system's clock")]
    pub fn start() -> Self {
        Self { started: std::time::Instant::now() }
    }

    /// How long ago it was started.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_form_has_milliseconds_and_a_z() {
        assert_eq!(
            DateTime::from_unix_ms(1_700_000_000_123).to_string(),
            "2023-11-14 22:13:20.123Z"
        );
        assert_eq!(DateTime::from_unix_ms(0).to_string(), "1970-01-01 00:00:00.000Z");
        let last = DateTime::from_unix_ms(253_402_300_799_999);
        assert_eq!(last.to_string(), "9999-12-31 23:59:59.999Z");
        assert_eq!(DateTime::from_civil(last.civil()), last);
    }

    #[test]
    fn a_clone_moves_with_its_clock() {
        let clock = Clock::system();
        let before = clock.clone().now();
        clock.clone().advance(Duration::from_secs(3600));
        assert!(clock.now().unix_secs() - before.unix_secs() >= 3600);
    }
}
