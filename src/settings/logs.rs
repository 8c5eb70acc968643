//! Section `logs`: what of the activity is kept, and for how long.

use serde::{Deserialize, Serialize};

use crate::error::FieldErrors;
use crate::settings::check;

/// What of the activity is kept, and for how long.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Logs {
    /// Bytes of one entry's data; 0 for no limit.
    pub max_data_size: i64,
    /// Days an entry is kept; 0 turns the log off.
    pub max_days: i64,
    /// The least level that is kept.
    pub min_level: i64,
    /// Whether addresses are kept.
    #[serde(rename = "logIP")]
    pub log_ip: bool,
    /// Whether the id of who asked is kept.
    pub log_auth_id: bool,
}

impl Logs {
    pub(super) fn fresh() -> Self {
        Self { max_days: 5, log_ip: true, ..Self::default() }
    }

    pub(super) fn validate(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        check::at_least(&mut errors, "maxDays", self.max_days, 0);
        check::at_least(&mut errors, "maxDataSize", self.max_data_size, 0);
        errors
    }
}
