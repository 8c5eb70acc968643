//! Section `logs`: what of the activity is kept, and for how long.

use serde::{Deserialize, Serialize};

use crate::error::FieldErrors;
use crate::settings::check;

/// What of the activity is kept, and for how long.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// Whether time and number of a request's statements are kept. Beyond the contract.
    #[serde(rename = "logSQL", skip_serializing_if = "is_off")]
    pub log_sql: bool,
    /// Megabytes of the log's database; 0 for no limit. Beyond the contract.
    #[serde(skip_serializing_if = "is_usual_size")]
    pub max_size: i64,
}

/// Megabytes where nothing is said.
const USUAL_SIZE: i64 = 1024;

impl Default for Logs {
    fn default() -> Self {
        Self {
            max_data_size: 0,
            max_days: 0,
            min_level: 0,
            log_ip: false,
            log_auth_id: false,
            log_sql: false,
            max_size: USUAL_SIZE,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
fn is_off(switch: &bool) -> bool {
    !switch
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
fn is_usual_size(size: &i64) -> bool {
    *size == USUAL_SIZE
}

impl Logs {
    pub(super) fn fresh() -> Self {
        Self { max_days: 5, log_ip: true, ..Self::default() }
    }

    pub(super) fn validate(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        check::at_least(&mut errors, "maxDays", self.max_days, 0);
        check::at_least(&mut errors, "maxDataSize", self.max_data_size, 0);
        check::at_least(&mut errors, "maxSize", self.max_size, 0);
        errors
    }
}
