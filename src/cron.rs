//! Cron expressions: five fields in UTC, parsed to sets of numbers. Pure: it is told the time.

use crate::clock::DateTime;

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
        let text = match text {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            other => other,
        };
        let fields: Vec<&str> = text.split(' ').collect();
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

    /// True when the job is due in the minute of `moment`: all five fields must agree.
    pub fn is_due(&self, moment: DateTime) -> bool {
        let civil = moment.civil();
        let has = |set: u64, number: i8| set >> number.unsigned_abs() & 1 == 1;
        has(self.minutes, civil.minute())
            && has(self.hours, civil.hour())
            && has(self.days, civil.day())
            && has(self.months, civil.month())
            && has(self.weekdays, civil.date().weekday().to_sunday_zero_offset())
    }
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

    #[test]
    fn expressions_are_taken_or_refused() {
        for text in ["* * * * *", "@daily", "1-5/2,7 * * * 0-6", "*,1 * * * *", "01 * * * 6"] {
            assert!(Schedule::parse(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "bad",
            "@reboot",
            "@DAILY",
            "60 * * * *",
            "* * * * 7",
            "*/0 * * * *",
            "5-1 * * * *",
            "1/2 * * * *",
            "* *  * * *",
            "*/100 * * * *",
            "* * * * MON",
            "* * 0 * *",
            "-1 * * * *",
            "1- * * * *",
            ", * * * *",
            "* * * * * *",
            "99999999999 * * * *",
        ] {
            assert!(Schedule::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_schedule_is_due_when_all_fields_agree() {
        // 2023-11-14 22:13:20 UTC, a Tuesday.
        let moment = DateTime::from_unix_ms(1_700_000_000_123);
        for (text, due) in [
            ("* * * * *", true),
            ("13 22 14 11 2", true),
            ("13 22 14 11 3", false),
            ("*/13 * * * *", true),
            ("10-20/3 * * * *", true),
            ("10-20/4 * * * *", false),
            ("@hourly", false),
            ("12,13 20-23 * * 1-5", true),
        ] {
            assert_eq!(Schedule::parse(text).unwrap().is_due(moment), due, "{text}");
        }
    }
}
