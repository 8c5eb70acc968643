//! Field kind `date`: a moment in UTC.

use serde::{Deserialize, Serialize};

/// A moment in UTC. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Date {
    /// `min`.
    pub min: String,
    /// `max`.
    pub max: String,
}
