//! Section `batch`: whether several writes may come in one request, and how many.

use serde::{Deserialize, Serialize};

use crate::error::FieldErrors;
use crate::settings::check;

/// Whether several writes may come in one request, and how many.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Batch {
    /// Whether they may.
    pub enabled: bool,
    /// How many.
    pub max_requests: i64,
    /// Seconds until the whole is given up.
    pub timeout: i64,
    /// Bytes of the body; 0 stands for 128 MiB.
    pub max_body_size: i64,
}

impl Batch {
    pub(super) fn fresh() -> Self {
        Self { enabled: false, max_requests: 50, timeout: 3, max_body_size: 0 }
    }

    pub(super) fn validate(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        for (field, number) in [("maxRequests", self.max_requests), ("timeout", self.timeout)] {
            if self.enabled {
                check::nonzero(&mut errors, field, number);
            }
            check::at_least(&mut errors, field, number, 0);
        }
        check::at_least(&mut errors, "maxBodySize", self.max_body_size, 0);
        errors
    }
}
