//! The clock of the machine, as far as the machine itself can tell.

use std::path::Path;
use std::time::UNIX_EPOCH;

use crate::checks::{Finding, Level};
use crate::clock::DateTime;
use crate::store::DatabaseFile;

/// This program was not there before: 2026-01-01.
const EARLIEST: DateTime = DateTime::from_unix_ms(1_767_225_600_000);
/// So far a file may be ahead of the clock.
const PATIENCE_MS: i64 = 5 * 60_000;

const WHY: &str = "tokens, codes and backups go by the clock: some end at once, others never";
const REMEDY: &str = "let the machine follow a time server";

pub(super) fn look(now: DateTime, dir: &Path) -> Vec<Finding> {
    if now < EARLIEST {
        let what = format!("the clock shows {now}, before this program was made");
        return vec![Finding::new("clock_behind", Level::Error, what, WHY, REMEDY)];
    }
    let written = std::fs::metadata(dir.join(DatabaseFile::NAME)).and_then(|data| data.modified());
    let written = written.ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let ahead = written.and_then(|since| i64::try_from(since.as_millis()).ok());
    match ahead {
        Some(ms) if ms > now.unix_ms().saturating_add(PATIENCE_MS) => {
            let written = DateTime::from_unix_ms(ms);
            let what = format!("the clock shows {now}, but the database was written at {written}");
            vec![Finding::new("clock_behind", Level::Warning, what, WHY, REMEDY)]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a folder is made up for the test")]
    fn a_clock_that_went_back_is_found() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(DatabaseFile::NAME), "").unwrap();
        let levels = |now| -> Vec<Level> {
            look(now, dir.path()).iter().map(|finding| finding.level).collect()
        };
        let now = crate::clock::Clock::system().now();
        assert_eq!(levels(now), []);
        assert_eq!(levels(DateTime::from_unix_ms(now.unix_ms() - 600_000)), [Level::Warning]);
        assert_eq!(levels(DateTime::from_unix_ms(0)), [Level::Error]);
    }
}
