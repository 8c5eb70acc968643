//! Field kind `json`: any JSON value.

use serde::{Deserialize, Serialize};

/// Any JSON value. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Json {
    /// `max_size`.
    pub max_size: i64,
}
