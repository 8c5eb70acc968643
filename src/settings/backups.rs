//! Section `backups`: when they are made by themselves, and where they go.

use serde::{Deserialize, Serialize};

use crate::codes::Code;
use crate::cron::Schedule;
use crate::error::{FieldErrors, Issue};
use crate::settings::{S3, check};

/// When backups are made by themselves, and where they go.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Backups {
    /// A cron expression; empty for never.
    pub cron: String,
    /// How many of those are kept.
    pub cron_max_keep: i64,
    /// Where they go, if not into the data folder.
    pub s3: S3,
}

impl Backups {
    pub(super) fn fresh() -> Self {
        Self { cron_max_keep: 3, ..Self::default() }
    }

    pub(super) fn validate(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        if !self.cron.is_empty() {
            if let Err(error) = Schedule::parse(&self.cron) {
                errors.add("cron", Issue::with_message(Code::InvalidCron, error.to_string()));
            }
            check::nonzero(&mut errors, "cronMaxKeep", self.cron_max_keep);
        }
        check::at_least(&mut errors, "cronMaxKeep", self.cron_max_keep, 1);
        errors.nest("s3", self.s3.validate());
        errors
    }
}
