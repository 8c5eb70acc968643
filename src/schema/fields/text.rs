//! Field kind `text`: plain text; also what ids are.

use serde::{Deserialize, Serialize};

/// Plain text; also what ids are. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Text {
    /// `autogenerate_pattern`.
    pub autogenerate_pattern: String,
    /// `min`.
    pub min: i64,
    /// `max`.
    pub max: i64,
    /// `pattern`.
    pub pattern: String,
    /// `primary_key`.
    pub primary_key: bool,
}
