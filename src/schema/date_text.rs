//! Dates as clients write them (contract §1.7): a table of accepted layouts and its reader.

use jiff::civil::{Date, Time};

use crate::clock::DateTime;

/// One element of a layout.
#[derive(Clone, Copy)]
enum Part {
    /// Four digits.
    Year,
    /// Two digits: 69 to 99 are of the last century.
    ShortYear,
    /// Two digits.
    Month,
    /// `Jan`, in any case.
    MonthName,
    /// Two digits.
    Day,
    /// One or two digits, after an optional space.
    PaddedDay,
    /// `Mon`, in any case; not compared with the date.
    Weekday,
    /// `Monday`, in any case; not compared with the date.
    LongWeekday,
    /// One or two digits, 0 to 23.
    Hour,
    /// One or two digits, 1 to 12.
    Hour12,
    /// Two digits.
    Minute,
    /// Two digits, with a fraction if one follows.
    Second,
    /// `AM` or `PM`.
    HalfDay,
    /// `+0200` or `+02:00`.
    Offset,
    /// `Z`, `+0200` or `+02:00`.
    OffsetOrZ,
    /// `GMT` and the like; names of zones do not shift the time.
    ZoneName,
    /// This text.
    Literal(&'static str),
}

use Part::{
    Day, HalfDay, Hour, Hour12, Literal, LongWeekday, Minute, Month, MonthName, Offset, OffsetOrZ,
    PaddedDay, Second, ShortYear, Weekday, Year, ZoneName,
};

const DASH: Part = Literal("-");
const COLON: Part = Literal(":");
const SPACE: Part = Literal(" ");

/// What is accepted; the first layout that reads all of a text wins.
const LAYOUTS: &[&[Part]] = &[
    &[Year, DASH, Month, DASH, Day],
    &[Year, DASH, Month, DASH, Day, SPACE, Hour, COLON, Minute, COLON, Second],
    &[Year, DASH, Month, DASH, Day, SPACE, Hour, COLON, Minute, COLON, Second, OffsetOrZ],
    &[Year, DASH, Month, DASH, Day, Literal("T"), Hour, COLON, Minute, COLON, Second, OffsetOrZ],
    &[Year, DASH, Month, DASH, Day, Literal("T"), Hour, COLON, Minute, COLON, Second],
    &[Year, DASH, Month, DASH, Day, SPACE, Hour, COLON, Minute, COLON, Second, SPACE, Offset],
    &[
        Year, DASH, Month, DASH, Day, SPACE, Hour, COLON, Minute, COLON, Second, SPACE, Offset,
        SPACE, ZoneName,
    ],
    &[
        Weekday,
        Literal(", "),
        Day,
        SPACE,
        MonthName,
        SPACE,
        Year,
        SPACE,
        Hour,
        COLON,
        Minute,
        COLON,
        Second,
        SPACE,
        Offset,
    ],
    &[
        Weekday,
        Literal(", "),
        Day,
        SPACE,
        MonthName,
        SPACE,
        Year,
        SPACE,
        Hour,
        COLON,
        Minute,
        COLON,
        Second,
        SPACE,
        ZoneName,
    ],
    &[Day, SPACE, MonthName, SPACE, ShortYear, SPACE, Hour, COLON, Minute, SPACE, Offset],
    &[Day, SPACE, MonthName, SPACE, ShortYear, SPACE, Hour, COLON, Minute, SPACE, ZoneName],
    &[
        LongWeekday,
        Literal(", "),
        Day,
        DASH,
        MonthName,
        DASH,
        ShortYear,
        SPACE,
        Hour,
        COLON,
        Minute,
        COLON,
        Second,
        SPACE,
        ZoneName,
    ],
    &[
        Weekday, SPACE, MonthName, SPACE, PaddedDay, SPACE, Hour, COLON, Minute, COLON, Second,
        SPACE, Year,
    ],
    &[
        Weekday, SPACE, MonthName, SPACE, PaddedDay, SPACE, Hour, COLON, Minute, COLON, Second,
        SPACE, ZoneName, SPACE, Year,
    ],
    &[
        Weekday, SPACE, MonthName, SPACE, Day, SPACE, Hour, COLON, Minute, COLON, Second, SPACE,
        Offset, SPACE, Year,
    ],
    &[Day, SPACE, MonthName, SPACE, Year],
    &[Hour12, COLON, Minute, HalfDay],
    &[MonthName, SPACE, PaddedDay, SPACE, Hour, COLON, Minute, COLON, Second],
];

/// The first moment of the year 0 and the last of 9999.
const FIRST_MS: i64 = -62_167_219_200_000;
const LAST_MS: i64 = 253_402_300_799_999;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The moment a text names, in the form of the disk; `""` for what names none.
pub fn normalize(text: &str) -> String {
    if is_normal(text) {
        return text.to_owned();
    }
    parse(text).map(|moment| moment.to_string()).unwrap_or_default()
}

/// The moment a text names. The first moment of the year 1 is how some clients write none.
pub fn parse(text: &str) -> Option<DateTime> {
    let moment = LAYOUTS.iter().find_map(|layout| Reader::read(text, layout))?;
    let is_zero = moment.unix_ms() == -62_135_596_800_000;
    (!is_zero).then_some(moment)
}

/// True for a common date that is in the form of the disk already.
fn is_normal(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_shaped = bytes.len() == 24
        && bytes.iter().zip(b"0000-00-00 00:00:00.000Z").all(|(byte, shape)| match shape {
            b'0' => byte.is_ascii_digit(),
            _ => byte == shape,
        });
    // Days past 28 and leap seconds are left to the full reader, and so is the year 1.
    is_shaped
        && &text[..4] > "0001"
        && ("01"..="12").contains(&&text[5..7])
        && ("01"..="28").contains(&&text[8..10])
        && &text[11..13] < "24"
        && &text[14..16] < "60"
        && &text[17..19] < "60"
}

/// What was read so far, and what is left to read.
struct Reader<'a> {
    rest: &'a str,
    year: i16,
    month: i8,
    day: i8,
    hour: i8,
    minute: i8,
    second: i8,
    nanosecond: i32,
    is_afternoon: bool,
    is_half_day: bool,
    offset_secs: i64,
}

impl<'a> Reader<'a> {
    fn read(text: &'a str, layout: &[Part]) -> Option<DateTime> {
        let mut reader = Self {
            rest: text,
            year: 0,
            month: 1,
            day: 1,
            hour: 0,
            minute: 0,
            second: 0,
            nanosecond: 0,
            is_afternoon: false,
            is_half_day: false,
            offset_secs: 0,
        };
        for part in layout {
            reader.part(*part)?;
        }
        if reader.rest.is_empty() { reader.moment() } else { None }
    }

    fn moment(&self) -> Option<DateTime> {
        let hour = match (self.is_half_day, self.is_afternoon, self.hour) {
            (false, _, hour) => hour,
            (true, is_afternoon, hour @ 1..=12) => hour % 12 + if is_afternoon { 12 } else { 0 },
            (true, ..) => return None,
        };
        let date = Date::new(self.year, self.month, self.day).ok()?;
        let nanosecond = self.nanosecond / 1_000_000 * 1_000_000;
        // The 60th second of a leap minute is refused, as the calendar of the wire has none.
        let second = (self.second < 60).then_some(self.second)?;
        let time = Time::new(hour, self.minute, second, nanosecond).ok()?;
        let local = DateTime::from_civil(date.to_datetime(time));
        let moment = DateTime::from_unix_ms(local.unix_ms() - self.offset_secs * 1000);
        // An offset can lead past the years that four digits can say.
        (FIRST_MS..=LAST_MS).contains(&moment.unix_ms()).then_some(moment)
    }

    fn part(&mut self, part: Part) -> Option<()> {
        match part {
            Year => self.year = self.digits(4, 4)?,
            ShortYear => {
                let year: i16 = self.digits(2, 2)?;
                self.year = if year >= 69 { 1900 + year } else { 2000 + year };
            }
            Month => self.month = self.digits(2, 2)?,
            MonthName => {
                let name = self.take(3)?;
                let at = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(name))?;
                self.month = i8::try_from(at + 1).ok()?;
            }
            Day => self.day = self.digits(2, 2)?,
            PaddedDay => {
                self.rest = self.rest.strip_prefix(' ').unwrap_or(self.rest);
                self.day = self.digits(1, 2)?;
            }
            Weekday => {
                let name = self.take(3)?;
                WEEKDAYS.iter().find(|day| day[..3].eq_ignore_ascii_case(name))?;
            }
            LongWeekday => {
                let end = self.rest.find(|c: char| !c.is_ascii_alphabetic())?;
                let name = self.take(end)?;
                WEEKDAYS.iter().find(|day| day.eq_ignore_ascii_case(name))?;
            }
            Hour => self.hour = self.digits(1, 2)?,
            Hour12 => {
                self.hour = self.digits(1, 2)?;
                self.is_half_day = true;
            }
            Minute => self.minute = self.digits(2, 2)?,
            Second => self.second()?,
            HalfDay => {
                self.is_afternoon = match self.take(2)? {
                    "AM" => false,
                    "PM" => true,
                    _ => return None,
                }
            }
            OffsetOrZ if self.rest.starts_with('Z') => self.rest = &self.rest[1..],
            Offset | OffsetOrZ => self.offset()?,
            ZoneName => {
                let end = self.rest.find(|c: char| !c.is_ascii_uppercase());
                let name = self.take(end.unwrap_or(self.rest.len()))?;
                (3..=4).contains(&name.len()).then_some(())?;
            }
            Literal(text) => self.rest = self.rest.strip_prefix(text)?,
        }
        Some(())
    }

    fn second(&mut self) -> Option<()> {
        self.second = self.digits(2, 2)?;
        if let Some(fraction) = self.rest.strip_prefix(['.', ',']) {
            let end = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
            if end == 0 {
                return None;
            }
            let nanos = format!("{:0<9}", &fraction[..end.min(9)]);
            self.nanosecond = nanos.parse().ok()?;
            self.rest = &fraction[end..];
        }
        Some(())
    }

    fn offset(&mut self) -> Option<()> {
        let sign = match self.take(1)? {
            "+" => 1,
            "-" => -1,
            _ => return None,
        };
        let hours: i64 = self.digits(2, 2)?;
        self.rest = self.rest.strip_prefix(':').unwrap_or(self.rest);
        let minutes: i64 = self.digits(2, 2)?;
        if hours > 24 || minutes >= 60 {
            return None;
        }
        self.offset_secs = sign * (hours * 3600 + minutes * 60);
        Some(())
    }

    fn take(&mut self, length: usize) -> Option<&'a str> {
        let taken = self.rest.get(..length)?;
        self.rest = &self.rest[length..];
        Some(taken)
    }

    fn digits<T: std::str::FromStr>(&mut self, least: usize, most: usize) -> Option<T> {
        let count = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        if count < least { None } else { self.take(count)?.parse().ok() }
    }
}

/// `moment` as messages show it: `2030-01-01 00:00:00 +0000 UTC`, and as their parameters do:
/// `2030-01-01T00:00:00Z`.
pub fn spellings(moment: DateTime) -> (String, String) {
    let text = moment.to_string();
    let (date, time) = text.split_once(' ').unwrap_or((&text, ""));
    let time = time.trim_end_matches('Z');
    let time = match time.split_once('.') {
        Some((whole, fraction)) => {
            let digits = fraction.trim_end_matches('0');
            if digits.is_empty() { whole.to_owned() } else { format!("{whole}.{digits}") }
        }
        None => time.to_owned(),
    };
    (format!("{date} {time} +0000 UTC"), format!("{date}T{time}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_observed() {
        for (text, expected) in [
            ("2022-01-02", "2022-01-02 00:00:00.000Z"),
            ("2022-01-02 03:04:05", "2022-01-02 03:04:05.000Z"),
            ("2022-01-02 03:04:05Z", "2022-01-02 03:04:05.000Z"),
            ("2022-01-02 03:04:05.1Z", "2022-01-02 03:04:05.100Z"),
            ("2022-01-02 03:04:05.123456789Z", "2022-01-02 03:04:05.123Z"),
            ("2022-01-02 03:04:05,5", "2022-01-02 03:04:05.500Z"),
            ("2022-01-02 3:04:05", "2022-01-02 03:04:05.000Z"),
            ("2022-01-02T03:04:05", "2022-01-02 03:04:05.000Z"),
            ("2022-01-02T03:04:05.5+02:00", "2022-01-02 01:04:05.500Z"),
            ("2022-01-02T03:04:05+0200", "2022-01-02 01:04:05.000Z"),
            ("2022-01-02 03:04:05 +0200", "2022-01-02 01:04:05.000Z"),
            ("2022-01-02 03:04:05 +02:00", "2022-01-02 01:04:05.000Z"),
            ("2022-01-02 03:04:05 +0200 CET", "2022-01-02 01:04:05.000Z"),
            ("2022-01-02T03:04:05+24:00", "2022-01-01 03:04:05.000Z"),
            ("Mon, 02 Jan 2006 15:04:05 GMT", "2006-01-02 15:04:05.000Z"),
            ("mon, 02 jan 2006 15:04:05 EST", "2006-01-02 15:04:05.000Z"),
            ("Mon, 02 Jan 2006 15:04:05 -0700", "2006-01-02 22:04:05.000Z"),
            ("02 Jan 2006", "2006-01-02 00:00:00.000Z"),
            ("02 Jan 06 15:04 MST", "2006-01-02 15:04:00.000Z"),
            ("Monday, 02-Jan-06 15:04:05 MST", "2006-01-02 15:04:05.000Z"),
            ("Mon Jan  2 15:04:05 2006", "2006-01-02 15:04:05.000Z"),
            ("Mon Jan 2 15:04:05 MST 2006", "2006-01-02 15:04:05.000Z"),
            ("Mon Jan 02 15:04:05 -0700 2006", "2006-01-02 22:04:05.000Z"),
            ("3:04PM", "0000-01-01 15:04:00.000Z"),
            ("12:04AM", "0000-01-01 00:04:00.000Z"),
            ("Jan  2 15:04:05.123", "0000-01-02 15:04:05.123Z"),
            ("2024-02-29", "2024-02-29 00:00:00.000Z"),
            ("0000-01-01", "0000-01-01 00:00:00.000Z"),
            ("9999-12-31T23:59:59.999Z", "9999-12-31 23:59:59.999Z"),
        ] {
            assert_eq!(normalize(text), expected, "{text}");
        }
    }

    #[test]
    fn what_names_no_moment_is_empty() {
        for text in [
            "",
            "2022-01-02 03:04",
            "2022-01-02T03:04",
            "2006-01",
            "2006",
            "Jan 2 2006",
            " 2022-01-02",
            "2022-01-02 ",
            "1640995200",
            "2022-02-30",
            "2023-02-29",
            "2022-13-01",
            "2022-01-02 24:00:00",
            "2022-01-02 03:60:00",
            "2022-01-02 03:04:60Z",
            "2022-1-2",
            "10000-01-01",
            "0001-01-01 00:00:00Z",
            "0001-01-01 00:00:00.000Z",
            "13:04PM",
            "3:04pm",
            "2022-01-02t03:04:05z",
            "2022-01-02T03:04:05+25:00",
            "9999-12-31T23:59:59-01:00",
            "0000-01-01T00:00:00+01:00",
            "2022-01-02 03:04:05.Z",
            "Xxx, 02 Jan 2006 15:04:05 GMT",
            "2 Jan 2006",
            "é",
        ] {
            assert_eq!(normalize(text), "", "{text}");
        }
    }

    #[test]
    fn the_short_way_and_the_table_agree() {
        for text in ["2022-02-28 03:04:05.123Z", "2022-02-29 00:00:00.000Z"] {
            assert_eq!(normalize(text), parse(text).map(|d| d.to_string()).unwrap_or_default());
        }
    }

    #[test]
    fn messages_spell_dates_their_own_way() {
        let moment = parse("2030-01-01 00:00:00.500Z").unwrap();
        let expected = ("2030-01-01 00:00:00.5 +0000 UTC", "2030-01-01T00:00:00.5Z");
        let (message, param) = spellings(moment);
        assert_eq!((message.as_str(), param.as_str()), expected);
        assert_eq!(spellings(parse("2030-01-01").unwrap()).1, "2030-01-01T00:00:00Z");
    }
}
