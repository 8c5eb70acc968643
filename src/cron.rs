//! Cron expressions: five fields in UTC, parsed to sets of numbers. Pure: it is told the time.

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::clock::DateTime;

const MINUTE_MS: i64 = 60_000;
/// Days to look ahead: 29 February may take 40 years to fall on a given weekday again.
const MAX_DAYS: usize = 41 * 366;

/// When a job is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
}

/// Why a text is no cron expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// Neither a macro nor five fields with one space between them.
    #[error("Invalid cron expression - write a macro such as @daily, or 5 fields.")]
    Shape,
    /// A number is missing or outside of its field's range.
    #[error("Invalid cron expression - '{0}' must be within {1} and {2}.")]
    Value(String, u32, u32),
    /// A step that is no number, is out of range, or follows a single value.
    #[error("Invalid cron expression - '{0}' is no valid step.")]
    Step(String),
}

impl Schedule {
    /// Reads `minute hour day month weekday`, with lists, ranges and steps, or a macro.
    ///
    /// # Errors
    /// What is wrong with the first field at fault.
    pub fn parse(text: &str) -> Result<Self, CronError> {
        let fields: Vec<&str> = spelled_out(text).split(' ').collect();
        let &[minutes, hours, days, months, weekdays] = fields.as_slice() else {
            return Err(CronError::Shape);
        };
        Ok(Self {
            minutes: field(minutes, 0, 59)?,
            hours: field(hours, 0, 23)?,
            days: field(days, 1, 31)?,
            months: field(months, 1, 12)?,
            weekdays: field(weekdays, 0, 6)?,
        })
    }

    /// The first minute after that of `moment` in which the job is due: all five fields must
    /// agree. `None` for a day that never comes, such as 30 February.
    pub fn next_after(&self, moment: DateTime) -> Option<DateTime> {
        let minute = moment.unix_ms().div_euclid(MINUTE_MS).saturating_add(1);
        let from = DateTime::from_unix_ms(minute.saturating_mul(MINUTE_MS)).civil();
        let days = from.date().series(1.day()).take(MAX_DAYS);
        days.filter(|date| self.has_day(*date)).find_map(|date| {
            let (hour, minute) = match date == from.date() {
                true => (from.hour(), from.minute()),
                false => (0, 0),
            };
            let (hour, minute) = self.time_from(hour, minute)?;
            Some(DateTime::from_civil(date.at(hour, minute, 0, 0)))
        })
    }

    fn has_day(&self, date: Date) -> bool {
        has(self.days, date.day())
            && has(self.months, date.month())
            && has(self.weekdays, date.weekday().to_sunday_zero_offset())
    }

    /// The first time of a day, not before `hour:minute`.
    fn time_from(&self, hour: i8, minute: i8) -> Option<(i8, i8)> {
        (hour..24).filter(|this| has(self.hours, *this)).find_map(|this| {
            let from = if this == hour { minute } else { 0 };
            (from..60).find(|minute| has(self.minutes, *minute)).map(|minute| (this, minute))
        })
    }
}

/// A macro as the five fields it stands for; anything else as it is.
pub fn spelled_out(text: &str) -> &str {
    match text {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        other => other,
    }
}

fn has(set: u64, number: i8) -> bool {
    set >> number.unsigned_abs() & 1 == 1
}

/// A comma list of `*`, `a`, `a-b`, each with an optional `/step`, as a set of bits.
fn field(text: &str, min: u32, max: u32) -> Result<u64, CronError> {
    let number = |part: &str, low: u32| match part.parse::<u32>() {
        Ok(number) if (low..=max).contains(&number) => Ok(number),
        _ => Err(CronError::Value(part.to_owned(), low, max)),
    };
    let mut set = 0;
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => match step.parse::<u32>() {
                Ok(step_size) if (1..=max).contains(&step_size) => (range, step_size),
                _ => return Err(CronError::Step(part.to_owned())),
            },
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (min, max),
            Some((from, to)) => {
                let from = number(from, min)?;
                (from, number(to, from)?)
            }
            None if step > 1 => return Err(CronError::Step(part.to_owned())),
            None => {
                let only = number(range, min)?;
                (only, only)
            }
        };
        for number in (from..=to).step_by(step as usize) {
            set |= 1 << number;
        }
    }
    Ok(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asked of PocketBase 0.40.6, one by one.
    const TAKEN: &[&str] = &[
        "* * * * *",
        "@yearly",
        "@annually",
        "@monthly",
        "@weekly",
        "@daily",
        "@midnight",
        "@hourly",
        "0 0 * * *",
        "*/5 * * * *",
        "*/1 * * * *",
        "*/59 * * * *",
        "1-5 * * * *",
        "5-5 * * * *",
        "1-5/2 * * * *",
        "1/1 * * * *",
        "1,2,3 * * * *",
        "*,1 * * * *",
        "59 * * * *",
        "+1 * * * *",
        "01 * * * *",
        "00001 * * * *",
        "* 23 * * *",
        "* */23 * * *",
        "* * 1 * *",
        "* * 31 * *",
        "* * */31 * *",
        "* * * 12 *",
        "* * * */12 *",
        "* * * * 0",
        "* * * * 6",
        "* * * * */6",
        "* * * * 0-6",
        "* * 30 2 *",
        "0-59/59 * * * *",
        "*/+2 * * * *",
        "+1-+3 * * * *",
        "1-3,5-7/2,*/10 * * * *",
        "*/02 * * * *",
        "1-05 * * * *",
        "1-1/5 * * * *",
        "1-5/5 * * * *",
        "1-5/6 * * * *",
        "1-5/59 * * * *",
        "* * 2-3/31 * *",
    ];
    const REFUSED: &[&str] = &[
        "@reboot",
        "@DAILY",
        " @daily",
        "@daily ",
        "@every 1h",
        "*/60 * * * *",
        "*/0 * * * *",
        "*/100 * * * *",
        "*/-1 * * * *",
        "5-1 * * * *",
        "1-5/0 * * * *",
        "1/2 * * * *",
        "1,,2 * * * *",
        "1, * * * *",
        ", * * * *",
        "*-5 * * * *",
        "1-* * * * *",
        "60 * * * *",
        "-1 * * * *",
        "1.0 * * * *",
        "1e1 * * * *",
        "a * * * *",
        "? * * * *",
        "* 24 * * *",
        "* */24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * L * *",
        "* * 15W * *",
        "* * */32 * *",
        "* * * 0 *",
        "* * * 13 *",
        "* * * JAN *",
        "* * * jan *",
        "* * * */13 *",
        "* * * * 7",
        "* * * * MON",
        "* * * * mon-fri",
        "* * * * 1#2",
        "* * * * 5L",
        "* * * * */7",
        "* * * * 0-7",
        "* *  * * *",
        " * * * * *",
        "* * * * * ",
        "* * * *",
        "* * * * * *",
        "*\t* * * *",
        "\u{661} * * * *",
        "1-2-3 * * * *",
        "*/2/3 * * * *",
        "*/ * * * *",
        "/2 * * * *",
        "1- * * * *",
        "99999999999 * * * *",
        "0-59/60 * * * *",
        "H * * * *",
        "0x1 * * * *",
        "1_0 * * * *",
        "18446744073709551616 * * * *",
        "@yearly 1",
        "** * * * *",
        "1--2 * * * *",
        "*/1-2 * * * *",
        "",
    ];

    #[test]
    fn expressions_are_taken_or_refused_as_by_the_reference() {
        for text in TAKEN {
            assert!(Schedule::parse(text).is_ok(), "{text:?}");
        }
        for text in REFUSED {
            assert!(Schedule::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_next_minute_is_the_first_in_which_all_fields_agree() {
        // A Tuesday.
        let now = DateTime::from_unix_ms(1_700_000_000_123);
        assert_eq!(now.to_string(), "2023-11-14 22:13:20.123Z");
        for (text, next) in [
            ("* * * * *", "2023-11-14 22:14"),
            ("13 22 * * *", "2023-11-15 22:13"),
            ("14 22 14 11 2", "2023-11-14 22:14"),
            ("14 22 14 11 3", "2029-11-14 22:14"),
            ("*/13 * * * *", "2023-11-14 22:26"),
            ("10-20/4 * * * *", "2023-11-14 22:14"),
            ("@hourly", "2023-11-14 23:00"),
            ("@daily", "2023-11-15 00:00"),
            ("@weekly", "2023-11-19 00:00"),
            ("@monthly", "2023-12-01 00:00"),
            ("@yearly", "2024-01-01 00:00"),
            ("0 */6 * * *", "2023-11-15 00:00"),
            ("59 23 31 12 *", "2023-12-31 23:59"),
            ("0 0 29 2 *", "2024-02-29 00:00"),
            ("0 0 29 2 1", "2044-02-29 00:00"),
            ("12,13 20-23 * * 1-5", "2023-11-14 23:12"),
        ] {
            let found = Schedule::parse(text).unwrap().next_after(now).unwrap();
            assert_eq!(found.to_string(), format!("{next}:00.000Z"), "{text}");
        }
        assert_eq!(Schedule::parse("0 0 30 2 *").unwrap().next_after(now), None);
    }

    #[test]
    fn no_due_minute_is_left_out_and_none_is_added() {
        let start = DateTime::from_unix_ms(1_709_078_400_000); // 28 February 2024
        for text in ["7 */3 * * *", "*/17 1-5 29 2 *", "0,30 22 * * 4,5"] {
            let schedule = Schedule::parse(text).unwrap();
            let mut walked = start;
            for minute in 1..=3 * 24 * 60 {
                let moment = DateTime::from_unix_ms(start.unix_ms() + minute * MINUTE_MS);
                let civil = moment.civil();
                let is_due = schedule.has_day(civil.date())
                    && has(schedule.hours, civil.hour())
                    && has(schedule.minutes, civil.minute());
                if is_due {
                    walked = schedule.next_after(walked).unwrap();
                    assert_eq!(walked, moment, "{text}");
                }
            }
            assert!(walked > start, "{text}");
        }
    }
}
