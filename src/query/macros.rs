//! The words that stand for a moment or a part of it: `@now`, `@year`, … (contract §2.3).
//! All are read from the one moment the request began, in UTC.

use std::time::Duration;

use jiff::civil::{DateTime as Civil, Time};

use crate::clock::DateTime;
use crate::sql::Value;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The value of a macro; `None` when there is none of this name.
pub(super) fn value(name: &str, now: DateTime) -> Option<Value> {
    let civil = now.civil();
    let part = |number: i8| Some(Value::Int(number.into()));
    match name.strip_prefix('@')? {
        "now" => text(now),
        "yesterday" => text(DateTime::from_unix_ms(now.unix_ms().saturating_sub(DAY_MS))),
        "tomorrow" => text(now.after(Duration::from_millis(DAY_MS.unsigned_abs()))),
        "todayStart" => text(start(civil)),
        "todayEnd" => text(end(civil)),
        "monthStart" => text(start(civil.first_of_month())),
        "monthEnd" => text(end(civil.last_of_month())),
        "yearStart" => text(start(civil.first_of_year())),
        "yearEnd" => text(end(civil.last_of_year())),
        "second" => part(civil.second()),
        "minute" => part(civil.minute()),
        "hour" => part(civil.hour()),
        "day" => part(civil.day()),
        "month" => part(civil.month()),
        "weekday" => part(civil.weekday().to_sunday_zero_offset()),
        "year" => Some(Value::Int(civil.year().into())),
        _ => None,
    }
}

fn text(moment: DateTime) -> Option<Value> {
    Some(Value::Text(moment.to_string()))
}

fn start(civil: Civil) -> DateTime {
    DateTime::from_civil(civil.date().to_datetime(Time::midnight()))
}

fn end(civil: Civil) -> DateTime {
    DateTime::from_civil(civil.date().at(23, 59, 59, 999_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macros_are_parts_of_one_moment() {
        // Tuesday 2023-11-14 22:13:20.123 UTC
        let now = DateTime::from_unix_ms(1_700_000_000_123);
        for (name, expected) in [
            ("@now", Value::from("2023-11-14 22:13:20.123Z")),
            ("@yesterday", "2023-11-13 22:13:20.123Z".into()),
            ("@tomorrow", "2023-11-15 22:13:20.123Z".into()),
            ("@todayStart", "2023-11-14 00:00:00.000Z".into()),
            ("@todayEnd", "2023-11-14 23:59:59.999Z".into()),
            ("@monthStart", "2023-11-01 00:00:00.000Z".into()),
            ("@monthEnd", "2023-11-30 23:59:59.999Z".into()),
            ("@yearStart", "2023-01-01 00:00:00.000Z".into()),
            ("@yearEnd", "2023-12-31 23:59:59.999Z".into()),
            ("@second", Value::Int(20)),
            ("@minute", Value::Int(13)),
            ("@hour", Value::Int(22)),
            ("@day", Value::Int(14)),
            ("@month", Value::Int(11)),
            ("@weekday", Value::Int(2)),
            ("@year", Value::Int(2023)),
        ] {
            assert_eq!(value(name, now), Some(expected), "{name}");
        }
        assert_eq!((value("@NOW", now), value("now", now)), (None, None));
    }
}
